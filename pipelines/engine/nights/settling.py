"""Settlements of a night: those under which something was touched are settled again, the others stand as they were.

A settlement and those that share its deposit are one world (``engine.sharding.settling``). What the base sent to it of
payments that are worked out nowhere is laid beside what the worlds send.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd
import pyarrow

from pipelines.engine.nights.touching import among, each
from pipelines.engine.sharding import settling, spill, words
from pipelines.engine.sharding.jobs import PAYING
from pipelines.rules import keys
from pipelines.rules.settlement import DEPOSIT_KEY, KEY
from schemas.octets import as_array

if TYPE_CHECKING:
    from pipelines.engine.nights.base import Base
    from pipelines.engine.nights.touching import Hashes, Rows

    Tables = dict[str, pd.DataFrame]

SENT: Final = ("settling_facts", "settling_claims")
"""What payments send to settlements: steps of ``engine.sharding``."""

GIVES: Final = ("deposits", "settlements")

_BY_SETTLEMENT: Final = ["institution", "settlement_id"]
_BY_DEPOSIT: Final = ["institution", "tracking_key"]


class _Chosen(NamedTuple):
    """The settlement rows that are settled again, and the hashes of their keys and of those of their deposits."""

    rows: pd.DataFrame
    settlements: Hashes
    deposits: Hashes


def settles(rows: Rows) -> Hashes:
    """The settlements that rows of payments, by kind, may be under or the deposit of."""
    return each([words.settles(kind, table) for kind, table in rows.items() if kind in PAYING])


def balanced(settlements: pd.DataFrame) -> Hashes:
    """The keys of the balanced ones of settlements."""
    return each([keys.hashes(settlements.loc[settlements["status"].eq("balanced"), KEY])])


class Settling:
    """What a base sent to settlements, and what it made of them; looked through as often as a night settles."""

    def __init__(self, base: Base) -> None:
        self._job = base.job
        self.stood = {name: spill.load(base.job.shared, name) for name in GIVES}

    def settle(self, sent: Tables, rows: pd.DataFrame, worked: Hashes, touched: Hashes) -> Tables:
        """The deposits and settlements of all ``rows`` (SettlementRow).

        ``sent``: what the worlds have sent; ``worked``: the hashes of the payments that are worked out in them;
        ``touched``: :func:`settles` of all rows of theirs, then and now, and the keys of new settlement rows.
        """
        chosen = _chosen(rows, touched)
        facts, claims = self._under(chosen)
        others = [table[~among(keys.hashes(table["payment_id"]), worked)] for table in (facts, claims)]
        given = [pd.concat([sent[name], other], ignore_index=True) for name, other in zip(SENT, others, strict=True)]
        again = settling.settled(chosen.rows, *given)
        stand = self._others(chosen, facts["payment_id"])
        return {name: pd.concat([stand[name], again[name]], ignore_index=True) for name in GIVES}

    def _others(self, chosen: _Chosen, payments: pd.Series[str]) -> Tables:
        """What stands of settlements that nothing touched; ``payments``: those that concerned the others."""
        settlements, deposits = (self.stood[name] for name in ("settlements", "deposits"))
        return {
            "settlements": settlements[~keys.among(settlements[KEY], chosen.rows[KEY])],
            "deposits": deposits[~keys.among(deposits["payment_id"], payments)],
        }

    def _under(self, chosen: _Chosen) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The facts that the base sent to these settlements, each once, and the claims of them that conflict."""
        claims = self._claims
        claimed = claims[keys.among(claims[_BY_SETTLEMENT], chosen.rows[KEY])]
        found = []
        for number, (settlement, deposit, payment) in enumerate(self._hashed):
            wanted = among(settlement, chosen.settlements) | among(deposit, chosen.deposits)
            wanted |= among(payment, each([keys.hashes(claimed["payment_id"])]))
            if wanted.any():
                found.append(spill.read(self._job.path(SENT[0], number)).filter(pyarrow.array(wanted)))
        if not found:
            found = [spill.read(self._job.path(SENT[0], 0)).slice(0, 0)]
        facts = pyarrow.concat_tables(found).to_pandas().drop_duplicates("payment_id", ignore_index=True)
        is_deposit = keys.among(facts[_BY_DEPOSIT], chosen.rows[DEPOSIT_KEY]) & facts["channel"].eq("bank_transfer")
        is_under = keys.among(facts[_BY_SETTLEMENT], chosen.rows[KEY])
        is_claimed = keys.among(facts["payment_id"], claimed["payment_id"])
        return facts[is_deposit | is_under | is_claimed], claimed.drop(columns="institution")

    @cached_property
    def _claims(self) -> pd.DataFrame:
        """The claims of payments that conflict, with their institutions: few."""
        claims = pyarrow.concat_tables([spill.read(path) for path in self._job.paths(SENT[1], range(self._job.shards))])
        found: pd.DataFrame = claims.to_pandas()
        if not len(found):
            return found.assign(institution=found["settlement_id"])
        paths = self._job.paths(SENT[0], range(self._job.shards))
        facts = pyarrow.concat_tables([spill.read(path, ["payment_id", "institution"]) for path in paths]).to_pandas()
        place = keys.positions(found["payment_id"], facts["payment_id"])
        return found.assign(institution=keys.taken(facts["institution"], place, "").array)

    @cached_property
    def _hashed(self) -> list[tuple[Hashes, Hashes, Hashes]]:
        """Of the facts of each shard the keys by which they concern settlements, and their payments."""
        found = []
        for path in self._job.paths(SENT[0], range(self._job.shards)):
            read = spill.read(path, ["institution", "settlement_id", "tracking_key", "payment_id"])
            table = {name: as_array(read[name]) for name in read.column_names}
            pairs = ([table[name] for name in by] for by in (_BY_SETTLEMENT, _BY_DEPOSIT, ["payment_id"]))
            settlement, deposit, payment = (keys.hashes(pair) for pair in pairs)
            found.append((settlement, deposit, payment))
        return found


def _chosen(rows: pd.DataFrame, touched: Hashes) -> _Chosen:
    """All settlement rows of the worlds of those that are touched."""
    settlement, deposit = keys.hashes(rows[KEY]), keys.hashes(rows[DEPOSIT_KEY])
    world = settling.worlds(rows)
    is_touched = among(settlement, touched) | among(deposit, touched)
    chosen = among(world, each([world[is_touched]]))
    return _Chosen(rows[chosen].reset_index(drop=True), each([settlement[chosen]]), each([deposit[chosen]]))
