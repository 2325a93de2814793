"""Settlements and their deposits (CONTRACT §6): balanced to the centavo, or every difference by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from pipelines.rules.keys import among, group, positions, taken
from schemas.tables.settlements import Settlement
from schemas.working.deposits import Deposit

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEY: Final = ["company", "settlement_id"]
DEPOSIT_KEY: Final = ["sender_bank", "bank_tracking_key"]
STATED: Final = [
    "settled_on", "items", "gross_centavos", "fee_centavos", "net_centavos", "currency", *DEPOSIT_KEY,
]  # fmt: skip
PESOS: Final = "MXN"
NEVER_BALANCED: Final = ("conflicting_rows", "shared_deposit", "conflicting_remittance", "foreign_remittance")
"""Differences that no deposit can cure: the settlement is told unbalanced even while none is seen."""


def find_deposits(facts: pd.DataFrame, settlement_rows: pd.DataFrame) -> pd.DataFrame:
    """PaymentFact, SettlementRow → Deposit: bank transfers whose sender bank and tracking key a settlement names."""
    named = among(facts[["institution", "tracking_key"]], settlement_rows[DEPOSIT_KEY])
    deposits = facts[facts["channel"].eq("bank_transfer").to_numpy() & named]
    good = ~deposits["is_conflicting"] & deposits["status"].eq("credited") & deposits["currency"].eq(PESOS)
    return Deposit.conform(deposits.assign(is_good=good))


def settle(
    settlement_rows: pd.DataFrame, facts: pd.DataFrame, claims: pd.DataFrame, deposits: pd.DataFrame
) -> pd.DataFrame:
    """SettlementRow, PaymentFact, Claim, Deposit → Settlement, one row each (its month still empty)."""
    versions = settlement_rows.drop_duplicates([*KEY, *STATED]).sort_values([*KEY, *STATED])
    stated = versions.drop_duplicates(KEY).reset_index(drop=True)
    keys = pd.MultiIndex.from_frame(stated[KEY])
    table = stated.join(_deposited(versions, facts, deposits, keys)).join(_remitted(facts, claims, keys))
    table["differences"], table["status"] = _compare(table, versions)
    table["difference_centavos"] = table["deposit_centavos"] - table["net_centavos"]
    return Settlement.conform(table.assign(month=pd.Series("", index=table.index, dtype="str")))


def list_by_month(settlements: pd.DataFrame, facts: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """Settlement → Settlement once for every month in which it was settled or a remittance of it ever paid is dated."""
    settled = settlements[KEY].assign(month=settlements["settled_on"].dt.strftime("%Y-%m").astype("str"))
    under = facts.loc[facts["is_ever_paid"] & facts["settlement_id"].ne(""), ["payment_id", "institution", KEY[1]]]
    month = taken(payments["month"], positions(under["payment_id"], payments["payment_id"]), "")
    dated = under.rename(columns={"institution": "company"}).assign(month=month.array)
    listed = pd.concat([settled, dated[[*KEY, "month"]]], ignore_index=True)
    months = listed.take(group(listed).first)
    return Settlement.conform(settlements.drop(columns="month").merge(months, on=KEY))


def is_balanced(payments: pd.DataFrame, settlements: pd.DataFrame) -> NDArray[np.bool_]:
    """For each row (institution, settlement_id), whether its settlement is there and balanced."""
    good = settlements.loc[settlements["status"].eq("balanced"), KEY]
    return among(payments[["institution", "settlement_id"]], good)


def _deposited(
    versions: pd.DataFrame, facts: pd.DataFrame, deposits: pd.DataFrame, keys: pd.MultiIndex
) -> pd.DataFrame:
    """Per settlement: good deposits and their sum, bad ones, and whether another settlement names the same key."""
    named = versions[[*KEY, *DEPOSIT_KEY]].drop_duplicates()
    named["is_shared"] = named.duplicated(DEPOSIT_KEY, keep=False)
    paid_in = facts[among(facts["payment_id"], deposits["payment_id"])].merge(deposits, on="payment_id")
    paid_in = paid_in.rename(columns={"institution": "sender_bank", "tracking_key": "bank_tracking_key"})
    pairs = named.merge(paid_in[["payment_id", *DEPOSIT_KEY, "is_good", "amount_centavos"]], on=DEPOSIT_KEY)
    pairs = pairs.drop_duplicates([*KEY, "payment_id"])
    pairs["good_centavos"] = pairs["amount_centavos"].where(pairs["is_good"], 0)
    sums = pairs.groupby(KEY).agg(
        good_deposits=("is_good", "sum"), deposits=("is_good", "size"), deposit_centavos=("good_centavos", "sum")
    )
    found = sums.reindex(keys, fill_value=0).reset_index(drop=True).astype("int64")
    shared = named.groupby(KEY)["is_shared"].any().reindex(keys).to_numpy(dtype=bool)
    return found.assign(is_shared=shared)


def _remitted(facts: pd.DataFrame, claims: pd.DataFrame, keys: pd.MultiIndex) -> pd.DataFrame:
    """Per settlement: number, sum (pesos only) and fees of the remittances ever paid; whether a bad one is there."""
    needed = ["institution", "settlement_id", "amount_centavos", "fee_centavos", "currency", "is_ever_paid"]
    under = facts.loc[facts["settlement_id"].ne(""), needed].rename(
        columns={"institution": "company", "fee_centavos": "remittance_fee"}
    )
    under["pesos_centavos"] = under["amount_centavos"].where(under["currency"].eq(PESOS), 0)
    sums = under[under["is_ever_paid"]].groupby(KEY).agg(
        remittances_items=("is_ever_paid", "size"),
        remittances_centavos=("pesos_centavos", "sum"),
        remittances_fee_centavos=("remittance_fee", "sum"),
    )  # fmt: skip
    found = sums.reindex(keys, fill_value=0).reset_index(drop=True).astype("int64")
    doubtful = facts.loc[facts["is_conflicting"], ["payment_id", "institution"]]
    doubtful = doubtful.merge(
        claims.loc[among(claims["payment_id"], doubtful["payment_id"]), ["payment_id", "settlement_id"]],
        on="payment_id",
    )
    conflicting = pd.MultiIndex.from_frame(doubtful[["institution", "settlement_id"]])
    foreign = pd.MultiIndex.from_frame(under.loc[under["currency"].ne(PESOS), KEY])
    return found.assign(has_conflicting=keys.isin(conflicting), has_foreign=keys.isin(foreign))


def _compare(table: pd.DataFrame, versions: pd.DataFrame) -> tuple[pd.Series[str], pd.Series[str]]:
    """Differences by name, and the status they give."""
    tests = {
        "conflicting_rows": pd.MultiIndex.from_frame(table[KEY]).isin(
            pd.MultiIndex.from_frame(versions.loc[versions.duplicated(KEY), KEY])
        ),
        "foreign_currency": table["currency"].ne(PESOS),
        "shared_deposit": table["is_shared"],
        "bad_deposit": table["deposits"].gt(0) & table["good_deposits"].eq(0),
        "several_deposits": table["good_deposits"].gt(1),
        "deposit_net": table["good_deposits"].gt(0) & table["deposit_centavos"].ne(table["net_centavos"]),
        "net_gross_fee": table["net_centavos"].ne(table["gross_centavos"] - table["fee_centavos"]),
        "gross_remittances": table["gross_centavos"].ne(table["remittances_centavos"]),
        "fee_remittances": table["fee_centavos"].ne(table["remittances_fee_centavos"]),
        "items_remittances": table["items"].ne(table["remittances_items"]),
        "conflicting_remittance": table["has_conflicting"],
        "foreign_remittance": table["has_foreign"],
    }
    differs = {name: np.asarray(found, dtype=bool) for name, found in tests.items()}
    names = pd.Series("", index=table.index, dtype="str")
    for name, found in differs.items():
        names = names.mask(found, names + f" {name}")
    waits = table["deposits"].eq(0) & ~np.logical_or.reduce([differs[name] for name in NEVER_BALANCED])
    status = pd.Series("unbalanced", index=table.index, dtype="str")
    status = status.mask(differs["conflicting_rows"], "conflicting_rows").mask(names.eq(""), "balanced")
    return names.str.lstrip(), status.mask(waits, "awaiting_deposit")
