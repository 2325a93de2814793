"""Which worlds of a base the rows of new files touch, and the rows of those worlds (ADR 0041).

A new row touches the world of its own payment or registrant, of whoever it names, of every payment that names what it
brings, and of what it settles. Rows of worlds that no new row touches hang together with none: what was made of them
stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow

from pipelines.engine.sharding import spill, words
from pipelines.engine.sharding.jobs import PAYING, REGISTRIES, ROUTED
from pipelines.rules import keys
from pipelines.rules.settlement import DEPOSIT_KEY, KEY
from schemas.catalog import WORKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from pipelines.engine.nights.base import Base

    Hashes = NDArray[np.uint64]
    Rows = dict[str, pyarrow.Table]


_ROOM: Final = 4
_FEWEST_BITS: Final = 10
_MOST_BITS: Final = 24
"""Bits of a hash by which most are told apart: one in sixteen is looked for in vain, or more where very many are."""


class NewSizesError(RuntimeError):
    """A new name is of a size that no name had: it was looked for in no text of the base."""


class Touch(NamedTuple):
    """What new rows bring, each sorted and once: owners, names of registries, payments, names told, settlement keys."""

    owners: Hashes
    names: Hashes
    payments: Hashes
    told: Hashes
    settles: Hashes


def touch(base: Base, rows: Mapping[str, pyarrow.Table], settlements: pd.DataFrame) -> Touch:
    """What new rows, by kind, and new settlement rows touch by themselves. Raises ``NewSizesError``."""
    known = spill.read(base.job.shared / "sizes.arrow")["wanted"].to_numpy()
    registries = {kind: table for kind, table in rows.items() if kind in REGISTRIES}
    paying = {kind: table for kind, table in rows.items() if kind in PAYING}
    sizes = [words.sizes_of(kind, table) for kind, table in registries.items()]
    if any((found & ~known).any() for found in sizes):
        raise NewSizesError
    return Touch(
        owners=each([words.owners(table) for table in registries.values()]),
        names=each([name for kind, table in registries.items() for name, _ in words.names_of(kind, table)]),
        payments=each([words.payments(kind, table) for kind, table in paying.items()]),
        told=each([words.told(kind, table, known)[1] for kind, table in paying.items()]),
        settles=settled_by(settlements),
    )


def settled_by(settlements: pd.DataFrame) -> Hashes:
    """The keys of settlements, and of their deposits, as the rows of payments have them."""
    return each([keys.hashes(settlements[KEY]), keys.hashes(settlements[DEPOSIT_KEY])])


def worlds_of(base: Base, touched: Touch) -> Hashes:
    """The worlds of a base that are touched."""
    owners, payments = [touched.owners], [touched.payments]
    names = each([touched.names, touched.told])
    for number in base.job.numbered(REGISTRIES):
        if base.job.path("named", number).exists():
            found = spill.read(base.job.path("named", number))
            owners.append(found["owner"].to_numpy()[among(found["name"].to_numpy(), names)])
    for number in base.job.numbered(PAYING):
        found = spill.read(base.job.path("told", number))
        payments.append(found["payment"].to_numpy()[among(found["name"].to_numpy(), touched.names)])
    known = {True: each(owners), False: each(payments)}
    worlds = []
    for number, kind in _numbered(base):
        rows = spill.read(base.job.path("worlds", number))
        world, own, settles = (rows[name].to_numpy() for name in ("world", "own", "settles"))
        worlds.append(world[among(own, known[kind in REGISTRIES]) | among(settles, touched.settles)])
    return each(worlds)


def settled_worlds(base: Base, settles: Hashes) -> Hashes:
    """The worlds of payments under settlements, by their keys."""
    empty = np.zeros(0, dtype=np.uint64)
    return worlds_of(base, Touch(empty, empty, empty, empty, settles))


def rows_of(base: Base, worlds: Hashes) -> Rows:
    """The rows of these worlds, by kind."""
    found: dict[str, list[pyarrow.Table]] = {}
    for number, kind in _numbered(base):
        world = spill.read(base.job.path("worlds", number), ["world"])["world"].to_numpy()
        chosen = among(world, worlds)
        if chosen.any():
            rows = spill.read(base.job.path("rows", number)).filter(pyarrow.array(chosen))
            found.setdefault(kind, []).append(rows)
    return {kind: pyarrow.concat_tables(tables) for kind, tables in found.items()}


def together(one: Mapping[str, pyarrow.Table], other: Mapping[str, pyarrow.Table]) -> Rows:
    """Rows of two by kind."""
    both = {kind: [rows[kind] for rows in (one, other) if kind in rows] for kind in {*one, *other}}
    return {kind: pyarrow.concat_tables(tables) for kind, tables in both.items()}


def of_kind(rows: Mapping[str, pyarrow.Table], kind: str) -> pyarrow.Table:
    """The rows of one kind; none where there are none."""
    return rows.get(kind, WORKING[ROUTED[kind]].arrow_schema().empty_table())


def among(values: Hashes, chosen: Hashes) -> NDArray[np.bool_]:
    """Whether each value is one of ``chosen``, which are sorted and each there once.

    Few are, as a rule: by some of its bits most values are told to be none of them, and only the rest is looked for.
    """
    found = np.zeros(len(values), dtype=bool)
    if not len(chosen):
        return found
    bits = min(max(_ROOM + len(chosen).bit_length(), _FEWEST_BITS), _MOST_BITS)
    may_be = np.zeros(1 << bits, dtype=bool)
    last_bits = np.uint64((1 << bits) - 1)
    may_be[chosen & last_bits] = True
    at = np.flatnonzero(may_be[values & last_bits])
    asked = values[at]
    place = np.minimum(np.searchsorted(chosen, asked), len(chosen) - 1)
    found[at] = chosen[place] == asked
    return found


def _numbered(base: Base) -> list[tuple[int, str]]:
    """The pieces of the base that remain, with their kinds."""
    pieces = enumerate(base.job.pieces)
    return [(number, piece.kind) for number, piece in pieces if base.job.path("worlds", number).exists()]


def each(hashes: list[Hashes]) -> Hashes:
    """All of them, sorted, each once."""
    return np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *hashes]))
