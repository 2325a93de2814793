"""Settlements need every remittance under them, in whatever shards these are: payments meet at their settlements.

A settlement and those that share its deposit are one world; worlds are dealt out over as many parts as there are
shards. Each shard sends what concerns settlements to the parts, and ``stages.settle`` runs on each part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow

from pipelines.engine import stages
from pipelines.engine.sharding import spill
from pipelines.engine.sharding.jobs import part_of
from pipelines.engine.sharding.linking import components
from pipelines.rules import keys
from pipelines.rules.settlement import DEPOSIT_KEY, KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pipelines.engine.sharding.jobs import Job, Runner

    Hashes = NDArray[np.uint64]

_FACTS: Final = [
    *("payment_id", "channel", "institution", "tracking_key", "settlement_id", "status", "currency"),
    *("amount_centavos", "fee_centavos", "is_conflicting", "is_ever_paid"),
]
"""What of a payment concerns its settlement."""

_MONTH: Final = "month"
_SENT: Final = ["payment_id", "settlement_id"]


def send(job: Job, number: int, tables: Mapping[str, pd.DataFrame]) -> None:
    """Lay down the payments of a shard that concern settlements, and the claims of those that conflict, by part."""
    facts, claims, rows = tables["payment_facts"], tables["claims"], tables["settlement_rows"]
    world = worlds(rows)
    by_settlement = keys.positions(facts[["institution", "settlement_id"]], rows[KEY])
    by_deposit = keys.positions(facts[["institution", "tracking_key"]], rows[DEPOSIT_KEY])
    by_deposit[~facts["channel"].eq("bank_transfer").to_numpy()] = keys.NOWHERE
    doubtful, fact = _doubtful(facts, claims)
    by_claim = keys.positions(doubtful[["institution", "settlement_id"]], rows[KEY])
    all_facts = np.arange(len(facts))
    concerned = pd.DataFrame(
        {
            "fact": np.concatenate([all_facts, all_facts, fact]),
            "row": np.concatenate([by_settlement, by_deposit, by_claim]),
        }
    )
    concerned = concerned[concerned["row"].ge(0)]
    concerned = concerned.assign(part=part_of(world[concerned["row"].to_numpy()], job.shards))
    concerned = concerned.drop_duplicates(["fact", "part"])
    month = keys.taken(tables["payments"]["month"], _places(tables, facts), "")
    sent = facts[_FACTS].assign(**{_MONTH: month.array}).take(concerned["fact"].to_numpy())
    _lay_down(job, "settling_facts", number, sent, concerned["part"].to_numpy())
    known = by_claim >= 0
    _lay_down(job, "settling_claims", number, doubtful.loc[known, _SENT], part_of(world[by_claim[known]], job.shards))


def settle(job: Job, runner: Runner) -> None:
    """Let every shard see the deposits and the settlements."""
    found = runner.map(settle_part, job, range(job.shards))
    for name in ("deposits", "settlements"):
        spill.save(job.shared, name, pd.concat([tables[name] for tables in found], ignore_index=True))


def settle_part(job: Job, number: int) -> dict[str, pd.DataFrame]:
    """The deposits and settlements of one part."""
    rows = spill.load(job.shared, "settlement_rows")
    rows = rows[part_of(worlds(rows), job.shards) == number].reset_index(drop=True)
    facts, claims = (
        received(job, step, number).reset_index(drop=True) for step in ("settling_facts", "settling_claims")
    )
    return settled(rows, facts, claims)


def settled(rows: pd.DataFrame, facts: pd.DataFrame, claims: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The deposits and settlements of settlement rows, with all that was sent to them."""
    payments = facts[["payment_id", _MONTH]]
    tables = {"settlement_rows": rows, "payment_facts": facts.drop(columns=_MONTH), "claims": claims}
    return stages.settle({**tables, "payments": payments})


def worlds(rows: pd.DataFrame) -> Hashes:
    """For each settlement row what all rows of its world have in common."""
    settlement, deposit = keys.hashes(rows[KEY]), keys.hashes(rows[DEPOSIT_KEY])
    return components(settlement, deposit).heads(settlement)


def _doubtful(facts: pd.DataFrame, claims: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The claims of payments whose rows conflict, with their institution, and where their payments stand."""
    conflicting = np.flatnonzero(facts["is_conflicting"].to_numpy())
    place = keys.positions(claims["payment_id"], facts["payment_id"].take(conflicting))
    chosen, fact = claims[_SENT][place >= 0].reset_index(drop=True), conflicting[place[place >= 0]]
    return chosen.assign(institution=facts["institution"].take(fact).array), fact


def _places(tables: Mapping[str, pd.DataFrame], facts: pd.DataFrame) -> NDArray[np.int64]:
    return keys.positions(facts["payment_id"], tables["payments"]["payment_id"])


def _lay_down(job: Job, step: str, number: int, frame: pd.DataFrame, part: NDArray[Any]) -> None:
    table = pyarrow.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    spill.write_parts(job.path(step, number), table, part, job.shards)


def received(job: Job, step: str, number: int) -> pd.DataFrame:
    """What all shards have sent to one part."""
    found: pd.DataFrame = spill.read_part(job.paths(step, range(job.shards)), number).to_pandas()
    return found
