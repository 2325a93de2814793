"""The steps of matching (CONTRACT §7): what a payment names, the first step with an answer decides.

Each step is a function from what no earlier step answered to *found* rows: ``subject`` (position of the claim),
``line`` (position in the registry, −1 for none), ``nss`` of the line or of the registrant, ``rule``, and ``problem``
where the step itself found too much or too little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pipelines.rules import naming
from pipelines.rules.calendar import month_numbers
from pipelines.rules.keys import are_distinct, group, positions, taken
from pipelines.rules.words import everywhere, first_of, worded
from schemas.identifiers.capture_line import normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FOUND: Final = ["subject", "line", "nss", "rule", "problem"]
NO_LINE: Final = -1


@dataclass(frozen=True)
class Question:
    """Who is asked for (claims with ``month`` as a number) and the two registries that may answer."""

    claims: pd.DataFrame
    lines: pd.DataFrame
    registrants: pd.DataFrame

    @cached_property
    def tokens(self) -> naming.Tokens:
        """Tokens of every claim's text."""
        return naming.tokenise(self.claims["text"])

    @cached_property
    def nss_tokens(self) -> pd.Series[str]:
        """The NSS field of every claim as one token."""
        return normalise(self.claims["nss"])

    @cached_property
    def curp_tokens(self) -> pd.Series[str]:
        """The CURP field of every claim as one token."""
        return normalise(self.claims["curp"])

    @cached_property
    def has_fields(self) -> NDArray[np.bool_]:
        """Whether the NSS or the CURP field is filled."""
        return (self.claims["nss"].ne("") | self.claims["curp"].ne("")).to_numpy(dtype=bool)

    @cached_property
    def named_by_text(self) -> pd.DataFrame:
        """Registrants whom each text names: ``subject``, ``registrant``, ``rule``; each pair once."""
        by_nss = naming.named_keys(self.tokens, self.registrants["nss"], naming.NSS_DIGITS)
        codes, curps = self._curps
        by_curp = naming.named_keys(self.tokens, curps, naming.CURP_CHARACTERS)
        return _once(_pairs(by_nss.text, by_nss.found, "nss"), self._bearers(by_curp.text, by_curp.found, codes))

    @cached_property
    def due_months(self) -> NDArray[np.int64]:
        """The due month of every line as a number; −1 for one in conflict."""
        return month_numbers(self.lines["due_month"])

    @cached_property
    def registrant_of_line(self) -> NDArray[np.int64]:
        """Where the registrant of every line stands; −1 where she is not registered."""
        return positions(self.lines["nss"], self.registrants["nss"])

    @cached_property
    def named_by_fields(self) -> pd.DataFrame:
        """Registrants whom the fields name together: all that every filled one names, or those of two persons."""
        subjects = np.arange(len(self.claims))
        by_nss = positions(self.nss_tokens, self.registrants["nss"])
        codes, curps = self._curps
        by_curp = positions(self.curp_tokens, curps)
        named = pd.concat(
            [
                _pairs(subjects[by_nss >= 0], by_nss[by_nss >= 0], "nss"),
                self._bearers(subjects[by_curp >= 0], by_curp[by_curp >= 0], codes),
            ]
        )
        return _agreeing(named, self.claims["nss"].ne("").astype(int) + self.claims["curp"].ne("").astype(int))

    @cached_property
    def _curps(self) -> tuple[NDArray[np.int64], pd.Series[str]]:
        if are_distinct(self.registrants["curp"]):
            return np.arange(len(self.registrants)), self.registrants["curp"]
        groups = group(self.registrants["curp"])
        return groups.code, self.registrants["curp"].take(groups.first).reset_index(drop=True)

    def _bearers(self, subjects: NDArray[Any], curps: NDArray[Any], codes: NDArray[np.int64]) -> pd.DataFrame:
        """Every registrant who bears one of the CURPs found: two may claim one."""
        bearer = np.flatnonzero(np.isin(codes, curps))
        bearers = pd.DataFrame({"curp": codes[bearer], "registrant": bearer})
        named = pd.DataFrame({"subject": subjects, "curp": curps}).merge(bearers, on="curp")
        return _pairs(named["subject"].to_numpy(), named["registrant"].to_numpy(), "curp")


def by_line_field(question: Question, open_subjects: NDArray[np.int64]) -> pd.DataFrame:
    """Step 1: the capture line field equals a line, as its standing row writes it or after normalising."""
    written = question.claims["capture_line"].iloc[open_subjects]
    given = normalise(written)
    line = positions(given, question.lines["capture_line"])
    hit = (line >= 0) & given.ne("").to_numpy()
    as_written = taken(question.lines["capture_line_written"], line[hit], "")
    same = as_written.eq(written[hit].reset_index(drop=True)).to_numpy()
    return _found(question, open_subjects[hit], line[hit], worded(same.astype(np.int8), ["normalised", "exact"]))


