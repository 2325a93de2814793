"""What must come of the sample: tables filled in by the scenarios as they lay out their payments.

What belongs here: keeping, sorting and writing outcomes. What does not: finding an outcome from the data.
"""

from __future__ import annotations

import pathlib

import numpy as np
import pandas as pd
import pyarrow

from pipelines.sample import moments, writing
from pipelines.sample.text import Ints, day_of, day_text, figures, month_text

COLUMNS = {
    "receipts": ["file_name", "outcome", "rows", "rejected_rows"],
    "dispositions": [
        "month", "natural_key", "bucket", "reason", "amount_centavos", "currency", "capture_line", "nss",
        "coverage_month",
    ],
    "activations": [
        "month", "nss", "capture_line", "amount_due_centavos", "amount_applied_centavos", "paid_on", "clinic_status",
    ],
    "exceptions": ["month", "nss", "capture_line", "amount_due_centavos", "reason"],
    "flags": ["month", "natural_key", "flag"],
    "settlements": ["month", "company", "settlement_id", "status"],
    "money": ["month", "bucket", "currency", "amount_centavos"],
    "matches": ["month", "natural_key", "capture_line", "rule"],
}  # fmt: skip
_OF_BUCKET = {"surplus": "over_paid", "short": "part_paid", "late": "late"}
_UNCONFIRMED_LATE = ("held", "unmatched")


def _of(paid: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """These columns of payments and their month as text, numbered from zero: columns built anew must line up."""
    return paid[list(columns)].reset_index(drop=True).assign(month=month_text(paid["month"].to_numpy()))


class Truth:
    """Outcomes known by construction, one list of frames a table; `write` sorts and writes them."""

    def __init__(self) -> None:
        self._frames: dict[str, list[pd.DataFrame]] = {name: [] for name in COLUMNS}

    def record(self, table: str, rows: pd.DataFrame) -> None:
        """Keep rows of a table, in its columns."""
        if len(rows):
            self._frames[table].append(rows[COLUMNS[table]])

    def confirmed(self, paid: pd.DataFrame, bucket: str, amount: Ints, *flags: str, rule: str | None = None) -> None:
        """A part of confirmed payments in a bucket, with the match and the flags that follow from it."""
        part = _of(paid, "natural_key", "currency", "nss", "line", "rule").rename(columns={"line": "capture_line"})
        coverage = month_text(paid["due_month"].to_numpy() + 1)
        part = part.assign(bucket=bucket, reason="", amount_centavos=amount, coverage_month=coverage)
        self.record("dispositions", part)
        self.record("matches", part if rule is None else part.assign(rule=rule))
        for flag in {*flags, *([_OF_BUCKET[bucket]] if bucket in _OF_BUCKET else [])}:
            self.record("flags", part.assign(flag=flag))

    def unconfirmed(self, paid: pd.DataFrame, bucket: str, reason: str = "") -> None:
        """Whole payments in a bucket where nothing is confirmed; late by the cut-off of their own month (§9)."""
        blank = {"capture_line": "", "nss": "", "coverage_month": ""}
        rows = _of(paid, "natural_key", "currency", "amount").rename(columns={"amount": "amount_centavos"})
        rows = rows.assign(bucket=bucket, reason=reason, **blank)
        self.record("dispositions", rows)
        if bucket in _UNCONFIRMED_LATE:
            late = moments.day_in_month(day_of(paid["local"].to_numpy())) > moments.CUTOFF_DAY
            self.record("flags", rows[late].assign(flag="late"))

    def flagged(self, paid: pd.DataFrame, flag: str) -> None:
        """A flag on each of these payments."""
        self.record("flags", _of(paid, "natural_key").assign(flag=flag))

    def activated(self, cases: pd.DataFrame, paid_on: Ints) -> None:
        """Lines paid in full on time; `paid_on` days since 1970, one a case."""
        clinics = np.where(cases["clinic"].to_numpy() >= 0, "assigned", "pending")
        rows = self._line_rows(cases).assign(paid_on=day_text(paid_on), clinic_status=clinics)
        self.record("activations", rows.assign(amount_applied_centavos=rows["amount_due_centavos"]))

    def excepted(self, cases: pd.DataFrame, reason: str) -> None:
        """Issued lines that activate nothing, and the first reason why (§10)."""
        self.record("exceptions", self._line_rows(cases).assign(reason=reason))

    @staticmethod
    def _line_rows(cases: pd.DataFrame) -> pd.DataFrame:
        rows = cases[["nss", "line", "due_centavos"]].reset_index(drop=True)
        rows.columns = pd.Index(["nss", "capture_line", "amount_due_centavos"])
        return rows.assign(month=month_text(cases["due_month"].to_numpy()))

    def table(self, name: str) -> pd.DataFrame:
        """A table so far, sorted by all its columns; flags and matches without repeats."""
        if name == "money":
            return self._money()
        if not self._frames[name]:
            return pd.DataFrame({column: pd.Series(dtype="str") for column in COLUMNS[name]})
        rows = pyarrow.Table.from_pandas(pd.concat(self._frames[name], ignore_index=True), preserve_index=False)
        ordered: pd.DataFrame = rows.sort_by([(column, "ascending") for column in COLUMNS[name]]).to_pandas()
        return ordered.drop_duplicates(ignore_index=True) if name in {"flags", "matches"} else ordered

    def _money(self) -> pd.DataFrame:
        keys = ["month", "bucket", "currency"]
        frames = [rows[[*keys, "amount_centavos"]].groupby(keys).sum() for rows in self._frames["dispositions"]]
        return pd.concat(frames).groupby(keys).sum().reset_index()

    def write(self, folder: pathlib.Path) -> None:
        """Write every table as CSV, all values as text."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in COLUMNS:
            rows = self.table(name)
            numeric = [column for column in rows if pd.api.types.is_integer_dtype(rows[column])]
            written = rows.assign(**{str(column): figures(rows[column].to_numpy()) for column in numeric})
            writing.write_table(folder / f"{name}.csv", written[COLUMNS[name]])
