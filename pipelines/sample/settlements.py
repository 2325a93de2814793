"""Settlements (liquidaciones): lump deposits for remittances, balanced or wrong in one way each, known by construction.

Remittances of one company, month and ten days are settled together some days later, at most 200 in one deposit. A
settlement of an unusual kind stands apart and holds the payments of one block only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.sample import ledger, moments
from pipelines.sample.text import (
    DAY,
    HOUR,
    Ints,
    Text,
    day_of,
    day_text,
    figures,
    first_day,
    month_of,
    month_text,
    pesos,
    picked,
)
from pipelines.sample.truth import Truth

_MOST = 200
_KEYS = ["sender", "month", "decade", "settlement", "chunk"]
STATUS = {
    ledger.BALANCED: "balanced", ledger.AWAITING: "awaiting_deposit", ledger.OFF_BY_ONE: "unbalanced",
    ledger.WRONG_ITEMS: "unbalanced", ledger.TWO_VERSIONS: "conflicting_rows", ledger.RETURNED_DEPOSIT: "unbalanced",
}  # fmt: skip


def assign(rows: pd.DataFrame, stamp: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give each remittance its settlement: (rows with settlement_id, settlements with gross, fee and items).

    Sums run over the first row of each payment; rows of amounts in conflict never stand under a settlement here.
    `stamp` tells the settlements of one cohort and month from those of another.
    """
    under = (rows["settlement"] != ledger.NONE).to_numpy()
    firsts = rows[under].drop_duplicates("serial")
    day = moments.day_in_month(day_of(firsts["local"].to_numpy()))
    firsts = firsts.assign(decade=np.minimum((day - 1) // 10, 2))
    numbered = firsts.groupby(_KEYS[:4]).cumcount() // _MOST
    firsts["chunk"] = np.where(firsts["settlement"] == ledger.BALANCED, numbered, firsts["block"])
    grouped = firsts.groupby(_KEYS)
    made = grouped.agg(gross=("amount", "sum"), fees=("fee", "sum"), items=("serial", "size")).reset_index()
    made["settlement_id"] = _identifiers(made, stamp)
    of_serial = pd.Series(grouped.ngroup().to_numpy(), index=firsts["serial"])
    position = np.full(len(rows), -1, dtype=np.int64)
    position[under] = of_serial.reindex(rows["serial"][under]).to_numpy(dtype=np.int64)
    named = picked(["", *made["settlement_id"]], position + 1)
    listed = made[made["settlement"] != ledger.UNLISTED].reset_index(drop=True)
    return rows.assign(settlement_id=named), listed.assign(settled_day=_settled_days(listed))


def _identifiers(made: pd.DataFrame, stamp: str) -> Text:
    number = figures(np.arange(len(made)), 5)
    return "LQ" + month_text(made["month"].to_numpy()).str.replace("-", "") + "-" + stamp + number


def _settled_days(made: pd.DataFrame) -> Ints:
    """Days since 1970: the 13th, the 23rd, the 3rd of the next month."""
    months, decade = made["month"].to_numpy(), made["decade"].to_numpy()
    start = first_day(months + (decade == 2))  # noqa: PLR2004
    return np.asarray(start + np.array([12, 22, 2])[decade], dtype=np.int64)


def rows(made: pd.DataFrame) -> pd.DataFrame:
    """Rows of the settlement files: the columns of §3 and `sender`, `month`. Two versions differ in their date."""
    kind = made["settlement"].to_numpy()
    columns = {
        "company": picked(ledger.COMPANIES, made["sender"].to_numpy() - len(ledger.BANKS)),
        "settlement_id": made["settlement_id"],
        "settled_on": day_text(made["settled_day"].to_numpy()),
        "items": figures(made["items"].to_numpy() + (kind == ledger.WRONG_ITEMS)),
        "gross_amount": pesos(made["gross"].to_numpy()),
        "fee_amount": pesos(made["fees"].to_numpy()),
        "net_amount": pesos((made["gross"] - made["fees"]).to_numpy()),
        "currency": "MXN",
        "sender_bank": picked(ledger.BANKS, _bank_of(made)),
        "bank_tracking_key": "DEP" + made["settlement_id"].str.replace("-", ""),
    }
    written = pd.DataFrame(columns).assign(sender=made["sender"], month=made["month"])
    next_day = written.assign(settled_on=day_text(made["settled_day"].to_numpy() + 1))
    other = next_day[made["settlement"] == ledger.TWO_VERSIONS]
    return pd.concat([written, other], ignore_index=True)


def _bank_of(made: pd.DataFrame) -> Ints:
    return (made["sender"].to_numpy() - len(ledger.BANKS)).astype(np.int64)


def deposits(made: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Bank rows of the deposits, in the ledger's row columns, and their dispositions into the truth."""
    seen = made[made["settlement"] != ledger.AWAITING].reset_index(drop=True)
    operating, kind = seen["settled_day"].to_numpy(), seen["settlement"].to_numpy()
    local = operating * DAY + 11 * HOUR
    key = "DEP" + seen["settlement_id"].str.replace("-", "")
    columns = {
        "serial": -1, "bank": True, "sender": _bank_of(seen), "institution": picked(ledger.BANKS, _bank_of(seen)),
        "reference": key, "operating_on": operating, "local": local, "utc": moments.to_utc(local), "offset": -6,
        "amount": (seen["gross"] - seen["fees"]).to_numpy() + (kind == ledger.OFF_BY_ONE), "currency": "MXN",
        "status": "credited", "fee": 0, "month": month_of(operating), "announced": False, "part": "", "defect": 0,
        "text": "LIQUIDACION " + seen["settlement_id"], "settlement_id": "", "line_field": "", "nss_field": "",
        "curp_field": "", "full_name": picked(ledger.COMPANIES, _bank_of(seen)),
    }  # fmt: skip
    made_rows = pd.DataFrame(columns)
    made_rows["natural_key"] = day_text(operating) + "|" + made_rows["institution"] + "|" + key
    back = pd.Series(kind == ledger.RETURNED_DEPOSIT)
    truth.unconfirmed(made_rows[~back], "settlement")
    truth.unconfirmed(made_rows[back], "returned")
    later = made_rows[back].assign(status="returned", part="reenvio", utc=made_rows["utc"][back] + HOUR)
    return pd.concat([made_rows, later], ignore_index=True)


def tell(made: pd.DataFrame, truth: Truth) -> None:
    """The status of each settlement, in the month of its remittances and in that of its date (§6)."""
    known = picked([STATUS.get(kind, "") for kind in range(len(STATUS))], made["settlement"].to_numpy())
    company = picked(ledger.COMPANIES, _bank_of(made))
    listed = pd.DataFrame({"company": company, "settlement_id": made["settlement_id"], "status": known})
    settled = month_of(made["settled_day"].to_numpy())
    truth.record("settlements", listed.assign(month=month_text(made["month"].to_numpy())))
    later = settled != made["month"].to_numpy()
    truth.record("settlements", listed.assign(month=month_text(settled))[later])
