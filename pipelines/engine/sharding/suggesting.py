"""Suggestions in shards (ADR 0042): who waits is put together, lines stay where they are.

Each step looks at the lines of one block (``reducing.blocks``), the next one at what was found in all.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

import pandas as pd

from pipelines.engine.sharding import reducing
from pipelines.engine.sharding.reducing import lay_down, read_frame
from pipelines.rules import crowds, name_words, shortlists
from pipelines.rules.calendar import month_number
from schemas.octets import as_array
from schemas.tables.suggestions import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pyarrow

    from pipelines.engine.sharding.jobs import Job, Runner

_ASKED: Final = shortlists.Asked._fields


def suggest(job: Job, runner: Runner) -> pd.DataFrame:
    """Suggestions for what waits in any shard, out of the lines of all."""
    if not reducing.ask_payers(job):
        return Suggestion.empty()
    runner.map(reducing.reduce_for_suggestions, job, range(job.shards))
    asked = reducing.asked_of_all(job)
    for name, frame in zip(_ASKED, asked, strict=True):
        lay_down(shared(job, name), frame)
    blocks = reducing.blocks(job)
    runner.map(count_words, job, blocks)
    lay_down(shared(job, "words"), _summed(job, "words", name_words.total))
    runner.map(look, job, blocks)
    lay_down(shared(job, "large"), crowds.too_large(_summed(job, "crowds", crowds.total)))
    runner.map(shortlist, job, blocks)
    lines = pd.concat([read_frame(path) for path in job.paths("families", blocks)])
    sums = shortlists.of_families(month_number(job.month), asked, lines)
    best = shortlists.together([sums, _summed(job, "shortlists", shortlists.together)])
    return shortlists.told(month_number(job.month), asked, best)


def count_words(job: Job, number: int) -> None:
    """Lay down the lines of a block, and how many of their registrants have each word."""
    asked, block = asked_of(job), reducing.block_of(job, number)
    for name, frame in block._asdict().items():
        lay_down(job.path(f"block_{name}", number), frame)
    lay_down(job.path("words", number), shortlists.count_words(asked, block))


def look(job: Job, number: int) -> None:
    """Lay down what payments are like in a block, and lines that may be part of a sum."""
    asked = asked_of(job)
    block = shortlists.Block(*(read_frame(job.path(f"block_{name}", number)) for name in shortlists.Block._fields))
    looked = shortlists.look(month_number(job.month), asked, block, read_frame(shared(job, "words")))
    for name, found in looked._asdict().items():
        lay_down(job.path(name, number), found if isinstance(found, pd.DataFrame) else _framed(found))
    lay_down(job.path("families", number), shortlists.lines_of_families(asked, block))


def shortlist(job: Job, number: int) -> None:
    """Lay down the best three of each payment in a block."""
    found = {name: read_frame(job.path(name, number)) for name in shortlists.Looked._fields}
    texts = {name: as_array(found[name]["text"]) for name in ("texts", "lines")}
    looked = shortlists.Looked(found["candidates"], texts["texts"], found["crowds"], texts["lines"])
    lay_down(job.path("shortlists", number), shortlists.shortlist(looked, read_frame(shared(job, "large"))))


def _framed(texts: pyarrow.LargeStringArray) -> pd.DataFrame:
    return pd.DataFrame({"text": pd.Series(texts, dtype="str")})


def asked_of(job: Job) -> shortlists.Asked:
    """What was laid down of those who are asked about."""
    return shortlists.Asked(*(read_frame(shared(job, name)) for name in _ASKED))


def _summed(job: Job, step: str, add: Callable[[Sequence[pd.DataFrame]], pd.DataFrame]) -> pd.DataFrame:
    """What a step laid down of all blocks, added up one after the other."""
    paths = job.paths(step, reducing.blocks(job))
    return reduce(lambda whole, path: add([whole, read_frame(path)]), paths[1:], add([read_frame(paths[0])]))


def shared(job: Job, name: str) -> Path:
    """Where what all shards see of suggestions is laid down."""
    return job.shared / "suggesting" / f"{name}.arrow"
