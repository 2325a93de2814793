"""The product's answer to a world, laid out as the slow twin lays out its own."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pandas as pd

from pipelines.engine import stages
from pipelines.rules.policy import PolicyBook, parse_policy
from schemas.columns import KINDS
from schemas.rows.bank_transfers import BankTransferRow
from schemas.rows.capture_lines import CaptureLineRow
from schemas.rows.decisions import DecisionRow
from schemas.rows.registrants import RegistrantRow
from schemas.rows.remittances import RemittanceRow
from schemas.rows.settlements import SettlementRow
from schemas.table import Table
from schemas.tables.receipts import Receipt
from schemas.tables.rejections import Rejection
from tests.property.oracle import Answer, Key
from tests.property.oracle_world import PolicyEntry, Row, World

MODELS: dict[str, type[Table]] = {
    "registrants": RegistrantRow,
    "capture_lines": CaptureLineRow,
    "bank_transfers": BankTransferRow,
    "remittances": RemittanceRow,
    "settlements": SettlementRow,
    "decisions": DecisionRow,
}
PLACE = ["sha256", "sheet", "row"]
LAYOUT: dict[str, tuple[list[str], list[str]]] = {
    "payments": (
        ["payment_id"],
        [
            *["channel", "institution", "amount_centavos", "currency", "paid_at", "paid_on", "status", "month"],
            *["source_sha256", "source_sheet", "source_row"],
        ],
    ),
    "payment_rows": (["payment_id", *PLACE], ["role", "month"]),
    "settlements": (["company", "settlement_id", "month"], ["status", "deposit_centavos", "difference_centavos"]),
    "matches": (["payment_id", "capture_line"], ["nss", "rule", "month"]),
    "findings": (["payment_id", "capture_line", "nss"], ["reason"]),
    "dispositions": (
        ["payment_id", "capture_line", "bucket"],
        ["reason", "amount_centavos", "currency", "nss", "coverage_month", "month"],
    ),
    "payment_flags": (["payment_id", "flag"], []),
    "registry_rejections": (PLACE, []),
    "decisions": (PLACE, ["status"]),
    "decision_rejections": (PLACE, []),
    "coverage_activations": (
        ["month", "nss"],
        [
            *["coverage_month", "curp", "full_name", "umf", "clinic_status", "coverage_start", "coverage_end"],
            *["capture_line", "amount_due_centavos", "amount_applied_centavos", "paid_on"],
        ],
    ),
    "coverage_exceptions": (["month", "capture_line"], ["coverage_month", "nss", "amount_due_centavos", "reason"]),
}
"""Table → the columns of its key and the columns compared, in the order of the twin's tuples."""


def frame_of(kind: str, rows: list[Row]) -> pd.DataFrame:
    """The rows of one kind as its typed table."""
    model = MODELS[kind]
    columns = {name: _series([row[name] for row in rows], of) for name, of in model.kinds().items()}
    return model.conform(pd.DataFrame(columns))


def _series(values: list[Any], kind: str) -> pd.Series[Any]:
    dtype = KINDS[kind].pandas
    if "instant" in kind:
        return pd.Series(pd.to_datetime(values, utc=True)).astype(dtype)  # type: ignore[call-overload,no-any-return]
    if "date" in kind:
        return pd.Series(pd.to_datetime(values)).astype(dtype)  # type: ignore[call-overload,no-any-return]
    return pd.Series(values, dtype=dtype)


def book_of(policies: list[PolicyEntry]) -> PolicyBook:
    """The policy entries as the product reads them."""
    written = []
    for entry in policies:
        lines = (
            f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in entry.items()
        )
        written.append("[[policy]]\n" + "\n".join(lines))
    return parse_policy("\n".join(written))


def read_world(world: World) -> dict[str, pd.DataFrame]:
    """What landing hands to the rules: the rows of every kind, one accepted receipt a file, no rejection of reading."""
    frames = {kind: frame_of(kind, getattr(world, kind)) for kind in MODELS}
    tables = {stages.ROW_TABLES[kind]: frame for kind, frame in frames.items()}
    return {**tables, "landed_receipts": _receipts(frames), "read_rejections": Rejection.empty()}


