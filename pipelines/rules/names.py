"""Name and amount: a payer's name, or a name in the text, like that of a registrant who owes just this (CONTRACT §7).

Names are compared without accents, case or the order of their words; Ñ counts as N, at the cost of one point of
likeness. Only names that share two whole words are compared, and of those no two words that more than
``SHARED_BY_MOST`` lines of one amount and month share: a block that large tells nothing and takes long.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from pipelines.rules.candidates import BASES, NAMED, candidates
from pipelines.rules.likeness import expand, in_order
from schemas.octets import as_array

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pipelines.rules.candidates import Waiting

    Whole = NDArray[np.int64]

LEAST: Final = 88
"""Points of 100 from which two names are alike."""

A_POINT: Final = 7
"""Likeness for each point."""

SHARED_BY_MOST: Final = 10
WORDS: Final = 8
"""Words of a name or text that are looked at: the rarest among registrants."""

_AT_ONCE: Final = 1 << 19
"""Names compared at once: what bounds the memory of a comparison."""

PAIRS: Final = tuple(combinations(range(WORDS), 2))


class _Words(NamedTuple):
    """Words of many texts as numbers, each once a text: ``word[i]`` stands in text ``owner[i]``."""

    owner: Whole
    word: Whole


class _Blocks(NamedTuple):
    """Numbers of the blocks (two words, an amount, a month) that ``member[i]`` stands in."""

    block: Whole
    member: Whole


def of_names(waiting: Waiting) -> pd.DataFrame:
    """Candidates of the amount of the payment, whose registrant is called as its sender, or as its text says."""
    lines = waiting.lines[waiting.lines["registrant"].ge(0)]
    lines = lines[lines["amount_due_centavos"].isin(waiting.payments["amount_centavos"])]
    people = in_order(lines["registrant"].to_numpy(dtype=np.int64))
    names = waiting.registrants["full_name"].iloc[people]
    given = _given(waiting)
    pairs = _alike_blocks(waiting, lines.assign(person=np.searchsorted(people, lines["registrant"])), names, given)
    return _scored(pairs, given, names)


def fold(names: pd.Series[str] | pyarrow.Array) -> pyarrow.Array:
    """Each name in A-Z and single spaces: no accents, no digits, Ñ as N.

    >>> import pandas as pd
    >>> fold(pd.Series(["Íñigo  Núñez-Ruiz"])).to_pylist()
    ['INIGO NUNEZ RUIZ']
    """
    plain = pc.replace_substring_regex(pc.utf8_normalize(as_array(names), form="NFKD"), r"\p{M}+", "")
    return pc.utf8_trim(pc.replace_substring_regex(pc.utf8_upper(plain), "[^A-Z]+", " "), characters=" ")


def _given(waiting: Waiting) -> pd.DataFrame:
    """Who might be named: the sender of each payment, and each text; ``payment``, ``name``, ``is_text``."""
    senders = waiting.payments["sender_name"]
    texts = waiting.claims
    payment = np.append(np.arange(len(senders)), texts["payment"].to_numpy())
    name = pd.concat([senders, texts["text"]], ignore_index=True)
    given = pd.DataFrame({"payment": payment, "name": name, "is_text": np.arange(len(name)) >= len(senders)})
    return given[given["name"].ne("")].reset_index(drop=True)


def _alike_blocks(waiting: Waiting, lines: pd.DataFrame, names: pd.Series[str], given: pd.DataFrame) -> pd.DataFrame:
    """``given`` and ``line``, ``person`` positions of every pair that shares a block worth looking at."""
    of_people, of_given = _words(names, given["name"])
    theirs, ours = _word_pairs(of_people), _word_pairs(of_given)
    wanted = pd.unique(ours.block)
    shared = _positions(theirs.block, wanted)
    by_person = _Blocks(shared[shared >= 0], theirs.member[shared >= 0])
    asked = _Blocks(_positions(ours.block, wanted), ours.member)
    amounts = pd.unique(waiting.payments["amount_centavos"].to_numpy())
    dues = pd.unique(lines["due"].to_numpy())
    ordered = lines.take(np.argsort(lines["person"].to_numpy(), kind="stable"))
    first = np.searchsorted(ordered["person"], by_person.member, side="left")
    number = np.searchsorted(ordered["person"], by_person.member, side="right") - first
    line = expand(first, number)
    money = _positions(ordered["amount_due_centavos"], amounts)[line]
    owed = (np.repeat(by_person.block, number) * len(amounts) + money) * len(dues)
    paid = waiting.payments["amount_centavos"].to_numpy()[given["payment"].to_numpy()[asked.member]]
    sought = (asked.block * len(amounts) + _positions(paid, amounts)) * len(dues)
    met = _meet(
        _Blocks(owed + _positions(ordered["due"], dues)[line], line),
        _Blocks(np.add.outer(np.arange(len(dues)), sought).ravel(), np.tile(asked.member, len(dues))),
    )
    return pd.DataFrame(
        {
            "given": met.owner,
            "line": ordered.index.to_numpy()[met.word],
            "person": ordered["person"].to_numpy()[met.word],
        }
    )


def _positions(values: Whole | pd.Series[int], among: Whole) -> Whole:
    """Where each value stands in ``among``; −1 where it does not."""
    return pd.Index(among).get_indexer(pd.Index(values)).astype(np.int64)


def _words(names: pd.Series[str], texts: pd.Series[str]) -> tuple[_Words, _Words]:
    """Words of two letters and more of names, and those of them that stand in texts; the rarest words first."""
    owner, code, dictionary = _split(names)
    each = np.stack(np.divmod(in_order((owner << 32) | code), 1 << 32))
    seen = np.bincount(each[1], minlength=len(dictionary))
    spelling = pc.rank(dictionary).to_numpy() if len(dictionary) else seen
    place = np.empty(len(seen), np.int64)
    place[np.lexsort([spelling, seen])] = np.arange(len(seen))
    in_texts, written, others = _split(texts)
    there = pc.fill_null(pc.index_in(others, value_set=dictionary), -1).to_numpy()
    known = there[written] if len(there) else written
    return _Words(each[0], place[each[1]]), _Words(in_texts[known >= 0], place[known[known >= 0]])


def _split(texts: pd.Series[str]) -> tuple[Whole, Whole, pyarrow.Array]:
    """Words of two letters and more of each text, folded: whose they are, their numbers, and the words by number.

    Few words are written many times, so that each is folded once; one that is written may fold to several.
    """
    owner, written = _pieces(as_array(texts))
    encoded = pc.dictionary_encode(written)
    of_written, folded = _pieces(fold(encoded.dictionary))
    is_word = pc.greater(pc.binary_length(folded), 1)
    words = pc.dictionary_encode(folded.filter(is_word))
    of_written = of_written[is_word.to_numpy(zero_copy_only=False)]
    number = np.bincount(of_written, minlength=len(encoded.dictionary))
    first = np.cumsum(number) - number
    code = encoded.indices.to_numpy()
    each = words.indices.to_numpy()[expand(first[code], number[code])] if len(code) else np.zeros(0, np.int32)
    return np.repeat(owner, number[code]), each.astype(np.int64), words.dictionary


def _pieces(texts: pyarrow.Array) -> tuple[Whole, pyarrow.Array]:
    """What stands between the spaces of each text: whose it is, and the text itself."""
    lists = pc.split_pattern(texts, " ")
    owner = np.repeat(np.arange(len(texts)), pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    return owner, pc.list_flatten(lists)


def _word_pairs(words: _Words) -> _Blocks:
    """Every two of the rarest words of each text as one number, and whose they are."""
    order = np.lexsort([words.word, words.owner])
    owner, word = words.owner[order], words.word[order]
    again = np.zeros(owner.size, np.bool_)
    again[1:] = (owner[1:] == owner[:-1]) & (word[1:] == word[:-1])
    owner, word = owner[~again], word[~again]
    is_next = np.ones(owner.size, np.bool_)
    is_next[1:] = owner[1:] != owner[:-1]
    texts, row = owner[is_next], np.cumsum(is_next) - 1
    number = np.bincount(row, minlength=texts.size)
    place = expand(np.zeros(texts.size, np.int64), number)
    matrix = np.full((WORDS, texts.size), -1, np.int64)
    matrix[place[place < WORDS], row[place < WORDS]] = word[place < WORDS]
    both = [(matrix[first] << 32 | matrix[second], matrix[second] >= 0) for first, second in PAIRS]
    return _Blocks(
        np.concatenate([pair[is_there] for pair, is_there in both]),
        np.concatenate([texts[is_there] for _, is_there in both]),
    )


def _meet(owed: _Blocks, sought: _Blocks) -> _Words:
    """Pairs (seeker, owing member) of one block, each once; of no block that too many owe."""
    order = np.argsort(owed.block, kind="stable")
    blocks, start, number = np.unique(owed.block[order], return_index=True, return_counts=True)
    few = number <= SHARED_BY_MOST
    blocks, start, number = blocks[few], start[few], number[few]
    # Asked in order, neighbours in memory are asked one behind the other: several times faster.
    seekers = np.argsort(sought.block, kind="stable")
    asked = sought.block[seekers]
    place = np.minimum(np.searchsorted(blocks, asked), max(0, blocks.size - 1))
    hit = np.flatnonzero(blocks[place] == asked) if blocks.size else np.zeros(0, np.int64)
    place = place[hit]
    met = np.repeat(sought.member[seekers[hit]], number[place]) << 32
    each = in_order(met | owed.member[order][expand(start[place], number[place])])
    return _Words(each >> 32, each & 0xFFFFFFFF)


def _scored(pairs: pd.DataFrame, given: pd.DataFrame, names: pd.Series[str]) -> pd.DataFrame:
    """The pairs whose names are alike. A sender is compared whole; of a text only the words that a name needs."""
    is_text = given["is_text"].to_numpy()[pairs["given"].to_numpy()]
    points = np.zeros(len(pairs), np.int64)
    ours, wrote = _asked(pairs["given"].to_numpy(), given["name"])
    theirs, called = _asked(pairs["person"].to_numpy(), names)
    for chosen, scorer in ((~is_text, fuzz.ratio), (is_text, fuzz.token_set_ratio)):
        rows = np.flatnonzero(chosen)
        for start in range(0, rows.size, _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            points[some] = _compare(wrote, ours[some], called, theirs[some], scorer)
    score = points[points >= LEAST]
    alike = pairs[points >= LEAST]
    return candidates(
        len(alike),
        payment=given["payment"].to_numpy()[alike["given"].to_numpy()],
        line=alike["line"],
        basis=BASES.index("name_and_amount"),
        likeness=score * A_POINT,
        kind=NAMED,
        place=score,
    )


def _asked(place: Whole, names: pd.Series[str]) -> tuple[Whole, _Spelled]:
    """The names at ``place``, each spelled once, and where among them each stands."""
    known = in_order(place)
    return np.searchsorted(known, place), _Spelled.of(names.iloc[known])


class _Spelled(NamedTuple):
    """Names folded, their words in order, and whether they were written with an Ñ."""

    words: NDArray[np.object_]
    has_enye: NDArray[np.bool_]

    @classmethod
    def of(cls, names: pd.Series[str]) -> _Spelled:
        codes, distinct = pd.factorize(names)
        folded = fold(pd.Series(distinct, dtype="str")).to_pylist()
        words = np.array([" ".join(sorted(name.split())) for name in folded], dtype=object)
        return cls(words[codes], names.str.contains("[Ññ]").to_numpy(dtype=bool))


def _compare(wrote: _Spelled, ours: Whole, called: _Spelled, theirs: Whole, scorer: Callable[..., Any]) -> Whole:
    """Points of 100 for each pair of names; one less where only one of the two has an Ñ."""
    points = process.cpdist(
        wrote.words[ours], called.words[theirs], scorer=scorer, score_cutoff=LEAST, dtype=np.uint8
    ).astype(np.int64)
    return np.asarray(points - (wrote.has_enye[ours] != called.has_enye[theirs]), np.int64)
