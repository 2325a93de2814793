"""The civil date of a payment and its month (CONTRACT §2): the three bases of ``paid_on``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipelines.rules.calendar import civil_dates, civil_midnights, month_names, months_of
from schemas.tables.payments import Payment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.rules.policy import PolicyBook


def date_payments(facts: pd.DataFrame, settlement_rows: pd.DataFrame, policy: PolicyBook) -> pd.DataFrame:
    """PaymentFact, SettlementRow → Payment: each dated by the entry in force in the month it was made.

    Where only a returned row was seen, the instant is the operating date at 00:00 civil, whatever the basis.
    """
    made_at = _made_at(facts, policy)
    entries = policy.positions(_made_months(made_at, policy))
    paid_at, paid_on = made_at.copy(), pd.Series(pd.NaT, index=facts.index, dtype="datetime64[s]")
    arrived_on = _arrived_on(facts, settlement_rows)
    for position in np.unique(entries):
        entry, governed = policy.entries[int(position)], entries == position
        if entry.paid_on != "made":
            day = _basis_day(facts, arrived_on, entry.paid_on)[governed]
            paid_at[governed] = civil_midnights(day, entry.timezone).where(day.notna(), made_at[governed])
        paid_on[governed] = civil_dates(paid_at[governed], entry.timezone)
    return Payment.conform(facts.assign(paid_at=paid_at, paid_on=paid_on, month=month_names(months_of(paid_on))))


def _made_at(facts: pd.DataFrame, policy: PolicyBook) -> pd.Series[pd.Timestamp]:
    """The instant a payment was made; for a bank transfer seen only as returned, its operating date at 00:00 civil."""
    made_at = facts["made_at"].copy()
    unseen = made_at.isna()
    if unseen.any():
        days = facts.loc[unseen, "operating_date"]
        zones = policy.values("timezone", months_of(days))
        for zone in np.unique(zones):
            made_at[days.index[zones == zone]] = civil_midnights(days[zones == zone], str(zone))
    return made_at


def _made_months(made_at: pd.Series[pd.Timestamp], policy: PolicyBook) -> NDArray[np.int64]:
    """Month number in which each payment was made, on the programme's clock as it stood then."""
    months = months_of(civil_dates(made_at, "UTC"))
    distinct, code = np.unique(months, return_inverse=True)
    zones = policy.values("timezone", distinct)
    for zone in np.unique(zones):
        here = (zones == zone)[code]
        months[here] = months_of(civil_dates(made_at[here], str(zone)))
    return months


def _arrived_on(facts: pd.DataFrame, settlement_rows: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Date on which a remittance's settlement reached the account; empty without one. The earliest of its versions."""
    settled = settlement_rows.groupby(["company", "settlement_id"])["settled_on"].min()
    keys = pd.MultiIndex.from_frame(facts[["institution", "settlement_id"]])
    days = pd.Series(settled.reindex(keys).to_numpy(), index=facts.index, dtype="datetime64[s]")
    return days.where(facts["channel"].eq("remittance"))


def _basis_day(facts: pd.DataFrame, arrived_on: pd.Series[pd.Timestamp], basis: str) -> pd.Series[pd.Timestamp]:
    """The date, where the basis is one: a settlement's day, the bank's operating day; empty where it is an instant."""
    bank = facts["channel"].eq("bank_transfer")
    operating: NDArray[np.bool_] = (bank & (facts["made_at"].isna() | (basis == "operating_date"))).to_numpy()
    return arrived_on.mask(pd.Series(operating, index=facts.index), facts["operating_date"])
