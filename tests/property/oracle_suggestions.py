"""The slow twin of suggestions: every payment against every line, one pair at a time, as docs/decisions/0019 says."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, NamedTuple

from rapidfuzz import fuzz

if TYPE_CHECKING:
    import pandas as pd

Row = dict[Any, Any]
BASES = [
    *["look_alike", "transposition", "one_character", "cut_off"],
    *["near_nss", "near_curp", "family_sum", "name_and_amount"],
]


class Candidate(NamedTuple):
    """One or more lines, and why."""

    lines: tuple[Row, ...]
    basis: str
    likeness: int
    differs: str
    tie: tuple[object, ...] = ()


class Twin:
    """The tables of one month as rows."""

    def __init__(self, tables: dict[str, pd.DataFrame], month: str, window: int) -> None:
        self.rows = {name: table.to_dict("records") for name, table in tables.items()}
        self.month, self.number = month, _number(month)
        self.lines = [
            line
            for line in self.rows["capture_lines"]
            if line["status"] == "issued" and abs(_number(line["due_month"]) - self.number) <= window
        ]
        self.people = {person["nss"]: person for person in self.rows["registrants"]}
        self.paid = {row["capture_line"] for row in self.rows["line_standings"] if row["is_paid"]}
        self.senders = self._senders()
        self.waiting = self._waiting()

    def answer(self) -> list[tuple[str, int, str, int, str, str, int]]:
        """payment_id, rank, lines, likeness, differs, basis, others."""
        told = []
        for payment in self.waiting:
            best: dict[str, tuple[int, int, tuple[object, ...], Candidate]] = {}
            for candidate in self._candidates(payment):
                key = "+".join(line["capture_line"] for line in candidate.lines)
                weighed = self._weighed(payment, candidate)
                order = (-weighed.likeness, BASES.index(weighed.basis), weighed.tie, weighed)
                best[key] = min(best.get(key, order), order, key=lambda each: each[:3])
            ordered = sorted((order[0], key, order[3]) for key, order in best.items())
            alike = Counter(order[0] for order in ordered)
            told += [
                (payment["payment_id"], rank, key, one.likeness, one.differs, one.basis, alike[cost] - 1)
                for rank, (cost, key, one) in enumerate(ordered[:3], start=1)
            ]
        return told

    def _senders(self) -> dict[tuple[str, str, int], tuple[str, str]]:
        found = {}
        for kind, institution in (("bank_transfer_rows", "sender_bank"), ("remittance_rows", "company")):
            for row in self.rows[kind]:
                account, name = row.get("sender_account", ""), fold(row["sender_name"])
                payer = f"#{account}" if account else f"{row[institution]}|{name}" if name else ""
                found[row["sha256"], row["sheet"], row["row"]] = row["sender_name"], payer
        return found

    def _sender(self, payment: Row) -> tuple[str, str]:
        return self.senders[payment["source_sha256"], payment["source_sheet"], payment["source_row"]]

    def _waiting(self) -> list[Row]:
        standing = {row["payment_id"]: row for row in self.rows["payment_standings"]}
        return [
            payment
            for payment in self.rows["payments"]
            if payment["month"] == self.month
            and payment["currency"] == "MXN"
            and standing[payment["payment_id"]]["bucket"] in {"held", "unmatched"}
            and standing[payment["payment_id"]]["reason"] != "unsettled"
        ]

    def _weighed(self, payment: Row, candidate: Candidate) -> Candidate:
        over = payment["amount_centavos"] - sum(line["amount_due_centavos"] for line in candidate.lines)
        months = _number(candidate.lines[0]["due_month"]) - self.number
        paid = any(line["capture_line"] in self.paid for line in candidate.lines)
        pesos = f"{'+' if over > 0 else '-'}{abs(over) // 100}.{abs(over) % 100:02d}"
        parts = [candidate.differs]
        parts += [f"amount {pesos}"] * bool(over) + [f"month {months:+d}"] * bool(months) + ["paid already"] * paid
        parts += ["registrant not registered"] * any(line["nss"] not in self.people for line in candidate.lines)
        cost = 100 * bool(over) + 20 * abs(months) + 200 * paid
        return candidate._replace(likeness=max(1, candidate.likeness - cost), differs="; ".join(parts))

    def _candidates(self, payment: Row) -> list[Candidate]:
        claims = [row for row in self.rows["claims"] if row["payment_id"] == payment["payment_id"]]
        rules = {row["rule"] for row in self.rows["findings"] if row["payment_id"] == payment["payment_id"]}
        found = self._by_family(payment) + self._by_name(payment, claims)
        for claim in claims:
            tokens = tokens_of(claim["text"])
            if not rules & {"exact", "normalised", "text", "text_many"}:
                found += self._by_reference({*runs(tokens), "".join(tokens_of(claim["capture_line"]))})
            if not rules & {"nss", "curp"}:
                for field, basis in (("nss", "near_nss"), ("curp", "near_curp")):
                    found += self._by_person({*tokens, "".join(tokens_of(claim[field]))}, field, basis)
        return found

    def _by_reference(self, written: set[str]) -> list[Candidate]:
        found = []
        for text, line in product(written, self.lines):
            meant = line["capture_line"]
            error = one_error(text, meant)
            if text != meant and text.translate(LOOKS) == meant.translate(LOOKS):
                places = enumerate(zip(text, meant, strict=True), start=1)
                said = "; ".join(
                    f"character {place}: {ours} for {theirs}" for place, (ours, theirs) in places if ours != theirs
                )
                found.append(Candidate((line,), "look_alike", 970, said, (text,)))
            if error:
                kind, likeness = ("transposition", 940) if error.kind == SWAPPED else ("one_character", 920)
                found.append(Candidate((line,), kind, likeness, error.told(), error))
            if self._is_beginning(text, line):
                share, said = 400 * len(text) // len(meant), f"cut off after {len(text)} of {len(meant)}"
                found.append(Candidate((line,), "cut_off", 500 + share, said))
        return found

    def _is_beginning(self, text: str, line: Row) -> bool:
        begun = [
            other["due_month"]
            for other in self.lines
            if other["capture_line"].startswith(text) and other["capture_line"] != text
        ]
        is_one = line["capture_line"].startswith(text) and line["capture_line"] != text
        return is_one and len(text) >= 8 and begun.count(line["due_month"]) <= 10

    def _by_person(self, written: set[str], field: str, basis: str) -> list[Candidate]:
        lines = [line for line in self.lines if line["due_month"] == self.month and line["nss"] in self.people]
        errors = ((line, one_error(text, self.people[line["nss"]][field])) for text, line in product(written, lines))
        return [Candidate((line,), basis, 800, error.told(), error) for line, error in errors if error]

    def _by_family(self, payment: Row) -> list[Candidate]:
        payer = self._sender(payment)[1]
        known = {row["payment_id"]: row for row in self.rows["payments"]}
        family = {
            match["nss"]
            for match in self.rows["matches"]
            if payer
            and self._sender(known[match["payment_id"]])[1] == payer
            and known[match["payment_id"]]["month"] <= self.month
        }
        months = defaultdict(list)
        for line in sorted(self.lines, key=lambda each: each["capture_line"]):
            if line["nss"] in family and 2 <= len(family) <= 8:
                months[line["due_month"]].append(line)
        return [
            Candidate(some, "family_sum", 750, f"sum of {count} lines")
            for lines in months.values()
            if len(lines) <= 8
            for count in (2, 3, 4)
            for some in combinations(lines, count)
            if sum(line["amount_due_centavos"] for line in some) == payment["amount_centavos"]
            and len({line["nss"] for line in some}) == count
        ]

    def _by_name(self, payment: Row, claims: list[Row]) -> list[Candidate]:
        lines = [
            line
            for line in self.lines
            if line["amount_due_centavos"] == payment["amount_centavos"] and line["nss"] in self.people
        ]
        amounts = {each["amount_centavos"] for each in self.waiting}
        bearers = {
            line["nss"] for line in self.lines if line["nss"] in self.people and line["amount_due_centavos"] in amounts
        }
        seen = Counter(word for nss in bearers for word in words(self.people[nss]["full_name"]))
        given = [
            (self._sender(payment)[0], fuzz.token_sort_ratio),
            *((each["text"], fuzz.token_set_ratio) for each in claims),
        ]
        found = []
        for (text, scorer), line in product(given, lines):
            name = self.people[line["nss"]]["full_name"]
            shared = word_pairs(text, seen) & word_pairs(name, seen)
            owing = [
                [
                    word_pairs(self.people[other["nss"]]["full_name"], seen)
                    for other in lines
                    if other["due_month"] == line["due_month"]
                ]
            ][0]
            points = round(scorer(fold(text), fold(name), score_cutoff=88)) - (has_enye(text) != has_enye(name))
            if any(sum(pair in pairs for pairs in owing) <= 10 for pair in shared) and points >= 88:
                found.append(Candidate((line,), "name_and_amount", 7 * points, f"name {points} of 100"))
        return found


LOOKS = str.maketrans("OI", "01")
SWAPPED = 3


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])


def tokens_of(text: str) -> list[str]:
    """Tokens of [A-Z0-9], a-z raised."""
    raised = re.sub("[a-z]", lambda found: found[0].upper(), text)
    return re.findall("[A-Z0-9]+", raised)


def runs(tokens: list[str]) -> set[str]:
    """Up to eight consecutive tokens run together."""
    ends = ((first, last) for first in range(len(tokens)) for last in range(first + 1, min(len(tokens), first + 8) + 1))
    return {"".join(tokens[first:last]) for first, last in ends}


class Error(NamedTuple):
    """One error: its kind, its place from 1, the characters written and meant there."""

    kind: int
    place: int
    wrote: str
    meant: str

    def told(self) -> str:
        """In the words of the product."""
        return (
            f"character {self.place}: {self.wrote} for {self.meant}",
            f"character {self.place} missing",
            f"character {self.place} surplus",
            f"characters {self.place}-{self.place + 1} transposed",
        )[self.kind]


def one_error(wrote: str, meant: str) -> Error | None:
    """What differs, if it is one error."""
    for at in range(len(meant)):
        if len(wrote) == len(meant) and wrote[:at] + meant[at] + wrote[at + 1 :] == meant != wrote:
            return Error(0, at + 1, wrote[at], meant[at])
        if meant[:at] + meant[at + 1 : at + 2] + meant[at : at + 1] + meant[at + 2 :] == wrote != meant:
            return Error(3, at + 1, wrote[at], meant[at])
    for at in reversed(range(len(meant))):
        if meant[:at] + meant[at + 1 :] == wrote:
            return Error(1, at + 1, "", meant[at])
    for at in reversed(range(len(wrote))):
        if wrote[:at] + wrote[at + 1 :] == meant:
            return Error(2, at + 1, wrote[at], "")
    return None


def fold(name: str) -> str:
    """A-Z and single spaces, without accents."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return " ".join(re.findall("[A-Z]+", plain.upper()))


def has_enye(name: str) -> bool:
    """Whether an Ñ is in it."""
    return "ñ" in name.lower()


def words(name: str) -> set[str]:
    """Its words of two letters and more."""
    return {word for word in fold(name).split() if len(word) > 1}


def word_pairs(text: str, seen: Counter[str]) -> set[tuple[str, str]]:
    """Every two of its eight rarest words among registrants."""
    known = sorted((word for word in words(text) if word in seen), key=lambda word: (seen[word], word))
    return set(combinations(known[:8], 2))
