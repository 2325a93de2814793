"""Suggestions found by hashes and blocks are those that comparing everything with everything finds."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pytest

from pipelines.engine import stages
from tests.property.oracle_suggestions import Twin
from tests.spec.blocks import allocated, everybody, suggested_in_blocks
from tests.spec.case import Case
from tests.spec.cast import curp_of, nss_of

if TYPE_CHECKING:
    from pipelines.rules.policy import PolicyBook
    from tests.spec.case import Row, Rows

MONTH: Final = "2026-10"
NAMES: Final = [
    "ANA",
    "LUZ",
    "Íñigo",
    "NUÑEZ",
    "NUNEZ",
    "PEÑA",
    "Ruiz",
    "Ruíz",
    "SOLIS",
    "DE",
    "LA",
    "X",
    "CANO",
    "ROMERO",
]
SHIFTED: Final = str.maketrans("01OI", "OI01")


class Maker:
    """A world in which lines, persons and names lie close together."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.registrants = [self._person(number) for number in range(16)]
        self.lines = self._lines()
        self.moment = 0

    def world(self, payments: int) -> Rows:
        """Registries and payments of all kinds."""
        return {
            "registrants": self.registrants,
            "capture_lines": self.lines,
            "bank_transfers": [
                self._transfer(f"T{number // 2 if number < 6 else number}") for number in range(payments)
            ],
            "remittances": [self._remittance(f"R{number}") for number in range(payments // 3)],
        }

    def _person(self, number: int) -> Row:
        return {
            "nss": nss_of(f"92018400{number:02d}"),
            "curp": curp_of(f"AAPA840101MDFXX{self._some('NÑ')}{number % 10}"),
            "full_name": " ".join(self.random.sample(NAMES, self.random.randint(2, 4))),
            "umf": "",
        }

    def _lines(self) -> list[Row]:
        stems = ["".join(self.random.choices("01OIAB", k=self.random.choice([8, 9, 12]))) for _ in range(5)]
        crowd = [f"QQ0000{self._some('01')}{number:03d}" for number in range(24)]
        written = [self._slip(self._some(stems), self.random.randint(0, 2)) for _ in range(60)]
        return [self._line(line) for line in sorted({*written, *crowd}) if len(line) >= 8]

    def _line(self, written: str) -> Row:
        months = [MONTH, MONTH, MONTH, "2026-08", "2026-11", "2026-12", "2027-01", "2027-03"]
        return {
            "line": written,
            "nss": self._some([*(person["nss"] for person in self.registrants), "1"]),
            "coverage_month": "2026-11" if written.startswith("QQ") else self._some(months),
            "amount_due": self._some(["500.00", "500.00", "200.00", "300.00"]),
            "status": self._some(["issued"] * 9 + ["cancelled"]),
        }

    def _transfer(self, key: str) -> Row:
        return {
            "key": key,
            "concept": self._text(),
            "credited_at": f"{self._some(['2026-10', '2026-10', '2026-09', '2026-11'])}-05T12:00:00-06:00",
            "operating_date": "2026-10-05",
            "amount": self._some(["500.00", "200.00", "300.00", "700.00", "1000.00", "499.99"]),
            "currency": self._some(["MXN"] * 9 + ["USD"]),
            "status": self._some(["credited"] * 9 + ["returned"]),
            "sender_account": self._some(["", "71", "72", "73"]),
            "sender_name": self._name(),
        }

    def _remittance(self, key: str) -> Row:
        person = self._some(self.registrants)
        return {
            "key": key,
            "pay_amount": self._some(["500.00", "200.00", "300.00"]),
            "capture_line": self._some(["", self._spaced(self._reference())]),
            "nss": self._some(["", "", self._slip(person["nss"], self.random.randint(0, 1))]),
            "curp": self._some(["", "", self._slip(person["curp"], 1)]),
            "message": self._text(),
            "sender_name": self._name(),
            "settlement_id": "",
        }

    def _text(self) -> str:
        person = self._some(self.registrants)
        texts: list[str] = [
            self._spaced(self._reference()),
            f"PAGO {self._spaced(self._reference())} octubre {self._name()}",
            self._some(self.lines)["line"],
            f"NSS {self._slip(person['nss'], self.random.randint(0, 1))}",
            self._slip(person["curp"], 1),
            f"seguro de {self._name()} gracias",
            "",
        ]
        return self.random.choice(texts)

    def _reference(self) -> str:
        line: str = self._some(self.lines)["line"]
        kind = self.random.random()
        if kind < 0.2:
            return line[: self.random.randint(7, len(line))]
        return line.translate(SHIFTED) if kind < 0.3 else self._slip(line, self.random.randint(1, 2))

    def _slip(self, text: str, errors: int) -> str:
        for _ in range(errors):
            place = self.random.randrange(len(text) - 1)
            letter = self._some("01OIAB")
            text = self._some(
                [
                    text[:place] + letter + text[place + 1 :],
                    text[:place] + text[place + 1 :],
                    text[:place] + letter + text[place:],
                    text[:place] + text[place + 1] + text[place] + text[place + 2 :],
                ]
            )
        return text

    def _spaced(self, text: str) -> str:
        return "".join(letter + self._some(["", "", "", "", "-", " "]) for letter in text)

    def _name(self) -> str:
        if self.random.random() < 0.4:
            return ""
        words = self._some(self.registrants)["full_name"].split()
        self.random.shuffle(words)
        return " ".join(words).replace("Ñ", self._some("ÑN"))

    def _some(self, among: str | list[str] | list[Row]) -> Any:
        return self.random.choice(among)


def _reconciled(seed: int) -> tuple[dict[str, pd.DataFrame], PolicyBook]:
    return allocated(Case("", Maker(seed).world(90), {}, MONTH))


@pytest.mark.parametrize("seed", range(8))
def test_suggestions_are_those_of_comparing_everything_with_everything(seed: int) -> None:
    tables, policy = _reconciled(seed)
    found = stages.suggest(tables, MONTH, policy)["suggestions"]
    columns = ["payment_id", "rank", "capture_line", "likeness", "differs", "basis", "others"]
    expected = Twin(tables, MONTH, 2).answer()
    assert sorted(found[columns].itertuples(index=False, name=None)) == sorted(expected)
    assert len({row[5] for row in expected}) >= 6


@pytest.mark.parametrize(("seed", "number"), [(0, 1), (1, 2), (2, 3), (3, 5), (4, 40), (5, 2), (6, 3), (7, 8)])
def test_lines_in_any_blocks_give_the_suggestions_that_one_block_gives(seed: int, number: int) -> None:
    tables, policy = _reconciled(seed)
    chance = random.Random(seed)
    found = suggested_in_blocks(tables, MONTH, {nss: chance.randrange(number) for nss in everybody(tables)})
    pd.testing.assert_frame_equal(found, stages.suggest(tables, MONTH, policy)["suggestions"])