def _receipts(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    amounts = {
        "bank_transfers": ("amount_centavos", "currency"),
        "remittances": ("pay_amount_centavos", "pay_currency"),
    }
    receipts = []
    for kind, frame in frames.items():
        for (name, sha256), rows in frame.groupby(["file_name", "sha256"]):
            amount, currency = amounts.get(kind, ("", ""))
            pesos = int(rows.loc[rows[currency] == "MXN", amount].sum()) if amount else 0
            receipts.append((name, sha256, kind, "accepted", "", rows["received_at"].iloc[0], len(rows), 0, pesos))
    columns = pd.DataFrame(receipts, columns=list(Receipt.kinds()))
    return Receipt.conform(columns.astype({name: KINDS[kind].pandas for name, kind in Receipt.kinds().items()}))


def reconcile(world: World) -> tuple[dict[str, pd.DataFrame], PolicyBook]:
    """Every stage up to the flags."""
    policy = book_of(world.policies)
    tables = read_world(world)
    tables |= stages.register(tables)
    tables |= stages.identify(tables, policy)
    tables |= stages.settle(tables)
    tables |= stages.match(tables, policy)
    tables |= stages.allocate(tables, policy)
    return tables | stages.flag(tables, policy), policy


def failed_proofs(tables: dict[str, pd.DataFrame], month: str, policy: PolicyBook) -> list[Key]:
    """The lines of the month's certificate that did not pass."""
    known = dict(tables) | stages.cover(tables, month)
    known |= stages.account(known)
    certificate = stages.prove(known, month, policy)["certificate"]
    failed = certificate[~certificate["passed"]]
    return [tuple(row) for row in failed.itertuples(index=False)]


def answer(world: World, months: list[str]) -> Answer:
    """Every table of the product for the months, laid out as the twin's."""
    tables, policy = reconcile(world)
    found: Answer = {name: _laid_out(tables[name], name) for name in LAYOUT if name in tables}
    for name in ("coverage_activations", "coverage_exceptions"):
        found[name] = {}
    for month in months:
        covered = stages.cover(tables, month)
        for name in ("coverage_activations", "coverage_exceptions"):
            found[name] |= _laid_out(covered[name], name)
    found["failed_proofs"] = dict.fromkeys(failed_proofs(tables, months[len(months) // 2], policy), ())
    found["findings"] = _comparable_findings(found["findings"], tables)
    return found


def _comparable_findings(
    findings: dict[Key, tuple[object, ...]], tables: dict[str, pd.DataFrame]
) -> dict[Key, tuple[object, ...]]:
    """Those of payments that the rules alone held or confirmed, as in the twin."""
    standings = tables["payment_standings"]
    waiting = standings[standings["bucket"].isin(["held", "confirmed"]) & (standings["reason"] != "conflicting_rows")]
    matches = tables["matches"]
    decided = set(matches.loc[matches["rule"] == "decision", "payment_id"])
    wanted = set(waiting["payment_id"]) - decided
    return {key: row for key, row in findings.items() if key[0] in wanted}


def _laid_out(frame: pd.DataFrame, name: str) -> dict[Key, tuple[object, ...]]:
    key, rest = LAYOUT[name]
    plain = {column: [_plain(value, column) for value in frame[column]] for column in key + rest}
    keys = list(zip(*(plain[column] for column in key), strict=True))
    assert len(keys) == len(set(keys)), f"{name}: two rows of one key"
    if not rest:
        return dict.fromkeys(keys, ())
    return dict(zip(keys, zip(*(plain[column] for column in rest), strict=True), strict=True))


def _plain(value: Any, column: str) -> object:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime().astimezone(UTC) if column.endswith("_at") else value.date()
    if value is pd.NaT or value is None:
        return None
    return value.item() if hasattr(value, "item") else value
