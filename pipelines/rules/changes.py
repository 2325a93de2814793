"""Coverage changes (CONTRACT §10): a publication against the one before it, each change with its cause.

A cause is found, not guessed: it is what of the two publications' inputs differs for the registrant, her line and the
payments that name it. New rows are those of files that the publication before did not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules import registry
from pipelines.rules.keys import among, group, positions, taken
from pipelines.rules.words import everywhere
from schemas.octets import LARGE_TEXT, as_array
from schemas.tables.coverage_activations import CoverageActivation
from schemas.tables.coverage_changes import CoverageChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SEPARATOR: Final = "; "
"""Between two payments in one cell."""

_DISPOSING: Final = ("later_status", "decision", "new_file")
_OF_A_LINE: Final = ["capture_line", "nss", "coverage_month", "amount_due_centavos", "status"]
_OF_A_REGISTRANT: Final = ["nss", "curp", "full_name", "umf"]
_CASE: Final = ["nss", "payment_id"]
_COUNTING: Final = ("applied", "superseded", "undone")


class Before(NamedTuple):
    """The publication before: what it said, the SHA-256 of its inputs, whether policy and code are still its own."""

    activations: pd.DataFrame
    exceptions: pd.DataFrame
    inputs: frozenset[str]
    is_same_policy: bool
    is_same_code: bool


class Evidence(NamedTuple):
    """What this publication is made of."""

    activations: pd.DataFrame
    exceptions: pd.DataFrame
    findings: pd.DataFrame
    matches: pd.DataFrame
    payment_rows: pd.DataFrame
    payment_facts: pd.DataFrame
    line_rows: pd.DataFrame
    registrant_rows: pd.DataFrame
    settlement_rows: pd.DataFrame
    decisions: pd.DataFrame


def tell(evidence: Evidence, before: Before | None) -> pd.DataFrame:
    """CoverageChange: these activations against those of the publication before (``None``: there was none)."""
    changed = _changed(evidence, CoverageActivation.empty() if before is None else before.activations)
    changed = changed.assign(detail=_details(changed, evidence, before))
    if before is None:
        causes = everywhere("first_publication", changed.index)
        concerned = _confirmed(changed, evidence.matches)
    else:
        causes, concerned = _causes(changed, _cases(changed, evidence), evidence, before)
    joined = _joined(concerned)
    payments = taken(joined["payment_id"], positions(changed["nss"], joined["nss"]), "")
    told = changed.assign(cause=causes, payments=payments)[list(CoverageChange.kinds())]
    return CoverageChange.conform(told.astype("str"))


def _changed(evidence: Evidence, old: pd.DataFrame) -> pd.DataFrame:
    """Every registrant whose activation is not what it was, with the change and the columns that differ."""
    now = evidence.activations
    now, old = now[~_stands_in(now, old)], old[~_stands_in(old, now)]
    place = positions(now["nss"], old["nss"])
    is_known = place >= 0
    new, gone = now[~is_known], old[~among(old["nss"], now["nss"])]
    amended, was = now[is_known].reset_index(drop=True), old.take(place[is_known]).reset_index(drop=True)
    changed = [
        _change(new, "activated", line_before=everywhere("", new.index), differing=everywhere("", new.index)),
        _change(gone, "revoked", line_before=gone["capture_line"], differing=everywhere("", gone.index)),
        _change(amended, "amended", line_before=was["capture_line"], differing=_differing_columns(amended, was)),
    ]
    return pd.concat(changed, ignore_index=True)


def _change(rows: pd.DataFrame, change: str, **columns: pd.Series[str]) -> pd.DataFrame:
    told = rows[["coverage_month", "nss", "month", "capture_line"]]
    return told.assign(change=everywhere(change, rows.index), **columns)


def _differing_columns(amended: pd.DataFrame, was: pd.DataFrame) -> pd.Series[str]:
    """The columns of each activation that are not what they were."""
    names = everywhere("", amended.index)
    for name in CoverageActivation.kinds():
        is_other = amended[name].ne(was[name])
        names = names.mask(is_other, names + " " + name) if is_other.any() else names
    return names.str.strip()


def _stands_in(ones: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.bool_]:
    """For each activation of the ones whether the very same stands among the others: most do, and are not looked at."""
    place = positions(ones["nss"], others["nss"])
    known = np.flatnonzero(place >= 0)
    same = np.ones(len(known), dtype=bool)
    for name in CoverageActivation.kinds():
        left, right = ones[name].take(known).reset_index(drop=True), others[name].take(place[known])
        same &= left.eq(right.reset_index(drop=True)).to_numpy(dtype=bool)
    stands = np.zeros(len(ones), dtype=bool)
    stands[known[same]] = True
    return stands


def _details(changed: pd.DataFrame, evidence: Evidence, before: Before | None) -> pd.Series[str]:
    now = evidence.exceptions
    then = now.iloc[:0] if before is None else before.exceptions
    told = changed["differing"]
    for change, exceptions, otherwise in (("revoked", now, "line_not_issued"), ("activated", then, "")):
        place = np.flatnonzero(changed["change"].eq(change))
        line = positions(changed["capture_line"].take(place), exceptions["capture_line"])
        reason = taken(exceptions["reason"], line, otherwise).set_axis(changed.index[place])
        told = told.mask(changed["change"].eq(change), reason.reindex(changed.index)) if len(place) else told
    return told.astype("str")


def _cases(changed: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """(nss, payment_id, is_confirmed): the payments that name the registrant's line, now or by the line before."""
    was = changed.loc[changed["line_before"].ne(""), ["nss", "line_before"]].set_axis(["nss", "capture_line"], axis=1)
    lines = pd.concat([changed[["nss", "capture_line"]], was])
    lines = lines.take(group(lines).first)
    of_line = ["payment_id", "capture_line"]
    decided = evidence.decisions.loc[evidence.decisions["action"].eq("match"), of_line]
    named = pd.concat([evidence.findings[of_line], decided]).assign(is_confirmed=False)
    named = pd.concat([evidence.matches[of_line].assign(is_confirmed=True), named], ignore_index=True)
    # A line is of one registrant, unless it was another's before.
    is_shared = group(lines["capture_line"]).is_repeated
    own, shared = lines[~is_shared], lines[is_shared]
    line = positions(named["capture_line"], own["capture_line"])
    of_one = named[line >= 0].assign(nss=taken(own["nss"], line[line >= 0], "").array)
    cases = pd.concat([of_one, shared.merge(named, on="capture_line")], ignore_index=True)[[*_CASE, "is_confirmed"]]
    return cases.take(group(cases[_CASE]).first).reset_index(drop=True)


