"""What payers write: lines whole, split, glued and doubled, identifiers, noise."""

from __future__ import annotations

import random

LINES = [
    *["{0}CD1234", "{0}CD12345678", "QQ11{0}QQ11", "{0}QQ11{0}QQ11", "LINEA{0}0001", "LINEA{0}0002", "LINEA{0}0003"],
    *["LINEA{0}0004", "ZETA{0}909090", "UNO{0}000001", "DOS{0}000002", "TRES{0}00003", "CUATRO{0}004", "CINCO{0}0005"],
    *["SEIS{0}00006", "SIETE{0}0007"],
]
"""Lines of a world, with the three letters of that world: some begin or end with others."""

NOISE = ["PAGO", "cuota imss", "ñ", "12345678901", "abcd", "5678", "GRACIAS", "SPEI RECIBIDO/0118688976", "QQ11", "--"]
SPLITTERS = [" ", "-", "/", "ñ", "  ", "."]


def letters(universe: int) -> str:
    """Three letters that no other world of a batch has."""
    return "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[universe // 26**place % 26] for place in (2, 1, 0))


def nss(universe: int, number: int) -> str:
    """A made-up NSS with its right check digit."""
    body = f"90{80 + number:02d}70{1000 + universe:04d}"
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(body)]
    return body + str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def curp(universe: int, number: int) -> str:
    """A made-up CURP with its right check digit."""
    body = f"XEXX{70 + number}0101HNE{letters(universe)}0"
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(alphabet.index(letter) * (18 - place) for place, letter in enumerate(body))
    return body + str(-total % 10)


class Texts:
    """Texts of one world, and the lines each was meant to name."""

    def __init__(self, source: random.Random, universe: int, *, is_calm: bool) -> None:
        self.random = source
        self.is_calm = is_calm
        self.people = [nss(universe, number) for number in range(6)]
        self.curps = [curp(universe, number) for number in range(4)]
        lines = [line.format(letters(universe)) for line in LINES]
        # A line that looks like an NSS is a token of both kinds.
        self.lines = lines[: source.randrange(8, len(lines) + 1)] + self.people[:1] * (source.random() < 0.2)

    def written(self, line: str) -> str:
        """The line in one of its written forms."""
        pick = self.random.random()
        if pick < 0.5:
            return line
        if pick < 0.65:
            return line.lower()
        place = self.random.randrange(1, len(line))
        return line[:place] + self.random.choice(SPLITTERS) + line[place:]

    def _fragment(self) -> tuple[str, list[str]]:
        pick = self.random.random()
        line = self.random.choice(self.lines)
        if pick < 0.45:
            return self.written(line), [line]
        if pick < 0.5:
            return self._split(line), [line]
        if pick < 0.55:
            return f"X{line}", []
        if pick < 0.7:
            return self.random.choice(self.people), []
        if pick < 0.78:
            return self.random.choice(self.curps), []
        return self.random.choice(NOISE), []

    def _split(self, line: str) -> str:
        """The line in about as many tokens as may be put together, or a few more."""
        size = self.random.choice([1, 2, 2, 3])
        return "-".join(line[place : place + size] for place in range(0, len(line), size))

    def text(self) -> tuple[str, list[str]]:
        """One to three fragments side by side, rarely glued; in a calm world mostly one line alone."""
        if self.is_calm and self.random.random() < 0.7:
            line = self.random.choice(self.lines)
            return self.written(line), [line]
        fragments = [self._fragment() for _ in range(self.random.choice([1, 1, 1, 2, 2, 3]))]
        glue = self.random.choice([" ", " ", " ", " / ", ""])
        return glue.join(text for text, _ in fragments), sorted({line for _, lines in fragments for line in lines})

    def fields(self) -> tuple[dict[str, str], list[str]]:
        """capture_line, nss, curp and message of a remittance."""
        fields = dict.fromkeys(["capture_line", "nss", "curp", "message"], "")
        named: list[str] = []
        if self.random.random() < 0.5:
            line = self.random.choice(self.lines)
            fields["capture_line"], named = (self.written(line), [line]) if self.random.random() < 0.9 else ("NADA", [])
        if self.random.random() < (0.02 if self.is_calm else 0.25):
            fields["nss"] = self.random.choice([*self.people, self.people[1][:5] + "-" + self.people[1][5:], "99", "-"])
        if self.random.random() < (0.02 if self.is_calm else 0.2):
            fields["curp"] = self.random.choice([*self.curps, self.curps[0].lower(), "NADIE"])
        if self.random.random() < 0.6:
            fields["message"], in_text = self.text()
            named = named or in_text
        return fields, named
