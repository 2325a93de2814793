"""Suggestions in shards (ADR 0042): who waits is put together, lines stay where they are.

Each step looks at the lines of one shard; what it finds is small, and the next one sees that of all shards.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow

from pipelines.engine.sharding import reducing, spill
from pipelines.engine.sharding.reducing import lay_down, read_frame
from pipelines.rules import crowds, name_words, shortlists
from pipelines.rules.calendar import month_number
from schemas.octets import as_array
from schemas.tables.suggestions import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pipelines.engine.sharding.jobs import Job, Runner

_ASKED: Final = shortlists.Asked._fields


def suggest(job: Job, runner: Runner) -> pd.DataFrame:
    """Suggestions for what waits in any shard, out of the lines of all."""
    if not reducing.ask_payers(job):
        return Suggestion.empty()
    shards = range(job.shards)
    runner.map(reducing.reduce_for_suggestions, job, shards)
    asked = reducing.asked_of_all(job)
    for name, frame in zip(_ASKED, asked, strict=True):
        lay_down(shared(job, name), frame)
    runner.map(count_words, job, shards)
    lay_down(shared(job, "words"), _summed(job, "words", name_words.total))
    runner.map(look, job, shards)
    lay_down(shared(job, "large"), crowds.too_large(_summed(job, "crowds", crowds.total)))
    runner.map(shortlist, job, shards)
    lines = pd.concat([read_frame(path) for path in job.paths("families", shards)])
    sums = shortlists.of_families(month_number(job.month), asked, lines)
    best = shortlists.together([sums, _summed(job, "shortlists", shortlists.together)])
    return shortlists.told(month_number(job.month), asked, best)


def count_words(job: Job, number: int) -> None:
    """Lay down how many registrants of a shard have each word."""
    counted = shortlists.count_words(asked_of(job), reducing.block_of(job, number))
    lay_down(job.path("words", number), counted)


def look(job: Job, number: int) -> None:
    """Lay down what payments are like in a shard, the crowds of its lines, and lines that may be part of a sum."""
    asked, block = asked_of(job), reducing.block_of(job, number)
    looked = shortlists.look(month_number(job.month), asked, block, read_frame(shared(job, "words")))
    lay_down(job.path("candidates", number), looked.candidates)
    spill.write(job.path("texts", number), pyarrow.table({"text": looked.texts}))
    lay_down(job.path("crowds", number), looked.crowds)
    lay_down(job.path("families", number), shortlists.lines_of_families(asked, block))


def shortlist(job: Job, number: int) -> None:
    """Lay down the best three of each payment in a shard."""
    texts = as_array(spill.read(job.path("texts", number))["text"])
    candidates, found = (read_frame(job.path(name, number)) for name in ("candidates", "crowds"))
    looked = shortlists.Looked(candidates, texts, found)
    large = read_frame(shared(job, "large"))
    lay_down(job.path("shortlists", number), shortlists.shortlist(looked, large, reducing.block_of(job, number)))


def asked_of(job: Job) -> shortlists.Asked:
    """What was laid down of those who are asked about."""
    return shortlists.Asked(*(read_frame(shared(job, name)) for name in _ASKED))


def _summed(job: Job, step: str, add: Callable[[Sequence[pd.DataFrame]], pd.DataFrame]) -> pd.DataFrame:
    """What a step laid down in all shards, added up one after the other."""
    paths = job.paths(step, range(job.shards))
    return reduce(lambda whole, path: add([whole, read_frame(path)]), paths[1:], add([read_frame(paths[0])]))


def shared(job: Job, name: str) -> Path:
    """Where what all shards see of suggestions is laid down."""
    return job.shared / "suggesting" / f"{name}.arrow"
