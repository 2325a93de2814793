"""Repaired references: what a payment wrote that is nearly a capture line, an NSS or a CURP (CONTRACT §7).

A text offers its tokens and every run of up to eight of them, as matching does; a field offers itself as one token.
A payment that names a line exactly has nothing to repair there; likewise one that names a registrant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules import crowds, likeness, naming
from pipelines.rules.candidates import BASES, Told, candidates, spread
from pipelines.rules.likeness import CUT, LOOKS, SWAPPED, UNWRITTEN
from schemas.identifiers.capture_line import LONGEST, SHORTEST, normalise
from schemas.octets import as_array, from_octets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.rules.candidates import Waiting

OF_ONE_LINE: Final = {"look_alike": 970, "transposition": 940, "one_character": 920}
"""Likeness of a repaired reference."""

CUT_LEAST: Final = 500
"""Likeness of a reference cut off, however short."""

CUT_MORE: Final = 400
"""What it gains as the part that is there nears the whole."""

OF_A_PERSON: Final = {"near_nss": 800, "near_curp": 800}
"""Likeness of a line whose registrant is nearly named."""

NO_TEXTS: Final = pyarrow.array([], pyarrow.large_string())
"""What candidates that point to no written text point to."""

_TOLD: Final = ("payment", "kind", "place", "wrote", "meant")
"""What a pair tells a candidate as it is."""


class _Written(NamedTuple):
    """Distinct texts, and who wrote which: ``payment[i]`` wrote ``text[i]``."""

    texts: pyarrow.LargeStringArray
    payment: NDArray[np.int64]
    text: NDArray[np.int64]


def of_lines(waiting: Waiting) -> Told:
    """Candidates whose line is nearly what the capture line field or the text says."""
    claims = _asked(waiting, "names_line")
    size = waiting.lines["capture_line"].str.len().to_numpy(dtype=np.int64)
    wanted = np.zeros(LONGEST + 2, dtype=bool)
    wanted[[length + more for length in np.unique(size) for more in (-1, 0, 1)]] = True
    wanted[SHORTEST : int(size.max(initial=0))] = True
    written = _write(claims, ["text", "capture_line"], wanted, naming.LONGEST_RUN)
    keys = as_array(waiting.lines["capture_line"])
    group, dues = pd.factorize(waiting.lines["due"])
    begun = likeness.beginnings(written.texts, keys, group.astype(np.int64))
    near = pd.concat([likeness.look_alikes(written.texts, keys), likeness.one_error(written.texts, keys)])
    found = pd.concat([near.assign(crowd=-1), begun.pairs], ignore_index=True)
    pairs = spread(written.payment, written.text, found)
    kind = pairs["kind"].to_numpy()
    basis = np.select([kind == LOOKS, kind == SWAPPED, kind == CUT], [0, 1, 3], 2)
    share = pairs["place"].to_numpy(dtype=np.int64) * CUT_MORE // np.maximum(pairs["meant"].to_numpy(), 1)
    strength = np.array([*OF_ONE_LINE.values(), CUT_LEAST])[basis] + np.where(kind == CUT, share, 0)
    looks = pairs["kind"].eq(LOOKS)
    told = {name: pairs[name] for name in (*_TOLD, "written")}
    told["place"] = pairs["place"].mask(looks, _ranks(written.texts, pairs["written"].where(looks, -1)))
    found_lines = candidates(
        len(pairs), line=pairs["key"], basis=basis, likeness=strength, group=pairs["crowd"], **told
    )
    return Told(found_lines, written.texts, _crowds(begun.crowds, written.texts, np.asarray(dues)))


def _crowds(begun: pd.DataFrame, texts: pyarrow.LargeStringArray, dues: NDArray[np.int64]) -> pd.DataFrame:
    """The crowds of lines that begin with one text."""
    shared = pd.Series(texts.take(pyarrow.array(begun["written"].to_numpy())), dtype="str")
    return crowds.crowds(begun["number"], text=shared, due=dues[begun["key_group"].to_numpy()])


def of_persons(waiting: Waiting, month: int) -> pd.DataFrame:
    """Candidates due in ``month`` whose registrant's NSS or CURP is nearly what a field or a token says."""
    claims = _asked(waiting, "names_person")
    lines = waiting.lines[waiting.lines["due"].eq(month) & waiting.lines["registrant"].ge(0)]
    mine = lines["registrant"].to_numpy(dtype=np.int64)
    people = waiting.registrants[["nss", "curp"]].take(mine)
    found = []
    for basis, field, length in (("near_nss", "nss", naming.NSS_DIGITS), ("near_curp", "curp", naming.CURP_CHARACTERS)):
        wanted = np.zeros(LONGEST + 2, dtype=bool)
        wanted[length - 1 : length + 2] = True
        written = _write(claims, ["text", field], wanted, 1)
        # No token holds an Ñ: in a CURP it counts as one character that nobody can write.
        keys = pc.replace_substring(as_array(people[field]), "Ñ", UNWRITTEN)
        near = likeness.one_error(written.texts, keys)
        pairs = spread(written.payment, written.text, near)
        told = {name: pairs[name] for name in _TOLD}
        line = lines.index.to_numpy()[pairs["key"].to_numpy()]
        strength = OF_A_PERSON[basis]
        found.append(candidates(len(pairs), line=line, basis=BASES.index(basis), likeness=strength, **told))
    return pd.concat(found, ignore_index=True)


def _ranks(texts: pyarrow.LargeStringArray, written: pd.Series[int]) -> pd.Series[int]:
    """For each position in ``texts``, its place in the order of all that are asked for; any number for −1."""
    asked = np.unique(written)
    spelled = pc.rank(texts.take(pyarrow.array(np.maximum(asked, 0)))).to_numpy() if len(asked) else asked
    return pd.Series(spelled[np.searchsorted(asked, written)], index=written.index)


def _asked(waiting: Waiting, named: str) -> pd.DataFrame:
    """Claims of the payments that name none exactly."""
    names_it: NDArray[np.bool_] = waiting.payments[named].to_numpy(dtype=bool)
    claims: pd.DataFrame = waiting.claims[~names_it[waiting.claims["payment"].to_numpy()]]
    return claims


def _write(claims: pd.DataFrame, columns: list[str], wanted: NDArray[np.bool_], longest_run: int) -> _Written:
    """Runs of tokens of wanted sizes in a text column, and a field's one token (its separators removed)."""
    text, field = columns
    tokens = naming.tokenise(pd.concat([claims[text], normalise(claims[field])], ignore_index=True))
    runs = [naming.runs_of(tokens, length, wanted) for length in range(1, longest_run + 1)]
    owner, start, size = (np.concatenate(part) for part in zip(*runs, strict=True))
    short = size <= LONGEST + 1
    encoded = pc.dictionary_encode(_stretches(tokens.characters, start[short], size[short]))
    payment = np.tile(claims["payment"].to_numpy(dtype=np.int64), 2)[owner[short]]
    return _Written(encoded.dictionary, payment, encoded.indices.to_numpy().astype(np.int64))


def _stretches(
    characters: NDArray[np.uint8], start: NDArray[np.int64], size: NDArray[np.int64]
) -> pyarrow.LargeStringArray:
    """The texts that lie at ``start`` in ``characters``."""
    return from_octets(characters[likeness.expand(start, size)], np.append(0, np.cumsum(size)))
