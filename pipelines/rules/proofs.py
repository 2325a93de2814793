"""The proofs of CONTRACT §11, computed from the tables about to be published and the rows of the files themselves.

Each proof gives certificate lines: a figure expected, the figure found, and whether they agree. A proof never repairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from schemas.tables.certificate import CertificateLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.rules.policy import PolicyBook

PLACE: Final = ["sha256", "sheet", "row"]
REJECTED_BY_RULE: Final = ("registrants", "capture_lines", "decisions")
"""Kinds whose rows may read well and still be rejected by a rule: registry conflicts, decisions that do not count."""


class Evidence(NamedTuple):
    """What the proofs of one month look at."""

    month: str
    policy: PolicyBook
    receipts: pd.DataFrame
    rejections: pd.DataFrame
    row_tables: dict[str, pd.DataFrame]
    payment_rows: pd.DataFrame
    payments: pd.DataFrame
    settlements: pd.DataFrame
    dispositions: pd.DataFrame
    lines: pd.DataFrame
    activations: pd.DataFrame
    exceptions: pd.DataFrame


def certify(evidence: Evidence) -> pd.DataFrame:
    """CertificateLine of every proof."""
    return pd.concat([proof(evidence) for proof in PROOFS.values()], ignore_index=True)


def rows_have_one_role(evidence: Evidence) -> pd.DataFrame:
    """Proof 1: every data row of every accepted file has exactly one role.

    The roles: payment, repeat, status, conflict, registry, settlement, decision, rejected.
    """
    rejected = evidence.rejections[PLACE]
    may_be_rejected_later = pd.concat([evidence.row_tables[kind][PLACE] for kind in REJECTED_BY_RULE])
    standing = may_be_rejected_later[~_places(may_be_rejected_later).isin(_places(rejected))]
    settlements = evidence.row_tables["settlements"][PLACE]
    roles = pd.concat([standing, settlements, evidence.payment_rows[PLACE], rejected], ignore_index=True)
    read = pd.concat([*(rows[PLACE] for rows in evidence.row_tables.values()), rejected])
    once = roles[~roles.duplicated(PLACE, keep=False) & _places(roles).isin(_places(read))]
    accepted = evidence.receipts[evidence.receipts["outcome"].eq("accepted")]
    found = accepted["sha256"].map(once.groupby("sha256").size()).fillna(0).astype("int64")
    return _lines(evidence.month, "rows", accepted["file_name"], accepted["rows"], found)


def centavos_are_conserved(evidence: Evidence) -> pd.DataFrame:
    """Proof 2: per file, channel and currency, what the files' rows pay is what the buckets hold."""
    keys = ["file_name", "channel", "currency"]
    paid = _amounts_of_rows(evidence)
    held = evidence.dispositions[evidence.dispositions["month"].eq(evidence.month)]
    held = held[["payment_id", "channel", "currency", "amount_centavos"]].merge(
        paid[["payment_id", "file_name"]], on="payment_id", how="left"
    )
    held["file_name"] = held["file_name"].astype("str").fillna("")
    sums = pd.DataFrame(
        {
            "expected": paid.groupby(keys)["amount_centavos"].sum(),
            "found": held.groupby(keys)["amount_centavos"].sum(),
        }
    )
    sums = sums.fillna(0).astype("int64").reset_index()
    scope = sums["channel"] + " " + sums["currency"] + " " + sums["file_name"]
    return _lines(evidence.month, "centavos", scope, sums["expected"], sums["found"])


def activations_are_paid(evidence: Evidence) -> pd.DataFrame:
    """Proof 3: every activation's parts applied, or accepted late, reach what is due; no part is cited twice."""
    lines, parts = evidence.activations, evidence.dispositions
    counts = parts["bucket"].eq("applied") | (parts["bucket"].eq("late") & parts["reason"].eq("accept_late"))
    counted = parts[counts & parts["capture_line"].isin(lines["capture_line"])]
    cited = counted.groupby("capture_line")["amount_centavos"].sum()
    found = lines["capture_line"].map(cited).fillna(0).astype("int64")
    tolerance = evidence.policy.governing(evidence.month).tolerance_centavos
    covered = found.ge(lines["amount_due_centavos"] - tolerance) & found.eq(lines["amount_applied_centavos"])
    part = ["payment_id", "capture_line", "bucket"]
    month = evidence.month
    scopes = pd.Series([f"{month} activations", f"{month} parts", f"{month} registrants"], dtype="str")
    expected = pd.Series([len(lines), len(counted), len(lines)])
    return _lines(
        month,
        "activations",
        scopes,
        expected,
        pd.Series([int(covered.sum()), len(counted.drop_duplicates(part)), lines["nss"].nunique()]),
    )


