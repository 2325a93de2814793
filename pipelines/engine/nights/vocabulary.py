"""The words of the names of registrants between two runs: how many have each, and crowds of lines told by words.

Of a name or a text the rarest words are looked at (``rules.name_words``), so that a payment may be like other names
once other words are rarer. Where it has no more words than are looked at, how rare they are does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from pipelines.engine.sharding import reducing
from pipelines.rules import keys, name_words, shortlists
from schemas.octets import as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow
    from numpy.typing import NDArray

    from pipelines.engine.nights.patching import Patched

    Whole = NDArray[np.int64]

_SHARED = ["text", "first", "second", "amount", "due"]


class CrossedError(RuntimeError):
    """Something that lines have in common may have changed for payments that nothing tells of."""


def words_now(
    job: Patched,
    old: pd.DataFrame,
    was: tuple[shortlists.Asked, shortlists.Block],
    is_: tuple[shortlists.Asked, shortlists.Block],
) -> pd.DataFrame:
    """``name_words.COUNTED`` of all names of ``job``, out of those of its base.

    ``was`` and ``is_``: whose amounts were and are asked about, and the lines touched. A name counts where a line of
    its registrant is of such an amount, so what is not touched counts otherwise only where that is not the same.
    """
    (then, block_then), (now, block_now) = was, is_
    parts = [old, _less(shortlists.count_words(then, block_then)), shortlists.count_words(now, block_now)]
    asked_then, asked_now = (asked.payments["amount_centavos"].to_numpy() for asked in (then, now))
    amounts = np.setxor1d(asked_then, asked_now)
    for number in range(job.base.shards):
        if np.isin(_amounts(job, number), amounts).any():
            block = _of_amounts(reducing.block_of_shards(job, [number]), amounts)
            parts += [_less(shortlists.count_words(then, block)), shortlists.count_words(now, block)]
    total = name_words.total(parts)
    if total["number"].lt(0).any():
        raise CrossedError
    return total[total["number"].gt(0)].reset_index(drop=True)


def _less(counted: pd.DataFrame) -> pd.DataFrame:
    return counted.assign(number=-counted["number"])


def _amounts(job: Patched, number: int) -> Whole:
    path = job.shard(number) / "capture_lines.arrow"
    return np.asarray(reducing.read_frame(path, ["amount_due_centavos"])["amount_due_centavos"].to_numpy())


def _of_amounts(block: shortlists.Block, amounts: Whole) -> shortlists.Block:
    """All lines of the registrants of a block who owe one of these amounts."""
    lines = block.lines[block.lines["registrant"].ge(0)]
    owing = np.unique(lines.loc[lines["amount_due_centavos"].isin(amounts), "registrant"].to_numpy())
    return block._replace(lines=lines[lines["registrant"].isin(owing)].reset_index(drop=True))


def are_doubtful(job: Patched, asked: shortlists.Asked, *counts: pd.DataFrame) -> NDArray[np.bool_]:
    """Of each payment, whether a text of it has more known words than are looked at.

    Raises ``CrossedError`` where the name of a registrant has.
    """
    for number in reducing.blocks(job):
        block = reducing.block_of(job, number)
        named = np.unique(block.lines["registrant"].to_numpy())
        names = block.registrants["full_name"].take(named[named >= 0]).reset_index(drop=True)
        if (_words_of(name_words.split(names), len(names)) > name_words.WORDS).any():
            raise CrossedError
    payment = np.append(np.arange(len(asked.payments)), asked.claims["payment"].to_numpy())
    texts = pd.concat([asked.payments["sender_name"], asked.claims["text"]], ignore_index=True)
    known = pd.concat([counted["word"] for counted in counts], ignore_index=True)
    has_more = _words_of(name_words.split(texts), len(texts), as_array(known)) > name_words.WORDS
    return np.bincount(payment[has_more], minlength=len(asked.payments)) > 0


def _words_of(words: name_words.Words, texts: int, known: pyarrow.Array | None = None) -> Whole:
    """How many words each text has, or known ones, each counted once."""
    owner, code = words.owner, words.code
    if known is not None and len(code):
        counts = keys.among(words.known, known)[code]
        owner, code = owner[counts], code[counts]
    once = np.unique(owner << 32 | code)
    return np.bincount(once >> 32, minlength=texts)


class Spoken(NamedTuple):
    """Crowds of several sources told alike: the ``codes`` of each, and of each the size of every code."""

    codes: list[Whole]
    sizes: list[Whole]


def spoken(sources: Sequence[tuple[pd.DataFrame, pd.DataFrame]]) -> Spoken:
    """Crowds, each with the words (``COUNTED``) in which their ``first`` and ``second`` are places."""
    words = as_array(pd.concat([counted["word"] for _, counted in sources], ignore_index=True)).unique()
    told = pd.concat([_in_words(found, counted, words) for found, counted in sources], ignore_index=True)
    groups = keys.group(told[_SHARED])
    source = np.repeat(np.arange(len(sources)), [len(found) for found, _ in sources])
    number = told["number"].to_numpy()
    mine = [source == one for one in range(len(sources))]
    sizes = [np.zeros(len(groups.first), np.int64) for _ in sources]
    for one, chosen in zip(sizes, mine, strict=True):
        np.add.at(one, groups.code[chosen], number[chosen])
    return Spoken([groups.code[chosen] for chosen in mine], sizes)


def _in_words(found: pd.DataFrame, counted: pd.DataFrame, words: pyarrow.Array) -> pd.DataFrame:
    """Crowds with the places of their words in ``words``, the smaller first: which is rarer is not told."""
    place = keys.positions(as_array(counted["word"]), words)
    is_named = found["text"].eq("").to_numpy()
    pair = [
        np.where(is_named, place[np.where(is_named, found[name], 0)] if len(place) else 0, 0)
        for name in ("first", "second")
    ]
    return found.assign(first=np.minimum(*pair), second=np.maximum(*pair))
