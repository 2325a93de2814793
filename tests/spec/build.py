"""From the small rows of a case to the typed tables the rules take, and back to text that a case can hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from pipelines.engine import stages
from pipelines.rules import receipts as receipt_rules
from pipelines.rules.changes import Before
from pipelines.rules.policy import PolicyBook, parse_policy
from schemas.columns import KINDS
from schemas.identifiers.capture_line import normalise
from schemas.rows.bank_transfers import BankTransferRow
from schemas.rows.capture_lines import CaptureLineRow
from schemas.rows.decisions import DecisionRow
from schemas.rows.registrants import RegistrantRow
from schemas.rows.remittances import RemittanceRow
from schemas.rows.settlements import SettlementRow
from schemas.tables.coverage_activations import CoverageActivation
from schemas.tables.coverage_exceptions import CoverageException
from schemas.tables.landings import Landing
from schemas.tables.rejections import Rejection
from tests.spec.cast import PEOPLE, code, people, spelled_out

if TYPE_CHECKING:
    from schemas.table import Table
    from tests.spec.case import Case, Row, Rows

NOON: Final = "2026-10-05T12:00:00-06:00"
"""When a payment of a case is made unless it says otherwise: well before the cut-off of October 2026."""

NEW: Final = "-new"
"""How the SHA-256 of the file ends whose rows say ``file: new``: the publication before did not know it."""

PLACE: Final = {"file_name": "", "sha256": "", "sheet": "", "row": "0", "received_at": "2026-11-01T06:00:00Z"}

DEFAULTS: Final[dict[str, Row]] = {
    "registrants": {
        "email": "", "postal_code": "", "state": "", "municipality": "", "monthly_income": "", "occupation": "",
        "registered_on": "2026-01-05", "updated_at": "2026-09-01T12:00:00Z",
    },
    "capture_lines": {
        "coverage_month": "2026-11", "amount_due": "500.00", "issued_on": "2026-09-01", "expires_on": "",
        "status": "issued", "updated_at": "2026-09-01T12:00:00Z",
    },
    "bank_transfers": {
        "credited_at": NOON, "sender_bank": "AZUL", "sender_account": "", "sender_name": "", "receiver_account": "",
        "amount": "500.00", "currency": "MXN", "numeric_reference": "", "concept": "", "status": "credited",
    },
    "remittances": {
        "company": "NORTE", "settlement_id": "", "status": "paid", "sent_at": NOON, "sender_name": "",
        "send_amount": "", "send_currency": "", "fx_rate": "", "pay_amount": "500.00", "pay_currency": "MXN",
        "fee": "", "capture_line": "", "nss": "", "curp": "", "message": "",
    },
    "settlements": {
        "company": "NORTE", "settled_on": "2026-10-09", "items": "1", "gross_amount": "500.00", "fee_amount": "0.00",
        "net_amount": "500.00", "currency": "MXN", "sender_bank": "ROJO",
    },
    "activations": {
        "coverage_month": "2026-11", "clinic_status": "assigned", "coverage_start": "2026-11-01",
        "coverage_end": "2026-11-30", "amount_due": "500.00", "amount_applied": "500.00", "paid_on": "2026-10-05",
        "month": "2026-10",
    },
    "decisions": {
        "capture_line": "", "reason": "asked by telephone", "decided_by": "Diana", "approved_by": "Elías",
        "decided_at": "2026-10-20T12:00:00Z", "facts": "",
    },
}  # fmt: skip
"""What a row of a case holds where it does not say."""

MODELS: Final[dict[str, type[Table]]] = {
    "registrants": RegistrantRow,
    "capture_lines": CaptureLineRow,
    "bank_transfers": BankTransferRow,
    "remittances": RemittanceRow,
    "settlements": SettlementRow,
    "decisions": DecisionRow,
}
RENAMED: Final = {
    "amount": "amount_centavos",
    "amount_due": "amount_due_centavos",
    "amount_applied": "amount_applied_centavos",
    "pay_amount": "pay_amount_centavos",
    "fee": "fee_centavos",
    "gross_amount": "gross_centavos",
    "fee_amount": "fee_centavos",
    "net_amount": "net_centavos",
}
"""Column of a canonical file → column of its typed row."""

POLICY: Final[Row] = {
    "effective_from": "2024-01", "due_day": "15", "due_day_roll": "none", "timezone": "America/Mexico_City",
    "paid_on": "made", "tolerance_centavos": "0", "require_settlement": "false", "window_months": "2",
}  # fmt: skip
"""The default policy but for settlements: a remittance waits for one only in the cases that are about it."""


def policy_of(case: Case) -> PolicyBook:
    """The policy of a case: one entry, or two where it changes."""
    entries = [POLICY | case.policy] + ([POLICY | case.policy | case.later_policy] if case.later_policy else [])
    return parse_policy("\n".join(policy_toml(entry) for entry in entries))


def policy_toml(entry: Row) -> str:
    """One policy entry as TOML."""
    plain = re.compile(r"[0-9]+|true|false")
    return "[[policy]]\n" + "\n".join(
        f"{key} = {value}" if plain.fullmatch(value) else f'{key} = "{value}"' for key, value in entry.items()
    )


def registries() -> Rows:
    """The registries of a case that gives none: the whole cast, and a line of 500.00 for Ana and for Beto."""
    return {
        "registrants": [{"who": who} for who in PEOPLE],
        "capture_lines": [{"line": "ANA-OCT26", "of": "ana"}, {"line": "BETO-OCT26", "of": "beto"}],
    }


def rows_of(given: Rows, number: int = 0) -> dict[str, pd.DataFrame]:
    """The typed rows of every canonical file of case ``number``, by kind; one file a kind, its rows counted from 2."""
    whole = registries() | given
    return {kind: _frame(kind, whole.get(kind, []), number) for kind in MODELS}


def tables_of(rows: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with which a reconciliation begins: typed rows, receipts of their files, no rejections yet."""
    return row_tables(rows) | {"landed_receipts": receipts_of(rows), "read_rejections": Rejection.empty()}


