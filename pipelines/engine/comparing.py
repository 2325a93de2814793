"""Two publications of a month side by side: what changed between them, and why (CONTRACT §13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from pipelines.rules import comparison
from pipelines.store import publications
from schemas.catalog import PUBLISHED

if TYPE_CHECKING:
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication

_NET: Final = {
    (False, True): "activated",
    (True, False): "revoked",
    (True, True): "amended",
}
"""Whether somebody was covered in the one and is in the other → what became of the two."""


class PolicyChange(NamedTuple):
    """One key of one dated entry that is not what it was; None where there is no such entry."""

    effective_from: str
    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Comparison:
    """What a later publication of a month changes against an earlier one.

    ``coverage``: CoverageChange and the number of the ``publication`` that told it; ``payments``: see
    ``comparison.payments``; ``money`` and ``lines``: before and after, by bucket and currency, and by what became of
    lines due; ``files``: accepted in the one and not in the other; ``decisions``: those that came, or stand otherwise.
    """

    before: Publication
    after: Publication
    coverage: pd.DataFrame
    payments: pd.DataFrame
    money: pd.DataFrame
    lines: pd.DataFrame
    files: pd.DataFrame
    decisions: pd.DataFrame
    policy: tuple[PolicyChange, ...]


def compare(home: Home, before: Publication, after: Publication) -> Comparison:
    """The publication ``after`` against ``before``, an earlier one of the same month."""
    old, new = _Tables(home, before), _Tables(home, after)
    return Comparison(
        before=before,
        after=after,
        coverage=_coverage(home, old, new),
        payments=comparison.payments(old["dispositions"], new["dispositions"]),
        money=comparison.money(old["dispositions"], new["dispositions"]),
        lines=comparison.lines(
            (old["coverage_activations"], old["coverage_exceptions"]),
            (new["coverage_activations"], new["coverage_exceptions"]),
        ),
        files=_files(old, new),
        decisions=_decisions(old, new),
        policy=_policy(before, after),
    )


class _Tables:
    """The tables of one publication, read when asked for; empty where it is older than the table."""

    def __init__(self, home: Home, publication: Publication) -> None:
        self._home = home
        self.publication = publication

    def __getitem__(self, name: str) -> pd.DataFrame:
        model = PUBLISHED[name].model
        if name not in self.publication.tables:
            return model.empty()
        return model.from_arrow(publications.read_table(self._home, self.publication, name))


def _coverage(home: Home, old: _Tables, new: _Tables) -> pd.DataFrame:
    """The net change of each registrant, with the cause that the last publication on the way told."""
    told = pd.concat([_told(home, new.publication.month, number) for number in _way(old, new)], ignore_index=True)
    last = told.drop_duplicates("nss", keep="last")
    then, now = old["coverage_activations"], new["coverage_activations"]
    same = then.merge(now)["nss"]
    net = [(was, is_) for was, is_ in zip(last["nss"].isin(then["nss"]), last["nss"].isin(now["nss"]), strict=True)]
    last = last.assign(change=pd.Series([_NET.get(pair, "") for pair in net], index=last.index, dtype="str"))
    return last[last["change"].ne("") & ~last["nss"].isin(same)].sort_values("nss", ignore_index=True)


def _told(home: Home, month: str, number: int) -> pd.DataFrame:
    publication = publications.fetch(home, month, number)
    rows = PUBLISHED["coverage_changes"].model.empty()
    if publication is not None:
        rows = _Tables(home, publication)["coverage_changes"]
    return rows.assign(publication=number)


def _way(old: _Tables, new: _Tables) -> range:
    return range(old.publication.number + 1, new.publication.number + 1)


def _files(old: _Tables, new: _Tables) -> pd.DataFrame:
    """Receipts of files that only one of the two is made of; ``came``: the later one."""
    columns = ["file_name", "layout", "sha256", "received_at", "rows"]
    receipts = pd.concat([old["receipts"], new["receipts"]])
    receipts = receipts[receipts["outcome"].eq("accepted")].drop_duplicates("sha256")
    ours, theirs = (receipts["sha256"].isin(one.publication.inputs) for one in (new, old))
    chosen = receipts.assign(came=ours)[ours ^ theirs]
    return chosen.sort_values(["received_at", "file_name"], ignore_index=True)[[*columns, "came"]]


def _decisions(old: _Tables, new: _Tables) -> pd.DataFrame:
    """Decisions of the later one that the earlier one had not, or not with that status."""
    then, now = old["decisions"], new["decisions"]
    both = pd.concat([then.assign(is_new=False), now.assign(is_new=True)])
    is_other = ~both.duplicated(list(now.columns), keep=False)
    return both[is_other & both["is_new"]].drop(columns="is_new").reset_index(drop=True)


def _policy(before: Publication, after: Publication) -> tuple[PolicyChange, ...]:
    """Every key of every dated entry that differs."""
    old, new = ({entry["effective_from"]: entry for entry in one.policy} for one in (before, after))
    found = []
    for since in sorted({*old, *new}):
        was, is_ = old.get(since, {}), new.get(since, {})
        keys = sorted({*was, *is_} - {"effective_from"})
        found += [PolicyChange(since, key, was.get(key), is_.get(key)) for key in keys if was.get(key) != is_.get(key)]
    return tuple(found)
