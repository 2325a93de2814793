"""The digest of a payment's facts (CONTRACT §5, §8): by it a decision on facts that have changed since is noticed.

Equal for equal facts, whatever the order, number and files of the rows: a repeat and a later status change nothing; a
fact that is filled in, and a second value of one fact, do.
"""

from __future__ import annotations

import hashlib
from json.encoder import encode_basestring as _as_json
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from pipelines.rules.identity import ALWAYS_FACTS, OTHER_FACTS, TEXT_FACTS, carries_facts, observe

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS: Final = (*ALWAYS_FACTS, *TEXT_FACTS, *OTHER_FACTS)
_SAID: Final = ["payment", "fact", "value"]


def facts_digest(bank_rows: pd.DataFrame, remittance_rows: pd.DataFrame) -> pd.Series[str]:
    """BankTransferRow, RemittanceRow (every row of the payments asked for) → SHA-256 in hexadecimal, by payment_id."""
    observed = observe(bank_rows, remittance_rows)
    return _digest(observed.assign(payment=observed["payment_id"])).rename_axis("payment_id")


def facts_at(bank_rows: pd.DataFrame, remittance_rows: pd.DataFrame, moments: pd.DataFrame) -> pd.Series[str]:
    """The digest of each row of ``moments`` (payment_id, moment): by the rows received by then.

    Of a payment of which nothing had been received by then, its facts as they first came; empty where no row tells of
    it at all.
    """
    received_at = pd.concat([bank_rows["received_at"], remittance_rows["received_at"]], ignore_index=True)
    observed = observe(bank_rows, remittance_rows).drop(columns="payment").assign(received_at=received_at)
    first = observed.groupby("payment_id")["received_at"].min().reindex(moments["payment_id"]).set_axis(moments.index)
    asked = pd.DataFrame(
        {"payment_id": moments["payment_id"], "by": first.where(first > moments["moment"], moments["moment"])}
    )
    seen = observed.merge(asked.assign(payment=asked.index), on="payment_id")
    found = _digest(seen[seen["received_at"].le(seen["by"])])
    return found.reindex(moments.index, fill_value="")


def _digest(observed: pd.DataFrame) -> pd.Series[str]:
    """SHA-256 by ``payment`` of what is observed of it."""
    ordered = observed.sort_values(["payment", "level", "rank"], kind="stable")
    said = pd.concat(list(_said(ordered)), ignore_index=True).drop_duplicates()
    several = said.duplicated(["payment", "fact"], keep=False)
    # No fee and a fee of nothing are the same (CONTRACT §3).
    said = said[several | said["fact"].ne("fee_centavos") | said["value"].ne("0")]
    contradicting = ordered[ordered["payment"].isin(said.loc[several.reindex(said.index), "payment"])]
    carried = pd.concat(list(_values(contradicting.drop_duplicates("payment"), FACTS)), ignore_index=True)
    said = pd.concat([said, carried.assign(fact="carried " + carried["fact"])], ignore_index=True)
    payments = pd.Index(ordered["payment"].drop_duplicates())
    lines: dict[Any, list[str]] = {payment: [] for payment in payments}
    ordered_facts = said.sort_values(_SAID)
    for payment, fact, value in zip(*(ordered_facts[name].tolist() for name in _SAID), strict=True):
        lines[payment].append(f"[{_as_json(fact)}, {_as_json(value)}]")
    digests = [hashlib.sha256("\n".join(facts).encode()).hexdigest() for facts in lines.values()]
    return pd.Series(digests, index=payments, dtype="str")


def _said(ordered: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """payment, fact, value: the amount and currency of every row, the other facts of the rows that carry facts."""
    yield from _values(ordered, ALWAYS_FACTS)
    yield from _values(ordered[carries_facts(ordered)], (*TEXT_FACTS, *OTHER_FACTS))


def _values(rows: pd.DataFrame, facts: tuple[str, ...]) -> Iterator[pd.DataFrame]:
    for fact in facts:
        filled = rows[rows[fact].notna()]
        value = filled[fact].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if fact == "made_at" else filled[fact].astype("str")
        told = pd.DataFrame({"payment": filled["payment"], "fact": fact, "value": value.astype("str")})
        yield told[told["value"].ne("")].astype({"fact": "str"})
