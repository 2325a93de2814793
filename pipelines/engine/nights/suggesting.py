"""Suggestions of a night: who is asked about as before, and is like nothing that was touched, keeps what was published.

All others are looked for anew among all lines. What a payment is like is a matter of its own rows, of its payer's
payments, of the lines it is like, and of two things that lines have in common (ADR 0042): crowds, which tell nothing
once they are large, and how rare a word is (ADR 0049).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from pipelines.engine.nights import vocabulary
from pipelines.engine.nights.patching import patched
from pipelines.engine.nights.vocabulary import CrossedError
from pipelines.engine.sharding import reducing, spill, suggesting
from pipelines.engine.sharding.jobs import Gone
from pipelines.engine.sharding.runners import InTurn
from pipelines.rules import crowds, keys, shortlists
from pipelines.rules.calendar import month_number
from pipelines.rules.crowds import SHARED_BY_MOST
from pipelines.store import publications
from schemas.tables.suggestions import Suggestion

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.patching import Patched
    from pipelines.engine.nights.working import Worked
    from pipelines.engine.sharding.jobs import Job
    from pipelines.store.home import Home

    Which = NDArray[np.bool_]


def suggest(home: Home, base: Base, then: Worked, now: Worked, folder: Path) -> pd.DataFrame:
    """Suggestions for all that waits, out of all lines: what stands as published, and what is looked for anew."""
    old = Gone(then.load("payments")["payment_id"], then.load("capture_lines")["capture_line"])
    try:
        anew, words = _anew(base, then, now, patched(folder / "known", base.job, now.job, old))
    except CrossedError:
        runner = InTurn()
        found = suggesting.suggest(patched(folder / "together", base.job, now.job, old), runner)
        runner.end()
        return found
    found = _looked_for(patched(folder / "together", base.job, now.job, old._replace(asked=anew)), words)
    stood = Suggestion.from_arrow(publications.read_table(home, base.publication, "suggestions"))
    other = pd.concat([anew, old.payments, now.load("payments")["payment_id"]], ignore_index=True)
    return pd.concat([stood[~keys.among(stood["payment_id"], other)], found], ignore_index=True)


class _Stand(NamedTuple):
    """The payments that were asked about and are in no world that was touched, and what the base asked of all."""

    all: shortlists.Asked
    own: shortlists.Asked


def _anew(base: Base, then: Worked, now: Worked, job: Patched) -> tuple[pd.Series[str], pd.DataFrame]:
    """The payments that stand and have to be looked for anew, and the words of all names as they are now.

    Raises ``CrossedError``.
    """
    if not (base.job.shared / "suggesting" / "large.arrow").exists():
        raise CrossedError  # nobody was asked
    asked = suggesting.asked_of(base.job)
    stand = _Stand(asked, _without(asked, now.load("payments")["payment_id"], then.load("payments")["payment_id"]))
    was, is_ = (reducing.block_of(one.job, 0) for one in (then, now))
    old = reducing.read_frame(suggesting.shared(base.job, "words"))
    words = vocabulary.words_now(job, old, (asked, was), (_asked_now(stand, now), is_))
    is_told = _of_touched_payers(stand, then, now)
    if not words["word"].equals(old["word"]):
        is_told |= vocabulary.are_doubtful(job, stand.own, old, words)
    is_told |= _alike(base, stand.own, (was, old), (is_, words))
    payments: pd.Series[str] = stand.own.payments["payment_id"][is_told]
    return payments.reset_index(drop=True), words


def _without(asked: shortlists.Asked, *touched: pd.Series[str]) -> shortlists.Asked:
    """What is asked of all other payments."""
    stands = ~np.logical_or.reduce([keys.among(asked.payments["payment_id"], payments) for payments in touched])
    place = np.where(stands, np.cumsum(stands) - 1, -1)
    payment = place[asked.claims["payment"].to_numpy()]
    claims = asked.claims.assign(payment=payment)[payment >= 0]
    return shortlists.Asked(asked.payments[stands].reset_index(drop=True), claims.reset_index(drop=True), asked.paid)


def _asked_now(stand: _Stand, now: Worked) -> shortlists.Asked:
    """Of all who are asked about now, the amounts."""
    is_asked = spill.read(now.job.path("payers", 0), ["is_asked"])["is_asked"].to_numpy()
    payments = [stand.own.payments[["amount_centavos"]], now.load("payments").loc[is_asked, ["amount_centavos"]]]
    return stand.own._replace(payments=pd.concat(payments, ignore_index=True))


def _of_touched_payers(stand: _Stand, then: Worked, now: Worked) -> Which:
    """Of each payment, whether its payer paid anything that was touched, or for somebody who was."""
    payer = stand.own.payments["payer"]
    paying = [spill.read(one.job.path("payers", 0)).to_pandas() for one in (then, now)]
    of_payments = keys.hashes(payer)
    touched = pd.concat([payers.loc[payers["is_told"], "payer"] for payers in paying])
    people = pd.concat([one.load(name)["nss"] for one in (then, now) for name in ("capture_lines", "registrants")])
    paid = stand.all.paid
    for_them = paid.loc[keys.among(paid["nss"], people.reset_index(drop=True)), "payer"]
    return np.isin(of_payments, touched.to_numpy()) | keys.among(payer, for_them.reset_index(drop=True))


def _alike(
    base: Base,
    asked: shortlists.Asked,
    was: tuple[shortlists.Block, pd.DataFrame],
    is_: tuple[shortlists.Block, pd.DataFrame],
) -> Which:
    """Of each payment, whether it was or is like a line that was touched; raises ``CrossedError``."""
    month = month_number(base.job.month)
    looked = [shortlists.look(month, asked, block, words) for block, words in (was, is_)]
    large = reducing.read_frame(suggesting.shared(base.job, "large"))
    known = vocabulary.spoken([(large, was[1]), (looked[0].crowds, was[1]), (looked[1].crowds, is_[1])])
    whole, then, now = known.sizes
    # What was large without these lines is large with them, and tells nothing. All lines of others are candidates.
    tells = whole - then <= SHARED_BY_MOST
    if (tells & ((then > SHARED_BY_MOST) | (now > SHARED_BY_MOST))).any():
        raise CrossedError
    found = np.zeros(len(asked.payments), dtype=bool)
    for one, code in zip(looked, known.codes[1:], strict=True):
        of_candidate = np.append(tells[code], True)[one.candidates["group"].to_numpy()]
        found[one.candidates["payment"].to_numpy()[of_candidate]] = True
    return found


def _looked_for(job: Patched, words: pd.DataFrame) -> pd.DataFrame:
    """The suggestions for those who are asked about in ``job``, out of all its lines; shard by shard, none kept."""
    if not reducing.ask_payers(job):
        return Suggestion.empty()
    runner = InTurn()
    runner.map(reducing.reduce_for_suggestions, job, range(job.shards))
    month = month_number(job.month)
    asked = reducing.asked_of_all(job)
    found: list[_Found] = runner.map(partial(_look, asked, words), job, reducing.blocks(job))
    runner.end()
    large = crowds.too_large(crowds.total([one.looked.crowds for one in found]))
    best = [shortlists.shortlist(one.looked, large) for one in found]
    families = pd.concat([one.families for one in found])
    return shortlists.told(month, asked, shortlists.together([*best, shortlists.of_families(month, asked, families)]))


class _Found(NamedTuple):
    """What is like a block, and those of its lines that may be part of a sum."""

    looked: shortlists.Looked
    families: pd.DataFrame


def _look(asked: shortlists.Asked, words: pd.DataFrame, job: Job, number: int) -> _Found:
    """A step: what is like one block of the lines of ``job``."""
    block = reducing.block_of(job, number)
    looked = shortlists.look(month_number(job.month), asked, block, words)
    return _Found(looked, shortlists.lines_of_families(asked, block))
