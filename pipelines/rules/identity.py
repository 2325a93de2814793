"""Rows become payments (CONTRACT §5): one payment a natural key, its facts, the role of each row, what contradicts.

The result never depends on the order, number or names of the files: within a payment the rows are taken in one order
(status level, amount, instant, then the columns of CONTRACT §3, then where the row stands).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules.calendar import written_dates
from pipelines.rules.keys import group, positions, taken
from pipelines.rules.words import everywhere, joined, places, worded
from schemas.octets import in_one_piece
from schemas.tables.payment_rows import PaymentRow
from schemas.working.claims import Claim
from schemas.working.payment_facts import PaymentFact

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS: Final = {"pending": 0, "credited": 0, "paid": 1, "returned": 1, "cancelled": 2, "refunded": 2}
"""How far a status stands: ``pending`` → ``paid`` → ``cancelled``, ``refunded``; ``credited`` → ``returned``."""

LATEST_ORDER: Final = ("pending", "credited", "paid", "returned", "cancelled", "refunded")
"""From the status that says least to the one that says most: a refund implies a payment."""

FACT_STATUSES: Final = ("pending", "credited", "paid")
"""Statuses whose rows carry the facts; the others only where no such row was seen."""

TEXT_FACTS: Final = ("text", "settlement_id", "capture_line", "nss", "curp")
OTHER_FACTS: Final = ("fee_centavos", "made_at")
ALWAYS_FACTS: Final = ("amount_centavos", "currency")
"""Facts in which even a return or a cancellation may contradict."""

BANK_ORDER: Final = [
    "credited_at", "sender_account", "sender_name", "receiver_account", "currency", "numeric_reference", "text",
    "written_on",
]  # fmt: skip
REMITTANCE_ORDER: Final = [
    "settlement_id", "status", "sender_name", "send_amount", "send_currency", "fx_rate", "currency", "fee_centavos",
    "capture_line", "nss", "curp", "text", "written_on",
]  # fmt: skip
PLACE: Final = ["sha256", "sheet", "row"]
_SAID: Final = [
    "file_name", *PLACE, "payment_id", "channel", "institution", "natural_key", "tracking_key", "operating_date",
    "status", "amount_centavos", "currency", "made_at", "written_on", "fee_centavos", "settlement_id",
    "capture_line", "nss", "curp", "text",
]  # fmt: skip
OBSERVED: Final = [*_SAID, "level", "rank", "payment"]
_LEVEL: Final = np.array([*LEVELS.values()])


class Identified(NamedTuple):
    """The payments of a set of rows."""

    facts: pd.DataFrame
    claims: pd.DataFrame
    rows: pd.DataFrame


def identify(bank_rows: pd.DataFrame, remittance_rows: pd.DataFrame) -> Identified:
    """BankTransferRow, RemittanceRow → PaymentFact, Claim, PaymentRow (its month still empty)."""
    observed = observe(bank_rows, remittance_rows)
    is_alone = ~observed.duplicated("payment", keep=False)
    alone, several = observed[is_alone].reset_index(drop=True), observed[~is_alone]
    # A payment that one row tells of is that row: most are.
    told = [_of_one_row(alone), _of_rows(several.sort_values(["payment", "level", "rank"], ignore_index=True))]
    facts, claims, rows = (_joined(tables) for tables in zip(*told, strict=True))
    return Identified(PaymentFact.conform(facts), Claim.conform(claims), PaymentRow.conform(rows))


def _joined(tables: tuple[pd.DataFrame, ...]) -> pd.DataFrame:
    """The tables one below the other; the key that all later rules ask for lies in one piece."""
    whole = pd.concat(tables, ignore_index=True)
    return whole.assign(payment_id=in_one_piece(whole["payment_id"]))


def _of_one_row(rows: pd.DataFrame) -> Identified:
    """As ``_of_rows``, of payments that one row each tells of."""
    no = np.zeros(len(rows), dtype=bool)
    claims = rows.assign(claim=np.zeros(len(rows), dtype=np.int64))
    written = {"written_from_on": rows["written_on"], "written_to_on": rows["written_on"]}
    facts = _carried(rows, is_conflicting=no, is_ever_paid=_is_paid(rows), **written)
    return Identified(facts, claims[list(Claim.kinds())], _told(rows, everywhere("payment", rows.index)))


def _of_rows(observed: pd.DataFrame) -> Identified:
    """Facts, claims and rows with their roles of payments whose rows come in order, one payment behind the other."""
    first = ~observed.duplicated("payment")
    conflicting = _conflicting(observed)
    roles = _roles(observed, first, conflicting)
    return Identified(
        _facts(observed, first, conflicting), _claims(observed, first, conflicting), _told(observed, roles)
    )


def _told(observed: pd.DataFrame, roles: pd.Series[str]) -> pd.DataFrame:
    """The rows and their roles; their month is still empty."""
    return observed.assign(role=roles, month=everywhere("", observed.index))[list(PaymentRow.kinds())]


def with_month(rows: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """PaymentRow, Payment → PaymentRow with the month of its payment."""
    month = taken(payments["month"], positions(rows["payment_id"], payments["payment_id"]), "")
    return PaymentRow.conform(rows.assign(month=month))


def observe(bank_rows: pd.DataFrame, remittance_rows: pd.DataFrame) -> pd.DataFrame:
    """BankTransferRow, RemittanceRow → ``OBSERVED`` of each, in this order: what a row says, in the common form.

    ``payment``: rows with one number are one payment; ``rank``: the order of its rows.
    """
    bank, sent = _observe_bank(bank_rows), _observe_remittances(remittance_rows)
    observed = pd.concat([bank[_SAID], sent[_SAID]], ignore_index=True)
    payments = group(observed["payment_id"])
    several = payments.is_repeated
    rank = np.zeros(len(observed), dtype=np.int64)
    rank[: len(bank)][several[: len(bank)]] = _ranks(bank[several[: len(bank)]], BANK_ORDER)
    rank[len(bank) :][several[len(bank) :]] = _ranks(sent[several[len(bank) :]], REMITTANCE_ORDER)
    return observed.assign(level=_LEVEL[places(observed["status"], list(LEVELS))], rank=rank, payment=payments.code)


def _observe_bank(rows: pd.DataFrame) -> pd.DataFrame:
    """Bank rows in the common form. A returned row has no instant of its own: its ``credited_at`` is the return."""
    returned = rows["status"] == "returned"
    key = joined(written_dates(rows["operating_date"]), rows["sender_bank"], rows["tracking_key"])
    nothing = everywhere("", rows.index)
    return rows.rename(columns={"concept": "text", "sender_bank": "institution"}).assign(
        channel=everywhere("bank_transfer", rows.index),
        natural_key=pd.Series(key, index=rows.index, dtype="str"),
        payment_id=pd.Series(joined("bank_transfer", key), index=rows.index, dtype="str"),
        made_at=rows["credited_at"].mask(returned),
        written_on=rows["credited_written_on"].mask(returned),
        fee_centavos=pd.Series(pd.NA, index=rows.index, dtype="Int64"),
        **dict.fromkeys(("settlement_id", "capture_line", "nss", "curp"), nothing),
    )


def _observe_remittances(rows: pd.DataFrame) -> pd.DataFrame:
    """Remittance rows in the common form."""
    key = joined(rows["company"], rows["remittance_id"])
    return rows.rename(
        columns={
            "company": "institution", "message": "text", "sent_at": "made_at", "sent_written_on": "written_on",
            "pay_amount_centavos": "amount_centavos", "pay_currency": "currency",
        }
    ).assign(
        channel=everywhere("remittance", rows.index),
        natural_key=pd.Series(key, index=rows.index, dtype="str"),
        payment_id=pd.Series(joined("remittance", key), index=rows.index, dtype="str"),
        tracking_key=everywhere("", rows.index),
        operating_date=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]"),
    )  # fmt: skip


def _ranks(rows: pd.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    """The place of each row in order of amount, instant, columns and where it stands."""
    order = ["amount_centavos", "made_at", *columns, *PLACE]
    ordered = rows.reset_index(drop=True).sort_values(order, kind="stable", na_position="first")
    rank = np.empty(len(rows), dtype=np.int64)
    rank[ordered.index] = np.arange(len(rows))
    return rank


def _conflicting(observed: pd.DataFrame) -> NDArray[np.bool_]:
    """For each row, whether its payment holds two values of one fact (CONTRACT §5)."""
    several = observed[observed.duplicated("payment", keep=False)]
    says = carries_facts(several)
    conflict = pd.Series(data=False, index=several.index)
    for fact in (*ALWAYS_FACTS, *TEXT_FACTS, *OTHER_FACTS):
        values = several[fact]
        filled = values.ne("") if fact in TEXT_FACTS else values.notna()
        looked_at = filled if fact in ALWAYS_FACTS else filled & says
        distinct = values[looked_at].groupby(several.loc[looked_at, "payment"]).nunique()
        conflict |= several["payment"].map(distinct).fillna(0).gt(1)
    return conflict.reindex(observed.index, fill_value=False).to_numpy(dtype=bool)


def carries_facts(rows: pd.DataFrame) -> pd.Series[bool]:
    """Whether facts are read from a row: it is credited, pending or paid, or its payment has no such row."""
    is_primary = rows["status"].isin(FACT_STATUSES)
    return is_primary | ~is_primary.groupby(rows["payment"]).transform("any")


def _roles(observed: pd.DataFrame, first: pd.Series[bool], conflicting: NDArray[np.bool_]) -> pd.Series[str]:
    """Role of each row; rows come in order within their payment."""
    role = np.where(observed.duplicated(["payment", "status"]), "repeat", "status")
    role = np.where(conflicting, "conflict", role)
    return pd.Series(np.where(first, "payment", role), dtype="str")


def _facts(observed: pd.DataFrame, first: pd.Series[bool], conflicting: NDArray[np.bool_]) -> pd.DataFrame:
    """PaymentFact: the carrying row's facts, filled in from its siblings where nothing contradicts."""
    carrying = _completed(observed[first], _filled_in(observed[_mergeable(observed, conflicting)]))
    payment = observed["payment"]
    latest = observed["status"].map({status: place for place, status in enumerate(LATEST_ORDER)}).groupby(payment).max()
    written = observed["written_on"].groupby(payment)
    return _carried(
        carrying.assign(status=worded(latest.to_numpy(dtype=np.int64), LATEST_ORDER, carrying.index)),
        is_conflicting=conflicting[first],
        is_ever_paid=pd.Series(_is_paid(observed)).groupby(payment.to_numpy()).any().to_numpy(dtype=bool),
        written_from_on=written.min().to_numpy(),
        written_to_on=written.max().to_numpy(),
    )


