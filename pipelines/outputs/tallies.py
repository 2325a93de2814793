"""Rows counted and summed by some of their columns, slice by slice: what is held is one slice and the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipelines.store.ordered import Ordered

Row = tuple[Any, ...]


class Tally(NamedTuple):
    """How many rows (or distinct values of a column), and the sum of their amounts."""

    number: int
    amount: int


NOTHING: Final = Tally(0, 0)


def tally(slices: Iterable[pyarrow.Table], keys: Sequence[str], amount: str = "", each: str = "") -> dict[Row, Tally]:
    """The figures of each combination of ``keys``, in the order of their values.

    ``amount``: the column that is summed, if any. ``each``: values of this column are counted, each once for a
    combination; rows alike in it follow one another, and in one slice.
    """
    found: dict[Row, Tally] = {}
    for rows in slices:
        for key, count, total in _counted(rows, keys, amount, each):
            known = found.get(key, NOTHING)
            found[key] = Tally(known.number + count, known.amount + total)
    return dict(sorted(found.items()))


def total(found: Mapping[Row, Tally]) -> Tally:
    """The figures of all together, for rows that were counted, not values."""
    return merged(found).get((), NOTHING)


def merged(found: Mapping[Row, Tally], *places: int) -> dict[Row, Tally]:
    """The figures by some of the keys alone, for rows that were counted, not values."""
    sums: dict[Row, Tally] = {}
    for key, (number, amount) in found.items():
        known = sums.get(chosen := tuple(key[place] for place in places), NOTHING)
        sums[chosen] = Tally(known.number + number, known.amount + amount)
    return sums


def side_by_side(one: Ordered, other: Ordered) -> Iterator[tuple[pyarrow.Table, pyarrow.Table]]:
    """The rows of two tables of registrants, in the order of their NSS, some of each at a time: what has one NSS meets.

    Of each pair either may be empty.
    """
    rest, kept = other.slices(), other.schema.empty_table()
    for rows in one.slices():
        if not rows.num_rows:
            continue
        last = rows["nss"][-1]
        while not kept.num_rows or pc.less_equal(kept["nss"][-1], last).as_py():
            following = next(rest, None)
            if following is None:
                break
            kept = pyarrow.concat_tables([kept, following])
        end = pc.sum(pc.less_equal(kept["nss"], last)).as_py() or 0
        yield rows, kept.slice(0, end)
        kept = kept.slice(end)
    yield from ((one.schema.empty_table(), rows) for rows in (kept, *rest))


def in_both(one: Ordered, other: Ordered) -> int:
    """How many registrants are in both tables, each of which has a registrant once."""
    pairs = side_by_side(one.narrowed(["nss"]), other.narrowed(["nss"]))
    return sum(pc.sum(pc.is_in(ours["nss"], theirs["nss"].combine_chunks())).as_py() or 0 for ours, theirs in pairs)


def _counted(rows: pyarrow.Table, keys: Sequence[str], amount: str, each: str) -> Iterator[tuple[Row, int, int]]:
    figures: list[tuple[Any, str]] = [([], "count_all"), *([(amount, "sum")] if amount else [])]
    again = _repeated(rows, keys, each) if each else {}
    for row in rows.group_by(list(keys), use_threads=False).aggregate(figures).to_pylist():
        key = tuple(row[name] for name in keys)
        yield key, row["count_all"] - again.get(key, 0), (row[f"{amount}_sum"] or 0) if amount else 0


def _repeated(rows: pyarrow.Table, keys: Sequence[str], each: str) -> dict[Row, int]:
    """By how much rows are more than values: only those that have a like neighbour can be."""
    column = rows[each]
    if rows.num_rows < 2:  # noqa: PLR2004 - one has no neighbour
        return {}
    same = pc.equal(column.slice(1), column.slice(0, len(column) - 1)).combine_chunks()
    none = pyarrow.array([False])
    is_like = pc.or_(pyarrow.concat_arrays([none, same]), pyarrow.concat_arrays([same, none]))
    alike = rows.filter(is_like).group_by(list(keys), use_threads=False)
    found = alike.aggregate([([], "count_all"), (each, "count_distinct")]).to_pylist()
    return {tuple(row[name] for name in keys): row["count_all"] - row[f"{each}_count_distinct"] for row in found}