def lines_are_accounted_for(evidence: Evidence) -> pd.DataFrame:
    """Proof 4: activations and exceptions together are the issued lines due in the month, one to one."""
    lines = evidence.lines
    due = lines.loc[lines["due_month"].eq(evidence.month) & lines["status"].eq("issued"), "capture_line"]
    named = pd.concat([evidence.activations["capture_line"], evidence.exceptions["capture_line"]])
    once = named[~named.duplicated(keep=False)]
    scopes = pd.Series([f"{evidence.month} lines", f"{evidence.month} rows"], dtype="str")
    expected, found = pd.Series([len(due), len(due)]), pd.Series([int(due.isin(once).sum()), len(named)])
    return _lines(evidence.month, "lines", scopes, expected, found)


def settlements_are_explained(evidence: Evidence) -> pd.DataFrame:
    """Proof 5: every settlement of the month is balanced by its own figures, or listed with its difference."""
    listed = evidence.settlements[evidence.settlements["month"].eq(evidence.month)]
    agrees = (
        listed["deposit_centavos"].eq(listed["net_centavos"])
        & listed["net_centavos"].eq(listed["gross_centavos"] - listed["fee_centavos"])
        & listed["gross_centavos"].eq(listed["remittances_centavos"])
        & listed["fee_centavos"].eq(listed["remittances_fee_centavos"])
        & listed["items"].eq(listed["remittances_items"])
    )
    balanced, waiting = listed["status"].eq("balanced"), listed["status"].eq("awaiting_deposit")
    told = ~balanced & ~waiting & listed["differences"].ne("")
    explained = (balanced & agrees) | (waiting & listed["deposit_centavos"].eq(0)) | told
    settled = _settled_in(evidence)
    scopes = pd.Series([f"{evidence.month} settlements", f"{evidence.month} settled"], dtype="str")
    expected = pd.Series([len(listed), len(settled)])
    found = pd.Series([int(explained.sum()), int(settled.isin(_settlement_keys(listed)).sum())])
    return _lines(evidence.month, "settlements", scopes, expected, found)


PROOFS: Final[dict[str, Callable[[Evidence], pd.DataFrame]]] = {
    "rows": rows_have_one_role,
    "centavos": centavos_are_conserved,
    "activations": activations_are_paid,
    "lines": lines_are_accounted_for,
    "settlements": settlements_are_explained,
}
"""Name of the check → proof, in the order of CONTRACT §11."""


def _places(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[PLACE])


def _settlement_keys(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["company", "settlement_id"]])


def _settled_in(evidence: Evidence) -> pd.MultiIndex:
    """The settlements that the files say were settled in the month; of several versions the earliest counts."""
    rows = evidence.row_tables["settlements"]
    earliest = rows.groupby(["company", "settlement_id"], as_index=False)["settled_on"].min()
    return _settlement_keys(earliest[earliest["settled_on"].dt.strftime("%Y-%m").eq(evidence.month)])


def _amounts_of_rows(evidence: Evidence) -> pd.DataFrame:
    """File, amount and currency of the row that carries each payment of the month, straight from the files' rows."""
    bank = evidence.row_tables["bank_transfers"].assign(channel="bank_transfer")
    sent = evidence.row_tables["remittances"].assign(channel="remittance")
    sent = sent.rename(columns={"pay_amount_centavos": "amount_centavos", "pay_currency": "currency"})
    columns = [*PLACE, "channel", "amount_centavos", "currency"]
    amounts = pd.concat([bank[columns], sent[columns]], ignore_index=True)
    rows = evidence.payment_rows
    carrying = rows[rows["role"].eq("payment") & rows["month"].eq(evidence.month)]
    return carrying[["payment_id", "file_name", *PLACE]].merge(amounts, on=PLACE)


def _lines(
    month: str, check: str, scopes: pd.Series[str], expected: pd.Series[int], found: pd.Series[int]
) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "check": pd.Series(check, index=range(len(scopes)), dtype="str"),
            "scope": scopes.reset_index(drop=True).astype("str"),
            "expected": expected.reset_index(drop=True).astype("int64"),
            "found": found.reset_index(drop=True).astype("int64"),
        }
    )
    table = table.assign(passed=table["expected"].eq(table["found"]), month=month).astype({"month": "str"})
    return CertificateLine.conform(table)
