"""Who belongs to which shard (ADR 0034): three shuffles of small tables of hashes, then one of the rows.

By name: what payments may name meets the names of registrants and lines. By payment: who is named by one payment, or
by the rows of one line, hangs together. By registrant: each row goes with its registrant's component; a payment that
names nobody goes by its natural key. A part of a shuffle is cut by hash, as a shard is: there are as many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow

from pipelines.engine.figures import figures
from pipelines.engine.sharding import spill, words
from pipelines.engine.sharding.jobs import PAYING, REGISTRIES, ROUTED, part_of
from pipelines.engine.sharding.linking import Components, components, first_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.engine.figures import Figures
    from pipelines.engine.sharding.jobs import Job, Runner

    Hashes = NDArray[np.uint64]

_HEADS: Final = "heads"
_SIZES: Final = "sizes"


def route(job: Job, runner: Runner) -> dict[int, Figures]:
    """Lay the rows of every piece apart by shard; give the figures of each piece."""
    sizes = runner.map(name_registrants, job, job.numbered(REGISTRIES))
    wanted = np.logical_or.reduce([np.zeros(words.SIZES, dtype=bool), *sizes])
    spill.write(job.shared / f"{_SIZES}.arrow", _table(wanted=wanted))
    runner.map(name_payments, job, job.numbered(PAYING))
    runner.map(meet, job, range(job.shards))
    linked = runner.map(link, job, range(job.shards))
    found = components(*(np.concatenate(side) for side in zip(*linked, strict=True)))
    spill.write(job.shared / f"{_HEADS}.arrow", _table(member=found.member, head=found.head))
    numbers = job.numbered(ROUTED)
    return dict(zip(numbers, runner.map(lay_apart, job, numbers), strict=True))


def name_registrants(job: Job, number: int) -> NDArray[np.bool_]:
    """Lay down the names of a piece of a registry (name, owner, is_line), by name; give the sizes that they have."""
    piece = job.pieces[number]
    table = piece.read(words.columns_of_names(piece.kind))
    owner, names = words.owners(table), words.names_of(piece.kind, table)
    name = np.concatenate([hashes for hashes, _ in names])
    is_line = np.repeat([is_line for _, is_line in names], len(owner))
    found = _table(name=name, owner=np.tile(owner, len(names)), is_line=is_line)
    spill.write_parts(job.path("named", number), found, part_of(name, job.shards), job.shards)
    return words.sizes_of(piece.kind, table)


def name_payments(job: Job, number: int) -> None:
    """Lay down what the payments of a piece might name (name, payment), by name."""
    piece = job.pieces[number]
    table = piece.read(words.columns_told(piece.kind))
    wanted = spill.read(job.shared / f"{_SIZES}.arrow")["wanted"].to_numpy()
    row, name = words.told(piece.kind, table, wanted)
    found = _table(name=name, payment=words.payments(piece.kind, table)[row])
    spill.write_parts(job.path("told", number), found, part_of(name, job.shards), job.shards)


def meet(job: Job, number: int) -> None:
    """Lay down whom payments name (payment, owner), by payment. A line of two registrants counts as one payment."""
    known = spill.read_part(job.paths("named", job.numbered(REGISTRIES)), number)
    told = spill.read_part(job.paths("told", job.numbered(PAYING)), number)
    name, owner = known["name"].to_numpy(), known["owner"].to_numpy()
    code, names = pd.factorize(name)
    bearer = np.empty(len(names), dtype=np.uint64)
    bearer[code[::-1]] = owner[::-1]
    at = pd.Index(names).get_indexer(pd.Index(told["name"].to_numpy()))
    place, payment = at[at >= 0], told["payment"].to_numpy()[at >= 0]
    # A name of several registrants is met once more, with those of them that stand behind the first.
    further = _each(code=code, owner=owner, chosen=owner != bearer[code])
    again = pd.DataFrame({"code": place, "payment": payment}).merge(further, on="code")
    lines = _each(code=code, owner=owner, chosen=np.isin(code, further["code"]) & known["is_line"].to_numpy())
    shared = lines[lines["code"].duplicated(keep=False)]
    met = _table(
        payment=np.concatenate([payment, again["payment"].to_numpy(), names[shared["code"].to_numpy()]]),
        owner=np.concatenate([bearer[place], again["owner"].to_numpy(), shared["owner"].to_numpy()]),
    )
    spill.write_parts(job.path("met", number), met, part_of(met["payment"].to_numpy(), job.shards), job.shards)


def link(job: Job, number: int) -> tuple[Hashes, Hashes]:
    """Lay down one registrant for each payment (payment, owner); give the pairs of registrants of one payment."""
    pairs = spill.read_part(job.paths("met", range(job.shards)), number)
    order = np.argsort(pairs["payment"].to_numpy())
    payment, owner = pairs["payment"].to_numpy()[order], pairs["owner"].to_numpy()[order]
    first = first_places(payment)
    head = np.minimum.reduceat(owner, first) if len(first) else owner
    spill.write(job.path("linked", number), _table(payment=payment[first], owner=head))
    head = np.repeat(head, np.diff(np.append(first, len(payment))))
    return head[head != owner], owner[head != owner]


def lay_apart(job: Job, number: int) -> Figures:
    """Lay the rows of a piece apart by shard, and the world of each beside them; give their figures."""
    piece = job.pieces[number]
    table = piece.read()
    heads = spill.read(job.shared / f"{_HEADS}.arrow")
    found = Components(heads["member"].to_numpy(), heads["head"].to_numpy())
    own, settles = words.own(piece.kind, table), words.settles(piece.kind, table)
    belongs = found.heads(own) if piece.kind in REGISTRIES else _owners_of(job, own, found)
    part = part_of(belongs, job.shards)
    spill.write_parts(job.path("rows", number), table, part, job.shards)
    spill.write_parts(job.path("worlds", number), _table(world=belongs, own=own, settles=settles), part, job.shards)
    return figures(ROUTED[piece.kind], table)


def _owners_of(job: Job, payments: Hashes, found: Components) -> Hashes:
    """For each payment the head of the registrants whom it names; itself where it names nobody."""
    belongs = payments.copy()
    part = part_of(payments, job.shards)
    for number in range(job.shards):
        rows = np.flatnonzero(part == number)
        known = spill.read(job.path("linked", number))
        payment, owner = known["payment"].to_numpy(), known["owner"].to_numpy()
        if len(rows) and len(payment):
            place = np.minimum(np.searchsorted(payment, payments[rows]), len(payment) - 1)
            named = payment[place] == payments[rows]
            belongs[rows[named]] = found.heads(owner[place[named]])
    return belongs


def _table(**columns: NDArray[np.uint64] | NDArray[np.bool_]) -> pyarrow.Table:
    return pyarrow.table({name: pyarrow.array(values) for name, values in columns.items()})


def _each(code: NDArray[np.int64], owner: Hashes, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    """The chosen names, by their codes, and owners; each pair once."""
    return pd.DataFrame({"code": code[chosen], "owner": owner[chosen]}).drop_duplicates()
