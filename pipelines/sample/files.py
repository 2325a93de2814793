"""The rows of a cohort and month as the files its senders would leave in the inbox (CONTRACT §3).

A bank file is of one receiving bank and part of a month, a remittance file of one company and part of a month; what was
sent again, announced or taken back comes in files of its own. Every file's receipt goes into the truth.
"""

from __future__ import annotations

import itertools
import pathlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.sample import identifiers, ledger, noise, writing
from pipelines.sample.moments import day_in_month
from pipelines.sample.text import (
    Ints,
    Text,
    day_of,
    day_text,
    figures,
    from_codes,
    instant_text,
    month_of,
    month_text,
    pesos,
    picked,
)
from pipelines.sample.truth import Truth

_RECEIVING = np.array([1_218_000_000_000_101, 1_418_000_000_000_202, 2_118_000_000_000_303], dtype=np.int64)
_FORMS = 7  # every seventh file has a byte-order mark, another seventh CRLF
_COMPANY_SLUGS = tuple(company.lower().replace(" ", "-") for company in ledger.COMPANIES)


@dataclass
class Inbox:
    """The folder the files go to, the truth their receipts go to, and how many there are."""

    folder: pathlib.Path
    truth: Truth
    count: int = 0

    def put(self, name: str, content: bytes, rows: int, rejected: int, outcome: str = "accepted") -> None:
        """Write a file and record its receipt. Of files not accepted the contract promises no row counts."""
        (self.folder / name).write_bytes(content)
        counted = [str(rows), str(rejected)] if outcome == "accepted" else ["", ""]
        receipt = [name, outcome, *counted]
        columns = ("file_name", "outcome", "rows", "rejected_rows")
        self.truth.record("receipts", pd.DataFrame([receipt], columns=list(columns)))
        self.count += 1

    def split(self, rows: pd.DataFrame, names: Text, columns: list[str]) -> list[str]:
        """Write rows of text, in the order they are in, to the file each is named; the names in order."""
        code, known = pd.factorize(names, sort=True)
        order = np.argsort(code, kind="stable")
        sorted_rows = rows.iloc[order].reset_index(drop=True)
        rejected = np.concatenate([[0], np.cumsum(sorted_rows["rejected"].to_numpy(dtype=np.int64))])
        edges = np.searchsorted(code[order], np.arange(len(known) + 1))
        lines = writing.Lines(sorted_rows[columns])
        for number, (start, stop) in enumerate(itertools.pairwise(edges)):
            content = writing.dressed(lines.header + lines.body(start, stop), number % _FORMS)
            self.put(str(known[number]), content, int(stop - start), int(rejected[stop] - rejected[start]))
        return [str(name) for name in known]


def put_payments(inbox: Inbox, rows: pd.DataFrame, stamp: str) -> list[str]:
    """Bank and remittance rows of the ledger (with settlement_id and written_month) as files; their names."""
    ordered = rows.sort_values(["utc", "serial"], kind="stable", ignore_index=True)
    bank = ordered["bank"].to_numpy(dtype=np.bool_)
    names = []
    for part, written, prefix in (
        (ordered[bank], _bank_rows, "bank_transfers"),
        (ordered[~bank], _remittance_rows, "remittances"),
    ):
        part_rows = part.reset_index(drop=True)
        text = noise.spoilt(written(part_rows), part_rows["defect"].to_numpy())
        columns = list(text.columns)
        marked = text.assign(rejected=part_rows["defect"].to_numpy() > 0)
        names += inbox.split(marked, _file_names(part_rows, prefix, stamp), columns)
    return names