def _confirmed(changed: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """(nss, payment_id): the payments confirmed to the lines of the registrants; no line is of two of them."""
    line = positions(matches["capture_line"], changed["capture_line"])
    payment_id = matches["payment_id"][line >= 0].reset_index(drop=True)
    return pd.DataFrame({"nss": taken(changed["nss"], line[line >= 0], ""), "payment_id": payment_id})


def _causes(
    changed: pd.DataFrame, cases: pd.DataFrame, evidence: Evidence, before: Before
) -> tuple[pd.Series[str], pd.DataFrame]:
    """The cause of each change, and (nss, payment_id) of the payments it came with: the first that applies."""
    news = _News(cases, evidence, before)
    cause = pd.Series("", index=changed.index, dtype="str")
    concerned = [cases.iloc[:0][_CASE]]
    for name, look in SOURCES:
        open_ = changed.loc[cause.eq(""), "nss"]
        found = look(news)
        cause = cause.mask(cause.eq("") & among(changed["nss"], found["nss"]), name)
        concerned.append(found.loc[among(found["nss"], open_), _CASE])
    is_registry = cause.eq("") & among(changed["nss"], _registry_news(changed, evidence, before))
    cause = cause.mask(is_registry, "new_file")
    rest = _rest(evidence, before)
    without = changed.loc[~cause.isin(_DISPOSING) | is_registry, "nss"]
    concerned.append(cases.loc[cases["is_confirmed"] & among(cases["nss"], without), _CASE])
    return cause.mask(cause.eq(""), rest), pd.concat(concerned, ignore_index=True).drop_duplicates()


class _News:
    """What is new since the publication before, among the payments of the cases."""

    def __init__(self, cases: pd.DataFrame, evidence: Evidence, before: Before) -> None:
        rows, decisions = evidence.payment_rows, evidence.decisions
        is_new = ~decisions["sha256"].isin(before.inputs)
        self.cases = cases
        self.rows = rows[~rows["sha256"].isin(before.inputs)]
        # One that was known turns stale by a new row of its payment, and by nothing else.
        is_stale = decisions["status"].eq("stale") & among(decisions["payment_id"], self.rows["payment_id"])
        self.decided = decisions.loc[is_new & decisions["status"].isin(_COUNTING) | ~is_new & is_stale, "payment_id"]
        self.settled = _settled(cases, evidence, before, self.rows)


def _own(role: str) -> Callable[[_News], pd.DataFrame]:
    """Cases whose payment has a new row of this role."""
    return lambda news: news.cases[
        among(news.cases["payment_id"], news.rows.loc[news.rows["role"].eq(role), "payment_id"])
    ]


def _decided(news: _News) -> pd.DataFrame:
    return news.cases[among(news.cases["payment_id"], news.decided)]


def _of_settlement(role: str) -> Callable[[_News], pd.DataFrame]:
    """Cases whose settlement, deposit or sister remittance has a new row: of this role, or any."""
    return lambda news: news.settled[news.settled["role"].eq(role) | (role == "")]


SOURCES: Final = (
    ("later_status", _own("status")),
    ("decision", _decided),
    ("new_file", _own("payment")),
    ("new_file", _own("conflict")),
    ("later_status", _of_settlement("status")),
    ("new_file", _of_settlement("")),
    ("new_file", _own("repeat")),
)
"""Where a cause is looked for, what is nearest to the registrant first. (A repeat may fill in what was not known.)"""


def _settled(cases: pd.DataFrame, evidence: Evidence, before: Before, rows: pd.DataFrame) -> pd.DataFrame:
    """(nss, payment_id, role): cases under a settlement of which something is new."""
    facts, listed = evidence.payment_facts, evidence.settlement_rows
    key = ["company", "settlement_id"]
    under = facts[facts["settlement_id"].ne("")].rename(columns={"institution": "company"})[["payment_id", *key]]
    deposit = facts.rename(columns={"institution": "sender_bank", "tracking_key": "bank_tracking_key"})
    names = ["sender_bank", "bank_tracking_key"]
    deposits = listed[[*key, *names]].drop_duplicates().merge(deposit[["payment_id", *names]], on=names)
    fresh = rows.loc[rows["role"].ne("repeat"), ["payment_id", "role"]]
    new = listed.loc[~listed["sha256"].isin(before.inputs), key].assign(role="payment")
    members = pd.concat([under, deposits[["payment_id", *key]]]).merge(fresh, on="payment_id")
    touched = pd.concat([new, members[[*key, "role"]]]).drop_duplicates()
    return cases.merge(under, on="payment_id").merge(touched, on=key)[[*_CASE, "role"]]


def _registry_news(changed: pd.DataFrame, evidence: Evidence, before: Before) -> pd.Series[str]:
    """Registrants who, or whose line, stand otherwise in the registry than by the files of the publication before."""
    lines = pd.concat([changed["capture_line"], changed["line_before"]])
    line_rows = evidence.line_rows[among(evidence.line_rows["capture_line"], lines)]
    people = evidence.registrant_rows[among(evidence.registrant_rows["nss"], changed["nss"])]
    known_lines, known_people = (rows[rows["sha256"].isin(before.inputs)] for rows in (line_rows, people))
    others = _differing(registry.standing_lines(line_rows), registry.standing_lines(known_lines), _OF_A_LINE)
    persons = _differing(
        registry.standing_registrants(people), registry.standing_registrants(known_people), _OF_A_REGISTRANT
    )
    touched = among(changed["capture_line"], others) | among(changed["line_before"], others)
    news: pd.Series[str] = pd.concat([changed.loc[touched, "nss"], persons])
    return news


def _differing(now: registry.Registry, then: registry.Registry, columns: list[str]) -> pd.Series[str]:
    """The keys (first column) that do not stand in the same way in both."""
    both = pd.concat([now.standing[columns], then.standing[columns]])
    return both.loc[~both.duplicated(keep=False), columns[0]]


def _rest(evidence: Evidence, before: Before) -> str:
    """The cause of what nothing near the registrant explains."""
    if not before.is_same_policy:
        return "policy"
    if not before.is_same_code:
        return "code"
    rows = (evidence.payment_rows, evidence.line_rows, evidence.registrant_rows, evidence.settlement_rows)
    is_file = any(not set(table["sha256"]) <= before.inputs for table in (*rows, evidence.decisions))
    return "new_file" if is_file else "code"


def _joined(concerned: pd.DataFrame) -> pd.DataFrame:
    """(nss, payment_id): each registrant with all her payments in one cell, in order."""
    is_one_of_many = group(concerned["nss"]).is_repeated
    several = concerned[is_one_of_many].drop_duplicates().sort_values(_CASE, ignore_index=True)
    first = np.flatnonzero(~several["nss"].duplicated())
    bounds = pyarrow.array(np.append(first, len(several)))
    lists = pyarrow.LargeListArray.from_arrays(bounds, as_array(several["payment_id"]))
    cells = pc.binary_join(lists, pyarrow.scalar(SEPARATOR, LARGE_TEXT))
    many = several.take(first).assign(payment_id=pd.Series(cells, index=first, dtype="str"))
    return pd.concat([concerned[~is_one_of_many], many], ignore_index=True)
