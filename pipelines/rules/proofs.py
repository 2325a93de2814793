"""The proofs of CONTRACT §11, computed from the tables about to be published and the rows of the files themselves.

Each proof gives certificate lines: a figure expected, the figure found, and whether they agree. A proof never repairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.keys import among, group, kept, positions, taken
from pipelines.rules.places import Places, only_once
from pipelines.rules.words import worded
from schemas.octets import as_array
from schemas.tables.certificate import CertificateLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.rules.policy import PolicyBook

SETTLEMENT: Final = ["company", "settlement_id"]
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
    places = Places()
    rejected = places.of(evidence.rejections)
    read = {kind: places.of(rows) for kind, rows in evidence.row_tables.items()}
    may_be_rejected_later = np.concatenate([read[kind] for kind in REJECTED_BY_RULE])
    standing = may_be_rejected_later[~np.isin(may_be_rejected_later, rejected)]
    roles = np.concatenate([standing, read["settlements"], places.of(evidence.payment_rows), rejected])
    once = places.counted(only_once(roles, np.concatenate([*read.values(), rejected])))
    accepted = evidence.receipts[evidence.receipts["outcome"].eq("accepted")]
    found = pd.Series([once.get(sha256, 0) for sha256 in accepted["sha256"]], dtype="int64")
    return _lines(evidence.month, "rows", accepted["file_name"], accepted["rows"], found)


def centavos_are_conserved(evidence: Evidence) -> pd.DataFrame:
    """Proof 2: per file, channel and currency, what the files' rows pay is what the buckets hold."""
    keys = ["file_name", "channel", "currency"]
    paid = _amounts_of_rows(evidence)
    of_month = evidence.dispositions["month"].eq(evidence.month).to_numpy(dtype=bool)
    held = kept(evidence.dispositions, of_month, "payment_id")
    file_name = taken(paid["file_name"], positions(held["payment_id"], paid["payment_id"]), "")
    held = held[["channel", "currency", "amount_centavos"]].assign(file_name=file_name)
    sums = pd.DataFrame({"expected": _summed(paid, keys), "found": _summed(held, keys)})
    sums = sums.fillna(0).astype("int64").reset_index()
    scope = sums["channel"] + " " + sums["currency"] + " " + sums["file_name"]
    return _lines(evidence.month, "centavos", scope, sums["expected"], sums["found"])


def activations_are_paid(evidence: Evidence) -> pd.DataFrame:
    """Proof 3: every activation's parts applied, or accepted late, reach what is due; no part is cited twice."""
    lines, parts = evidence.activations, evidence.dispositions
    counts = parts["bucket"].eq("applied") | (parts["bucket"].eq("late") & parts["reason"].eq("accept_late"))
    counted = kept(parts, counts.to_numpy(dtype=bool), "capture_line")
    line = positions(counted["capture_line"], lines["capture_line"])
    counted, line = counted[line >= 0], line[line >= 0]
    cited = np.zeros(len(lines), dtype=np.int64)
    np.add.at(cited, line, counted["amount_centavos"].to_numpy())
    found = pd.Series(cited, index=lines.index)
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
        pd.Series([int(covered.sum()), len(group(counted[part]).first), len(group(lines["nss"]).first)]),
    )


def lines_are_accounted_for(evidence: Evidence) -> pd.DataFrame:
    """Proof 4: activations and exceptions together are the issued lines due in the month, one to one."""
    lines = evidence.lines
    is_due = (lines["due_month"].eq(evidence.month) & lines["status"].eq("issued")).to_numpy(dtype=bool)
    told = [
        positions(table["capture_line"], lines["capture_line"]) for table in (evidence.activations, evidence.exceptions)
    ]
    named = np.concatenate(told)
    is_once = np.bincount(named[named >= 0], minlength=len(lines)) == 1
    scopes = pd.Series([f"{evidence.month} lines", f"{evidence.month} rows"], dtype="str")
    expected, found = pd.Series([int(is_due.sum())] * 2), pd.Series([int((is_due & is_once).sum()), len(named)])
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
    found = pd.Series([int(explained.sum()), int(among(settled, listed[SETTLEMENT]).sum())])
    return _lines(evidence.month, "settlements", scopes, expected, found)


PROOFS: Final[dict[str, Callable[[Evidence], pd.DataFrame]]] = {
    "rows": rows_have_one_role,
    "centavos": centavos_are_conserved,
    "activations": activations_are_paid,
    "lines": lines_are_accounted_for,
    "settlements": settlements_are_explained,
}
"""Name of the check → proof, in the order of CONTRACT §11."""


def _summed(rows: pd.DataFrame, keys: list[str]) -> pd.Series[int]:
    """Sum of the amounts by key."""
    code = np.zeros(len(rows), dtype=np.int64)
    for name in keys:  # few files, channels and currencies: a number for each is soon found
        encoded = as_array(rows[name]).dictionary_encode()
        code = code * len(encoded.dictionary) + encoded.indices.to_numpy()
    _, first, group_of = np.unique(code, return_index=True, return_inverse=True)
    amounts = np.zeros(len(first), dtype=np.int64)
    np.add.at(amounts, group_of, rows["amount_centavos"].to_numpy())
    order = np.argsort(first)
    return pd.Series(amounts[order], index=pd.MultiIndex.from_frame(rows[keys].take(first[order])))


def _settled_in(evidence: Evidence) -> pd.DataFrame:
    """The settlements that the files say were settled in the month; of several versions the earliest counts."""
    rows = evidence.row_tables["settlements"]
    earliest = rows.groupby(SETTLEMENT, as_index=False)["settled_on"].min()
    is_of_month = earliest["settled_on"].dt.strftime("%Y-%m").eq(evidence.month).to_numpy(dtype=bool)
    settled: pd.DataFrame = earliest[is_of_month][SETTLEMENT]
    return settled


def _amounts_of_rows(evidence: Evidence) -> pd.DataFrame:
    """File, amount and currency of the row that carries each payment of the month, straight from the files' rows."""
    bank, sent = evidence.row_tables["bank_transfers"], evidence.row_tables["remittances"]
    sent = sent.rename(columns={"pay_amount_centavos": "amount_centavos", "pay_currency": "currency"})
    columns = ["amount_centavos", "currency"]
    amounts = pd.concat([bank[columns], sent[columns]], ignore_index=True)
    places, rows = Places(), evidence.payment_rows
    carries = rows["role"].eq("payment") & rows["month"].eq(evidence.month)
    carrying = kept(rows, carries.to_numpy(dtype=bool), "payment_id")
    known = pd.Index(np.append(places.of(bank), places.of(sent)))
    row = known.get_indexer(pd.Index(places.of(carrying)))
    carrying, row = kept(carrying, row >= 0, "payment_id"), row[row >= 0]
    return pd.DataFrame(
        {
            "payment_id": carrying["payment_id"].array,
            "file_name": carrying["file_name"].array,
            "channel": worded((row >= len(bank)).astype(np.int8), ["bank_transfer", "remittance"]),
            "amount_centavos": amounts["amount_centavos"].to_numpy()[row],
            "currency": taken(amounts["currency"], row, ""),
        }
    )


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