def _is_paid(observed: pd.DataFrame) -> NDArray[np.bool_]:
    """For each row, whether it says that a remittance was paid."""
    return observed["status"].isin(["paid", "refunded"]).to_numpy(dtype=bool)


def _carried(carrying: pd.DataFrame, **found: Any) -> pd.DataFrame:  # noqa: ANN401 - columns of any dtype
    """The rows that carry payments as facts."""
    facts = carrying.assign(
        fee_centavos=carrying["fee_centavos"].fillna(0).astype("int64"),
        source_file=carrying["file_name"],
        source_sha256=carrying["sha256"],
        source_sheet=carrying["sheet"],
        source_row=carrying["row"],
        **found,
    )
    return facts[list(PaymentFact.kinds())]


def _mergeable(observed: pd.DataFrame, conflicting: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows whose facts complete each other: several rows carry the facts of a payment without contradiction."""
    several = observed.duplicated("payment", keep=False).to_numpy() & ~conflicting
    carries = np.zeros(len(observed), dtype=bool)
    carries[several] = carries_facts(observed[several]).to_numpy()
    return carries


def _filled_in(rows: pd.DataFrame) -> pd.DataFrame:
    """Per payment, the one value of each fact that its rows give; empty where none does."""
    facts = rows[["payment", *TEXT_FACTS, *OTHER_FACTS]].copy()
    for fact in TEXT_FACTS:
        facts[fact] = facts[fact].mask(facts[fact].eq(""))
    return facts.groupby("payment").first()


def _completed(rows: pd.DataFrame, filled: pd.DataFrame) -> pd.DataFrame:
    """The rows with each fact that their payment's rows give together; untouched where nothing is to fill in."""
    completed = rows.copy()
    several = rows["payment"].isin(filled.index)
    for fact in filled.columns:
        given = filled[fact].reindex(rows.loc[several, "payment"]).set_axis(rows.index[several]).dropna()
        completed.loc[given.index, fact] = given
    return completed


def _claims(observed: pd.DataFrame, first: pd.Series[bool], conflicting: NDArray[np.bool_]) -> pd.DataFrame:
    """Claim: one a payment with its filled-in facts; in a conflict one for each row."""
    kept = _completed(observed[first | conflicting], _filled_in(observed[_mergeable(observed, conflicting)]))
    kept["claim"] = kept.groupby("payment").cumcount().astype("int64")
    return kept[list(Claim.kinds())]
