"""The sample's ledger of one cohort and month: payments as rows of bank and remittance files, lines, and the truth.

Scenarios call `pay` and `again` for what the senders see, and the ledger's `truth` for what must come of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pipelines.sample import lines, moments, ways
from pipelines.sample.text import DAY, Bools, Ints, Text, day_of, day_text, figures, month_of, picked
from pipelines.sample.truth import Truth

COMPANIES = ("ENVIOS DEL VALLE", "GIROS FRONTERA", "DINERO CERCA", "PUENTE NORTE")
BANKS = ("40012", "40014", "40072", "40002", "90646")
RECEIVERS = ("bbva", "santander", "hsbc")
BALANCED, AWAITING, OFF_BY_ONE, WRONG_ITEMS, TWO_VERSIONS, RETURNED_DEPOSIT, NONE, UNLISTED = range(8)


@dataclass(frozen=True)
class Terms:
    """What is unusual about payments; each is one value for all of them or one a payment."""

    currency: str = "MXN"
    status: str | None = None  # default: credited, paid
    settlement: Ints | int = BALANCED
    block: Ints | int = 0  # payments of one block stand in one settlement of an unusual kind
    company: Ints | None = None  # position in COMPANIES
    offset: Ints | None = None  # hours from UTC as written
    operating_on: Ints | None = None  # days since 1970, bank transfers only


ORDINARY = Terms()


@dataclass
class Serials:
    """Running numbers of the whole sample: nothing is numbered twice."""

    line: int = 0
    payment: int = 0

    def lines(self, count: int) -> Ints:
        """The next `count` serials of lines."""
        self.line += count
        return np.arange(self.line - count, self.line, dtype=np.int64)

    def payments(self, count: int) -> Ints:
        """The next `count` serials of payments."""
        self.payment += count
        return np.arange(self.payment - count, self.payment, dtype=np.int64)


@dataclass
class Ledger:
    """One month and cohort: `month` in months since 1970, `cases` the line of each registrant due in it."""

    month: int
    cohort: int
    span: tuple[int, int]  # first and last month of the sample
    rng: np.random.Generator
    serials: Serials
    truth: Truth
    cases: pd.DataFrame
    rows: list[pd.DataFrame] = field(default_factory=list)
    line_rows: list[pd.DataFrame] = field(default_factory=list)
    dropped: Bools = field(init=False)
    in_conflict: Bools = field(init=False)

    def __post_init__(self) -> None:
        self.dropped = np.zeros(len(self.cases), dtype=np.bool_)
        self.in_conflict = np.zeros(len(self.cases), dtype=np.bool_)

    def pay(
        self, cases: pd.DataFrame, amount: Ints, local: Ints, said: pd.DataFrame, terms: Terms = ORDINARY
    ) -> pd.DataFrame:
        """One payment a case: its rows go to the files, and come back with natural_key and month for the truth.

        `amount` centavos and `local` wall-clock microseconds, one a case; `said` from `ways.said`.
        """
        count = len(cases)
        serial = self.serials.payments(count)
        bank = (said["channel"] == ways.BANK).to_numpy()
        company = self.rng.integers(0, len(COMPANIES), count) if terms.company is None else terms.company
        sender = np.where(bank, self.rng.integers(0, len(BANKS), count), company + len(BANKS))
        operating = moments.operating_day(local) if terms.operating_on is None else terms.operating_on
        offsets = self.rng.choice(moments.OFFSETS, count) if terms.offset is None else terms.offset
        columns = {
            "serial": serial, "bank": bank, "sender": sender, "institution": picked([*BANKS, *COMPANIES], sender),
            "reference": _references(bank, serial), "operating_on": operating, "local": local,
            "utc": moments.to_utc(local), "offset": offsets, "amount": amount, "currency": terms.currency,
            "status": _statuses(bank, terms.status), "fee": self.rng.integers(0, 50, count) * 75,
            "settlement": np.where(bank, NONE, terms.settlement), "block": np.broadcast_to(terms.block, count),
            "month": month_of(day_of(local)), "announced": False, "part": "", "defect": 0,
        }  # fmt: skip
        paid = pd.concat([pd.DataFrame(columns), said.drop(columns="channel")], axis=1)
        names = cases["full_name"].reset_index(drop=True)
        paid = for_line(paid.assign(natural_key=_natural_keys(paid), full_name=names), cases)
        self.rows.append(paid)
        return paid

    def again(self, paid: pd.DataFrame, part: str = "reenvio", **changes: Any) -> None:  # noqa: ANN401  # any column's values
        """The same payments once more, in another file, with these row columns changed (`utc` by `local`)."""
        rows = paid.assign(part=part, **changes)
        if "local" in changes:
            rows["utc"] = moments.to_utc(rows["local"].to_numpy())
        self.rows.append(rows)

    def extra_lines(self, cases: pd.DataFrame, due_month: int) -> pd.DataFrame:
        """Another line for each case, due in a month; the cases with it in place of their own."""
        about = cases.drop(columns=["line", "style", "written", "due_centavos", "due_month", "case"])
        extra = lines.issue(self.rng, about, self.serials.lines(len(cases)), due_month)
        self.line_rows.append(lines.rows(extra, lines.updated_at(extra)))
        return extra.assign(case=-1)

    def never_issue(self, cases: pd.DataFrame) -> None:
        """These lines do not exist after all."""
        self.dropped[cases["case"].to_numpy()] = True

    def cancel(self, cases: pd.DataFrame) -> None:
        """A newer row cancels these lines."""
        self.line_rows.append(lines.rows(cases, lines.updated_at(cases) + DAY, status="cancelled", part="cambios"))

    def contradict(self, cases: pd.DataFrame) -> None:
        """A second newest row disagrees on the amount; an older, clean row must not come back."""
        self.in_conflict[cases["case"].to_numpy()] = True
        other, updated = cases.assign(due_centavos=cases["due_centavos"] + 10_000), lines.updated_at(cases)
        self.line_rows.append(lines.rows(other, updated, part="cambios").assign(rejected=True))
        self.line_rows.append(lines.rows(cases, updated - 5 * DAY, part="anteriores"))

    def line_registry(self) -> pd.DataFrame:
        """Every row of this cohort's line files for the month."""
        base = lines.rows(self.cases, lines.updated_at(self.cases)).assign(rejected=self.in_conflict)[~self.dropped]
        older = lines.superseded(self.cases[~self.dropped & ~self.in_conflict])
        broken = lines.defective(self.cases, f"{self.month}{self.cohort:03}")
        return pd.concat([base, older, broken, *self.line_rows], ignore_index=True)

    def on_time(self, count: int) -> Ints:
        """Moments before the cut-off of the month."""
        return moments.on_time(self.rng, self.month, count)

    def any_time(self, count: int) -> Ints:
        """Moments anywhere in the month."""
        return moments.any_time(self.rng, self.month, count)

    def said(self, cases: pd.DataFrame, *named: str) -> pd.DataFrame:
        """What payments say, the ways in turn."""
        return ways.said(self.rng, cases, *named)


def for_line(paid: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Payments as the truth needs them: with nss, line and due month of the line they pay."""
    about = cases[["nss", "line", "due_month", "due_centavos"]].reset_index(drop=True)
    return paid.assign(**{str(name): about[name] for name in about})


def _references(bank: Bools, serial: Ints) -> Text:
    """Tracking keys (claves de rastreo) and ten-digit remittance numbers with zeros in front."""
    return ("MB" + figures(serial, 14)).where(pd.Series(bank), figures(serial, 10))


def _statuses(bank: Bools, status: str | None) -> Text:
    return picked(["paid", "credited"] if status is None else [status, status], bank.astype(np.int64))


def _natural_keys(paid: pd.DataFrame) -> Text:
    """Parts of the natural key joined by `|` (CONTRACT §5)."""
    key = paid["institution"] + "|" + paid["reference"]
    return (day_text(paid["operating_on"].to_numpy()) + "|" + key).where(paid["bank"], key)