def row_tables(rows: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The typed rows under the names that the stages give them."""
    return {stages.ROW_TABLES[kind]: frame for kind, frame in rows.items()}


def receipts_of(rows: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Receipts of the files that the rows stand in, all accepted."""
    files = pd.concat([frame[["file_name", "sha256", "received_at"]] for frame in rows.values()])
    counts = files.groupby(["file_name", "sha256", "received_at"]).size().rename("rows").reset_index()
    texts = {"layout": "canonical", "kind": "canonical"}
    texts |= dict.fromkeys(["refusal", "hold", "notes", "series", "rows_digest", "months"], "")
    landed = counts.assign(**texts, number=0, rejected_rows=0, amount_centavos=0)
    landed["rows_digest"] = landed["sha256"]
    return receipt_rules.receipts(Landing.conform(landed.astype(dict.fromkeys(texts, "str"))))


def reconciled(case: Case) -> dict[str, pd.DataFrame]:
    """Every table of the month of a case that stands alone."""
    return stages.reconcile(tables_of(rows_of(case.given)), case.month, policy_of(case), before_of(case))


def before_of(case: Case, number: int = 0) -> Before | None:
    """The publication before; None where the case has none."""
    if not case.before:
        return None
    rows = [row for row in case.before if "who" in row]
    written = [_spelled(DEFAULTS["activations"] | _person(row, number), number) for row in rows]
    renamed = [{RENAMED.get(name, name): value for name, value in row.items()} for row in written]
    activations = _typed(CoverageActivation, [{**row, "capture_line": row["line"]} for row in renamed])
    told = [_spelled(row, number) for row in case.before if "exception" in row]
    blank = {"coverage_month": "2026-11", "nss": "", "amount_due_centavos": "500.00", "month": "2026-10"}
    exceptions = _typed(CoverageException, [{**blank, **row, "capture_line": row["exception"]} for row in told])
    files = {sha256 for frame in rows_of(case.given, number).values() for sha256 in frame["sha256"]}
    other = {row["other"] for row in case.before if "other" in row}
    return Before(
        activations,
        exceptions,
        frozenset(sha256 for sha256 in files if not sha256.endswith(NEW)),
        is_same_policy="policy" not in other,
        is_same_code="code" not in other,
    )


def _frame(kind: str, rows: list[Row], number: int) -> pd.DataFrame:
    filled = [
        PLACE
        | {"row": str(place)}
        | _spelled(DEFAULTS[kind] | _derived(kind, row, number), number)
        | _file(f"{kind}{code(number)}{NEW if row.get('file') else ''}")
        for place, row in enumerate(rows, start=2)
    ]
    return _typed(MODELS[kind], [{RENAMED.get(name, name): value for name, value in row.items()} for row in filled])


def _file(name: str) -> Row:
    return {"file_name": f"{name}.csv", "sha256": name}


def _spelled(row: Row, number: int) -> Row:
    return {name: spelled_out(value, number) for name, value in row.items()}


def _derived(kind: str, row: Row, number: int) -> Row:
    """The row in the words of its file: short names and what follows from other columns."""
    derive = {
        "registrants": _person,
        "capture_lines": _line,
        "bank_transfers": _transfer,
        "remittances": _remittance,
        "settlements": _settlement,
        "decisions": _decision,
    }
    return derive[kind](_spelled(row, number), number)


def _person(row: Row, number: int = 0) -> Row:
    return people(number)[row["who"]] | row if "who" in row else row


def _line(row: Row, number: int) -> Row:
    owner = {"nss": people(number)[row["of"]]["nss"]} if "of" in row else {}
    written = row["line"]
    return owner | row | {"capture_line_written": written, "capture_line": normalise(pd.Series([written])).iloc[0]}


def _transfer(row: Row, _: int) -> Row:
    credited = row.get("credited_at", NOON)
    derived = {"tracking_key": row["key"], "operating_date": credited[:10], "credited_written_on": credited[:10]}
    return derived | row


def _remittance(row: Row, _: int) -> Row:
    return {"remittance_id": row["key"], "sent_written_on": row.get("sent_at", NOON)[:10]} | row


def _settlement(row: Row, _: int) -> Row:
    return {"settlement_id": row["key"], "bank_tracking_key": f"LUMP-{row['key']}"} | row


def _decision(row: Row, _: int) -> Row:
    """``payment`` names a bank transfer of the bank AZUL, operating day 5 October 2026, or a remittance of NORTE."""
    key = row["payment"]
    whole = f"remittance|NORTE|{key}" if key.startswith("R") else f"bank_transfer|2026-10-05|AZUL|{key}"
    return {"payment_id": whole} | row


def _typed(model: type[Table], rows: list[Row]) -> pd.DataFrame:
    columns = {name: pd.Series([row[name] for row in rows], dtype="str") for name in model.kinds()}
    return pd.DataFrame({name: _parsed(columns[name], kind) for name, kind in model.kinds().items()})


def _parsed(texts: pd.Series[str], kind: str) -> pd.Series[Any]:
    dtype = KINDS[kind].pandas
    if kind in {"centavos", "optional_centavos"}:
        return texts.str.replace(".", "").mask(texts.eq("")).astype("Int64").astype(dtype)  # type: ignore[call-overload,no-any-return]
    if kind == "count":
        return texts.astype("int64")
    if kind in {"instant", "optional_instant"}:
        return pd.to_datetime(texts.mask(texts.eq("")), utc=True, format="ISO8601").dt.as_unit("us")
    if kind in {"date", "optional_date"}:
        return pd.to_datetime(texts.mask(texts.eq("")), format="%Y-%m-%d").dt.as_unit("s")
    return texts


def shown(table: pd.DataFrame, columns: list[str], number: int = 0) -> list[tuple[str, ...]]:
    """The rows of a table in the words of case ``number``, in order."""
    short = {"line": "capture_line", "amount": "amount_centavos", "key": "settlement_id"}
    frame = table.copy()
    if "payment_id" in frame:
        frame["payment"] = frame["payment_id"].str.rsplit("|", n=1).str[-1]
    if "payments" in frame:
        frame["payments"] = [
            "; ".join(one.rpartition("|")[2] for one in cell.split("; ")) for cell in frame["payments"]
        ]
    if "nss" in frame:
        frame["who"] = (
            frame["nss"].map({person["nss"]: who for who, person in people(number).items()}).fillna(frame["nss"])
        )
    found = [next(one for one in (name, short.get(name, ""), f"{name}_centavos") if one in frame) for name in columns]
    return sorted(zip(*(_as_text(frame[name]) for name in found), strict=True))


def _as_text(column: pd.Series[Any]) -> list[str]:
    if pd.api.types.is_bool_dtype(column):
        return ["yes" if value else "no" for value in column]
    if pd.api.types.is_integer_dtype(column) and str(column.name).endswith("_centavos"):
        return ["" if pd.isna(value) else _pesos(int(value)) for value in column]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return ["" if pd.isna(value) else re.sub(r"\+00:00$", "Z", value.isoformat()) for value in column]
    if pd.api.types.is_datetime64_dtype(column):
        return ["" if pd.isna(value) else value.date().isoformat() for value in column]
    return [str(value) for value in column]


def _pesos(centavos: int) -> str:
    sign = "-" if centavos < 0 else ""
    return f"{sign}{abs(centavos) // 100}.{abs(centavos) % 100:02d}"
