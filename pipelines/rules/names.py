"""Name and amount: a payer's name, or a name in the text, like that of a registrant who owes just this (CONTRACT §7).

Names are compared folded (:mod:`pipelines.rules.name_words`); Ñ counts as N, at the cost of one point of likeness. Only
names that share two whole words are compared, and of those no two words that a crowd of lines of one amount and month
shares (:mod:`pipelines.rules.crowds`): that many tell nothing and take long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from pipelines.rules import crowds, name_words
from pipelines.rules.candidates import BASES, NAMED, candidates
from pipelines.rules.crowds import SHARED_BY_MOST
from pipelines.rules.likeness import expand, in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pipelines.rules.candidates import Waiting

    Whole = NDArray[np.int64]

LEAST: Final = 88
"""Points of 100 from which two names are alike."""

A_POINT: Final = 7
"""Likeness for each point."""

_AT_ONCE: Final = 1 << 19
"""Names compared at once: what bounds the memory of a comparison."""

_TABLED: Final = 1 << 23
"""Whole numbers below this are looked up in a table, larger ones by hashes."""


class Called(NamedTuple):
    """Candidates, and the crowds that their ``group`` points to."""

    candidates: pd.DataFrame
    crowds: pd.DataFrame


class _Owing(NamedTuple):
    """Lines of the amount of a payment, of registrants; ``person``: place of the registrant in ``names``."""

    lines: pd.DataFrame
    names: pd.Series[str]


class _Met(NamedTuple):
    """What shares a crowd that is not too large: places in ``given`` and among the lines, and of the crowd."""

    given: Whole
    line: Whole
    crowd: Whole


def of_names(waiting: Waiting, counts: pd.DataFrame | None = None) -> Called:
    """Candidates of the amount of the payment, whose registrant is called as its sender, or as its text says.

    ``counts``: the words of the names of all registrants, where the lines are not all there are.
    """
    owing, given = _owing(waiting), _given(waiting)
    words = name_words.split(owing.names)
    counts = name_words.counted(words) if counts is None else counts
    theirs = name_words.rare_pairs(words, counts)
    ours = name_words.rare_pairs(name_words.split(given["name"]), counts)
    amounts = waiting.payments["amount_centavos"].to_numpy()[given["payment"].to_numpy()]
    met, crowd = _meet(theirs, owing.lines, ours, amounts, len(counts))
    return Called(_scored(met, given, owing), crowd)


def count_words(waiting: Waiting) -> pd.DataFrame:
    """``COUNTED`` of the words of the registrants among whom names are looked for."""
    return name_words.counted(name_words.split(_owing(waiting).names))


def _owing(waiting: Waiting) -> _Owing:
    lines = waiting.lines[["registrant", "amount_due_centavos", "due"]]
    is_owing = lines["registrant"].ge(0) & lines["amount_due_centavos"].isin(waiting.payments["amount_centavos"])
    lines = lines[is_owing]
    is_person = np.zeros(len(waiting.registrants), dtype=bool)
    is_person[lines["registrant"].to_numpy()] = True
    person = (np.cumsum(is_person) - 1)[lines["registrant"].to_numpy()]
    return _Owing(lines.assign(person=person), waiting.registrants["full_name"][is_person].reset_index(drop=True))


def _given(waiting: Waiting) -> pd.DataFrame:
    """Who might be named: the sender of each payment, and each text; ``payment``, ``name``, ``is_text``."""
    senders = waiting.payments["sender_name"]
    texts = waiting.claims
    payment = np.append(np.arange(len(senders)), texts["payment"].to_numpy())
    name = pd.concat([senders, texts["text"]], ignore_index=True)
    given = pd.DataFrame({"payment": payment, "name": name, "is_text": np.arange(len(name)) >= len(senders)})
    return given[given["name"].ne("")].reset_index(drop=True)


def _meet(
    theirs: name_words.WordPairs, lines: pd.DataFrame, ours: name_words.WordPairs, amounts: Whole, words: int
) -> tuple[_Met, pd.DataFrame]:
    """Who shares two words, the amount and a month with a line, and every crowd that is asked for.

    ``amounts``: of the payment of each of ``given``; ``words``: how many words there are.
    """
    pair_of, pairs = pd.factorize(ours.first * words + ours.second)
    money_of, moneys = pd.factorize(amounts[ours.owner])
    dues = pd.unique(lines["due"].to_numpy())
    shared = _places(theirs.first * words + theirs.second, pairs)
    owner, pair = theirs.owner[shared >= 0], shared[shared >= 0]
    line, of_pair = _lines_of(owner, lines["person"].to_numpy())
    # A crowd is numbered by its pair of words, its amount and its month.
    money, due = _places(lines["amount_due_centavos"].to_numpy(), moneys), _places(lines["due"].to_numpy(), dues)
    owed = np.where(money[line] < 0, -1, (pair[of_pair] * len(moneys) + money[line]) * len(dues) + due[line])
    sought = (pair_of * len(moneys) + money_of) * len(dues)
    asked = in_order((in_order(sought)[:, None] + np.arange(len(dues))).ravel())
    crowd = _places(owed, asked)
    line, crowd = line[crowd >= 0], crowd[crowd >= 0]
    number = np.bincount(crowd, minlength=len(asked))
    met = _pairs_of(line, crowd, number, ours.owner, _places(sought, asked), len(dues))
    there = np.flatnonzero(number)
    which, month = np.divmod(asked[there], max(1, len(dues)))
    first, second = np.divmod(pairs[which // max(1, len(moneys))], max(1, words))
    told = {"first": first, "second": second, "amount": moneys[which % max(1, len(moneys))], "due": dues[month]}
    place = np.zeros(len(asked), np.int64)
    place[there] = np.arange(len(there))
    return met._replace(crowd=place[met.crowd]), crowds.crowds(number[there], **told)


def _lines_of(person: Whole, of_lines: Whole) -> tuple[Whole, Whole]:
    """The places of the lines of each person, and which of the persons asked for each is of."""
    order = np.argsort(of_lines, kind="stable")
    number = np.bincount(of_lines, minlength=int(person.max(initial=-1)) + 1)
    first = (np.cumsum(number) - number)[person]
    return order[expand(first, number[person])], np.repeat(np.arange(len(person)), number[person])


def _pairs_of(line: Whole, crowd: Whole, number: Whole, given: Whole, sought: Whole, dues: int) -> _Met:
    """Every one of ``given`` with every line of the crowds that it asks for, one a month, but for large crowds."""
    few = number[crowd] <= SHARED_BY_MOST
    order = np.argsort(crowd[few], kind="stable")
    line = line[few][order]
    size = np.where(number <= SHARED_BY_MOST, number, 0)
    first = np.cumsum(size) - size
    asked = (sought[:, None] + np.arange(dues)).ravel()
    rows = expand(first[asked], size[asked])
    return _Met(np.repeat(np.repeat(given, dues), size[asked]), line[rows], np.repeat(asked, size[asked]))


def _places(values: Whole, known: Whole) -> Whole:
    """Where each whole number stands among distinct ones from 0 on; −1 where it does not."""
    top = int(known.max(initial=-1)) + 1
    if top > _TABLED:
        return pd.Index(known).get_indexer(pd.Index(values)).astype(np.int64)
    table = np.full(top + 1, -1, np.int64)
    table[known] = np.arange(len(known))
    return np.asarray(table[np.where(values < 0, top, np.minimum(values, top))])


def _scored(met: _Met, given: pd.DataFrame, owing: _Owing) -> pd.DataFrame:
    """What is alike. A sender is compared whole; of a text only the words that a name needs."""
    people = owing.lines["person"].to_numpy()
    pair, each = _once(met.given, people[met.line])
    points = _points(pair >> 32, pair & 0xFFFFFFFF, given, owing.names)[each]
    alike = points >= LEAST
    score = points[alike]
    return candidates(
        len(score),
        payment=given["payment"].to_numpy()[met.given[alike]],
        line=owing.lines.index.to_numpy()[met.line[alike]],
        basis=BASES.index("name_and_amount"),
        likeness=score * A_POINT,
        kind=NAMED,
        place=score,
        group=met.crowd[alike],
    )


def _once(given: Whole, person: Whole) -> tuple[Whole, Whole]:
    """Each pair once as one number, in order, and where each pair stands among them."""
    both = given << 32 | person
    pairs = in_order(both)
    return pairs, np.searchsorted(pairs, both)


def _points(ours: Whole, theirs: Whole, given: pd.DataFrame, names: pd.Series[str]) -> Whole:
    """Points of 100 for each pair of one of ``given`` and a name."""
    is_text = given["is_text"].to_numpy()[ours]
    points = np.zeros(len(ours), np.int64)
    ours, wrote = _asked(ours, given["name"])
    theirs, called = _asked(theirs, names)
    for chosen, scorer in ((~is_text, fuzz.ratio), (is_text, fuzz.token_set_ratio)):
        rows = np.flatnonzero(chosen)
        for start in range(0, rows.size, _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            points[some] = _compare(wrote, ours[some], called, theirs[some], scorer)
    return points


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
        folded = name_words.fold(pd.Series(distinct, dtype="str")).to_pylist()
        words = np.array([" ".join(sorted(name.split())) for name in folded], dtype=object)
        return cls(words[codes], names.str.contains("[Ññ]").to_numpy(dtype=bool))


def _compare(wrote: _Spelled, ours: Whole, called: _Spelled, theirs: Whole, scorer: Callable[..., Any]) -> Whole:
    """Points of 100 for each pair of names; one less where only one of the two has an Ñ."""
    points = process.cpdist(
        wrote.words[ours], called.words[theirs], scorer=scorer, score_cutoff=LEAST, dtype=np.uint8
    ).astype(np.int64)
    return np.asarray(points - (wrote.has_enye[ours] != called.has_enye[theirs]), np.int64)