def _file_names(rows: pd.DataFrame, prefix: str, stamp: str) -> Text:
    days = day_of(rows["local"].to_numpy())
    week = "semana" + figures((day_in_month(days) - 1) // 7 + 1)
    elsewhere = month_of(days) != rows["written_month"].to_numpy()  # one file for what lies in other months
    part = rows["part"].where(rows["part"] != "", week.where(pd.Series(~elsewhere), "resto"))
    if prefix == "bank_transfers":
        sender = picked(ledger.RECEIVERS, _receiver(rows))
    else:
        sender = picked(_COMPANY_SLUGS, rows["sender"].to_numpy() - len(ledger.BANKS))
    month = month_text(month_of(days))
    return prefix + "_" + month + "_" + sender + "_" + part + "_" + stamp + ".csv"


def _receiver(rows: pd.DataFrame) -> Ints:
    return np.asarray(rows["serial"].to_numpy() % len(ledger.RECEIVERS), dtype=np.int64)


def _bank_rows(rows: pd.DataFrame) -> pd.DataFrame:
    serial = np.abs(rows["serial"].to_numpy())
    accounts = 1_218_000_000_000_000 * (1 + serial % 5) + serial
    columns = {
        "operating_date": day_text(rows["operating_on"].to_numpy()),
        "credited_at": instant_text(rows["utc"].to_numpy(), rows["offset"].to_numpy()),
        "tracking_key": rows["reference"],
        "sender_bank": rows["institution"],
        "sender_account": from_codes(identifiers.with_clabe_digit(accounts)).where(pd.Series(serial % 9 > 0), ""),
        "sender_name": rows["full_name"].where(pd.Series(serial % 11 > 0), ""),
        "receiver_account": from_codes(identifiers.with_clabe_digit(_RECEIVING[_receiver(rows)])),
        "amount": pesos(rows["amount"].to_numpy()),
        "currency": rows["currency"],
        "numeric_reference": figures(serial % 10_000_000, 7),
        "concept": rows["text"],
        "status": rows["status"],
    }
    return pd.DataFrame(columns)


def _remittance_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """An announced row does not say its settlement and fee yet."""
    serial, amount = rows["serial"].to_numpy(), rows["amount"].to_numpy()
    rate = 170_000 + serial % 9_000  # ten-thousandths of a peso for a dollar
    fee = pesos(rows["fee"].to_numpy()).where(pd.Series((rows["fee"] > 0).to_numpy() | (serial % 2 == 0)), "")
    columns = {
        "company": rows["institution"],
        "remittance_id": rows["reference"],
        "settlement_id": rows["settlement_id"].where(~rows["announced"], ""),
        "status": rows["status"],
        "sent_at": instant_text(rows["utc"].to_numpy(), rows["offset"].to_numpy()),
        "sender_name": rows["full_name"].where(pd.Series(serial % 11 > 0), ""),
        "send_amount": pesos(amount * 10_000 // rate + 1),
        "send_currency": "USD",
        "fx_rate": figures(rate // 10_000) + "." + figures(rate % 10_000, 4),
        "pay_amount": pesos(amount),
        "pay_currency": rows["currency"],
        "fee": fee.where(~rows["announced"], ""),
        "capture_line": rows["line_field"],
        "nss": rows["nss_field"],
        "curp": rows["curp_field"],
        "message": rows["text"],
    }
    return pd.DataFrame(columns)


def put_settlements(inbox: Inbox, rows: pd.DataFrame, stamp: str) -> None:
    """Settlement rows as one file a company and month."""
    slug = picked(_COMPANY_SLUGS, rows["sender"].to_numpy() - len(ledger.BANKS))
    names = "settlements_" + month_text(rows["month"].to_numpy()) + "_" + slug + "_" + stamp + ".csv"
    columns = [str(column) for column in rows.columns if column not in {"sender", "month"}]
    inbox.split(rows.assign(rejected=False), names, columns)


def put_registry(inbox: Inbox, rows: pd.DataFrame, prefix: str, stamp: str) -> None:
    """Registry rows (with `part`, `rejected`) as one file a part."""
    names = prefix + "_" + rows["part"] + "_" + stamp + ".csv"
    columns = [str(column) for column in rows.columns if column not in {"part", "rejected"}]
    inbox.split(rows.reset_index(drop=True), names.reset_index(drop=True), columns)