def by_line_in_text(question: Question, open_subjects: NDArray[np.int64]) -> pd.DataFrame:
    """Step 2: the text names one line; or several, whose amounts due the payment must meet exactly."""
    named = naming.named_lines(question.tokens, question.lines["capture_line"])
    asked = _is_among(named.text, open_subjects, question)
    subject, line = named.text[asked], named.found[asked]
    several = np.bincount(subject, minlength=len(question.claims))[subject] > 1
    due = question.lines["amount_due_centavos"].to_numpy()[line[several]]
    total = pd.Series(due).groupby(subject[several]).transform("sum").to_numpy()
    differs = np.zeros(len(subject), dtype=np.int8)
    differs[several] = total != question.claims["amount_centavos"].to_numpy()[subject[several]]
    found = _found(question, subject, line, worded(several.astype(np.int8), ["text", "text_many"]))
    return found.assign(problem=worded(differs, ["", "several_lines"]))


def by_registrant(question: Question, open_subjects: NDArray[np.int64]) -> pd.DataFrame:
    """Step 3: the fields, or without them the text, name one registrant with one line due in the payment's month."""
    fields, text = question.named_by_fields, question.named_by_text
    named = pd.concat([fields, text[~question.has_fields[text["subject"].to_numpy(dtype=np.int64)]]])
    named = named[_is_among(named["subject"].to_numpy(dtype=np.int64), open_subjects, question)]
    registrant = named["registrant"].to_numpy(dtype=np.int64)
    named = named.assign(nss=taken(question.registrants["nss"], registrant, "").to_numpy())
    several = named["subject"].duplicated(keep=False)
    many = named[several].assign(line=NO_LINE, problem="several_registrants")
    answers: list[pd.DataFrame] = [many.loc[:, FOUND], _line_of_month(question, named[~several])]
    return pd.concat(answers, ignore_index=True)


def _line_of_month(question: Question, named: pd.DataFrame) -> pd.DataFrame:
    """The issued line of each named registrant due in the payment's month, and what is wrong with it."""
    lines = question.lines
    wanted = np.zeros(len(question.registrants) + 1, dtype=bool)
    wanted[named["registrant"].to_numpy(dtype=np.int64)] = True
    wanted[-1] = False
    line = np.flatnonzero(lines["status"].eq("issued").to_numpy(dtype=bool) & wanted[question.registrant_of_line])
    issued = pd.DataFrame(
        {"registrant": question.registrant_of_line[line], "month": question.due_months[line], "line": line}
    )
    asked = named.assign(month=question.claims["month"].to_numpy()[named["subject"].to_numpy(dtype=np.int64)])
    found = asked.astype({"registrant": "int64"}).merge(issued, on=["registrant", "month"], how="left")
    found["line"] = found["line"].fillna(NO_LINE).astype("int64")
    none, several = found["line"].eq(NO_LINE), found["subject"].duplicated(keep=False)
    due = lines["amount_due_centavos"].to_numpy()
    owed = due[found["line"]] if len(due) else np.zeros(len(found), dtype=np.int64)
    differs = owed != question.claims["amount_centavos"].to_numpy()[found["subject"].to_numpy(dtype=np.int64)]
    problem = first_of([none, several, differs], ["no_line_for_month", "several_lines", "amount_mismatch"], "")
    return found.assign(problem=problem).loc[:, FOUND]


def _found(
    question: Question, subjects: NDArray[np.int64], lines: NDArray[np.int64], rule: pd.Series[str]
) -> pd.DataFrame:
    nss = taken(question.lines["nss"], lines, "")
    none = everywhere("", nss.index)
    return pd.DataFrame({"subject": subjects, "line": lines, "nss": nss, "rule": rule, "problem": none})


def _is_among(subjects: NDArray[np.int64], open_subjects: NDArray[np.int64], question: Question) -> NDArray[np.bool_]:
    is_open = np.zeros(len(question.claims), dtype=bool)
    is_open[open_subjects] = True
    return is_open[subjects]


def _pairs(subjects: NDArray[Any], registrants: NDArray[Any], rule: str) -> pd.DataFrame:
    return pd.DataFrame({"subject": subjects, "registrant": registrants, "rule": rule})


def _once(*pairs: pd.DataFrame) -> pd.DataFrame:
    """Each subject and registrant once; by ``nss`` where both name them."""
    ordered = pd.concat(pairs).sort_values(["subject", "registrant", "rule"], ascending=[True, True, False])
    return ordered.drop_duplicates(["subject", "registrant"], ignore_index=True)


def _agreeing(named: pd.DataFrame, filled: pd.Series[int]) -> pd.DataFrame:
    """Of the pairs that two fields name: nobody if one field names nobody, whom both name, else all of them."""
    fields_naming = named.groupby("subject")["rule"].nunique()
    complete = named["subject"].map(fields_naming) == filled.to_numpy()[named["subject"]]
    named = named[complete]
    by_both = named.duplicated(["subject", "registrant"], keep=False)
    agreed = by_both.groupby(named["subject"]).transform("any") if len(named) else by_both
    return _once(named[by_both | ~agreed])


STEPS: Final[tuple[Callable[[Question, NDArray[np.int64]], pd.DataFrame], ...]] = (
    by_line_field,
    by_line_in_text,
    by_registrant,
)
"""In order; the first with an answer decides."""
