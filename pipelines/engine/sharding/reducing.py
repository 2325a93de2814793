"""What a shard tells the others: the few rows on which an answer of another shard, or of none, depends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.engine import stages
from pipelines.engine.sharding import spill
from pipelines.engine.sharding.jobs import PAYING
from pipelines.rules import keys, shortlists, suggestions
from pipelines.rules.calendar import month_number
from pipelines.rules.keys import among
from pipelines.rules.places import PLACE, Places
from schemas.catalog import WORKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipelines.engine.sharding.jobs import Job
    from pipelines.engine.stages import Tables

_SHARDS_OF_A_BLOCK: Final = 4
_FEWEST_BLOCKS: Final = 2
NEWS: Final = ("payment_rows", "payment_facts")
_SOURCE: Final = ["source_sha256", "source_sheet", "source_row"]
_OF_A_PAYMENT: Final = {
    "payment_standings": ["payment_id", "bucket", "reason"],
    "claims": ["payment_id", "claim", "amount_centavos", "settlement_id", "capture_line", "nss", "curp", "text"],
    "findings": ["payment_id", "rule"],
}
_OF_A_SENDER: Final = {
    "bank_transfers": ["sender_bank", "sender_account", "sender_name"],
    "remittances": ["company", "sender_name"],
}
_REDUCED: Final = {
    "payments": ["payment_id"],
    "payment_standings": ["payment_id"],
    "claims": ["payment_id", "claim"],
    "findings": ["payment_id", "rule"],
    "bank_transfer_rows": PLACE,
    "remittance_rows": PLACE,
}
"""Table of payments → the columns by which its rows are put in order."""

_PAID: Final = ["payer", "nss"]
_OF_A_MATCH: Final = ["payment_id", "nss"]
_OF_A_LINE: Final = {
    "capture_lines": ["capture_line", "nss", "due_month", "amount_due_centavos", "status"],
    "line_standings": ["capture_line", "is_paid"],
    "registrants": ["nss", "curp", "full_name"],
}


def lay_down_news(job: Job, number: int, known: Tables) -> None:
    """The payments of a settlement, remittances and deposits, of which the publication before did not know a row."""
    assert job.earlier is not None  # noqa: S101 - the caller looked
    rows, facts, settled = (known[name] for name in ("payment_rows", "payment_facts", "settlement_rows"))
    fresh = rows[~rows["sha256"].isin(job.earlier.inputs) & rows["role"].ne("repeat")]
    is_deposit = among(facts[["institution", "tracking_key"]], settled[["sender_bank", "bank_tracking_key"]])
    concerned = facts[(facts["settlement_id"].ne("") | is_deposit) & among(facts["payment_id"], fresh["payment_id"])]
    news = {"payment_rows": fresh[among(fresh["payment_id"], concerned["payment_id"])], "payment_facts": concerned}
    for name, frame in news.items():
        spill.save(job.folder / "news" / str(number), name, frame)


def with_news(job: Job, known: Tables) -> Tables:
    """A shard's payments and, after them, those of the others that :func:`lay_down_news` tells of."""
    found = {}
    for name in NEWS:
        told = [spill.load(job.folder / "news" / str(number), name) for number in range(job.shards)]
        others = pd.concat(told, ignore_index=True)
        others = others[~among(others["payment_id"], known["payment_facts"]["payment_id"])]
        found[name] = pd.concat([known[name], others], ignore_index=True)
    return found


def lay_down_rejected_lines(job: Job, number: int, known: Tables) -> None:
    """The rows of lines that a rule rejected: their amounts leave the receipts of their files."""
    rows, rejected = known["capture_line_rows"], known["registry_rejections"][PLACE]
    # Few are rejected: whose number no rejected row has is none of them.
    rows = rows.take(np.flatnonzero(np.isin(rows["row"].to_numpy(), rejected["row"].to_numpy(), kind="sort")))
    chosen = rows[among(rows[PLACE], rejected)]
    spill.write(job.path("rejected_lines", number), WORKING["capture_line_rows"].to_arrow(chosen))


def lay_down_for_suggestions(job: Job, number: int, known: Tables) -> None:
    """Of each payment a hash of its payer, and whether a person is asked about it."""
    payments = known["payments"]
    asked = suggestions.are_asked(month_number(job.month), payments, known["payment_standings"])
    senders = suggestions.senders_of(known["bank_transfer_rows"], known["remittance_rows"])
    places = Places()
    known_places = pd.Index(places.of(senders))
    place = known_places.get_indexer(pd.Index(places.of(payments[_SOURCE].set_axis(PLACE, axis=1))))
    payer = keys.taken(senders["payer"], place, "")
    told = {"payer": keys.hashes(payer), "is_told": payer.ne("").to_numpy(dtype=bool), "is_asked": asked}
    spill.write(job.path("payers", number), pyarrow.table(told))


def reduce_for_suggestions(job: Job, number: int) -> None:
    """Lay down what suggestions rest on: the payments asked, and for whom their payers have paid."""
    told = _payers(job, number)
    wanted = spill.read(job.shared / "payers.arrow")["payer"].to_numpy()
    folder, is_theirs = job.shard(number), told["is_told"] & told["payer"].isin(wanted)
    every = spill.read(folder / "payments.arrow")
    places = (pyarrow.array(told.index[chosen].to_numpy()) for chosen in (told["is_asked"], is_theirs))
    asked, theirs = (WORKING["payments"].from_arrow(every.take(place)) for place in places)
    found = {"payments": asked}
    for name, columns in _OF_A_PAYMENT.items():
        rows = spill.read(folder / f"{name}.arrow", columns)
        chosen = pyarrow.array(asked["payment_id"], rows.schema.field("payment_id").type)
        found[name] = rows.filter(pc.is_in(rows["payment_id"], value_set=chosen)).to_pandas()
    of_senders = {}
    for kind, columns in _OF_A_SENDER.items():
        rows = job.rows(number, kind).select([*PLACE, *columns]).to_pandas()
        found[PAYING[kind]] = rows[keys.among(rows[PLACE], asked[_SOURCE])]
        of_senders[kind] = rows[keys.among(rows[PLACE], theirs[_SOURCE])]
    senders = suggestions.senders_of(*of_senders.values())
    matches = read_frame(folder / "matches.arrow", _OF_A_MATCH)
    found["paid"] = suggestions.paid_for(month_number(job.month), theirs, matches, senders)
    for name, frame in found.items():
        lay_down(job.folder / "suggesting" / name / f"{number}.arrow", frame)


def asked_of_all(job: Job) -> shortlists.Asked:
    """Who is asked, out of what all shards have reduced, in one order whatever the shards."""
    tables = {name: _gathered(job, name, by) for name, by in _REDUCED.items()}
    tables |= {name: WORKING[name].empty()[columns] for name, columns in _OF_A_LINE.items()}
    evidence = stages.evidence_of_suggestions(tables | {"matches": WORKING["matches"].empty()})
    return suggestions.asked(month_number(job.month), evidence, _gathered(job, "paid", _PAID))


def blocks(job: Job) -> range:
    """The numbers of the blocks of lines in which suggestions are looked for.

    What waits is looked through anew for each block, so the lines of several shards, of which only a few columns are
    held, are one; yet there are two where there are two shards, for whoever has two hands.
    """
    return range(max(min(job.shards, _FEWEST_BLOCKS), -(-job.shards // _SHARDS_OF_A_BLOCK)))


def block_of(job: Job, number: int) -> shortlists.Block:
    """The lines of a block that may be meant."""
    return block_of_shards(job, range(number, job.shards, len(blocks(job))))


def block_of_shards(job: Job, numbers: Iterable[int]) -> shortlists.Block:
    """The lines of some shards that may be meant."""
    month = month_number(job.month)
    known = zip(*(_lines_of(job, shard) for shard in numbers), strict=True)
    whole = (pd.concat(tables, ignore_index=True) for tables in known)
    return shortlists.block_of(month, suggestions.window_of(month, job.policy), *whole)


def _lines_of(job: Job, number: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The lines of a shard that count, their standings, and registrants: all that have such a line."""
    folder, gone = job.shard(number), job.gone(number)
    lines, standings, people = (read_frame(folder / f"{name}.arrow", columns) for name, columns in _OF_A_LINE.items())
    if gone is None:
        return lines, standings, people
    # What was worked out again stands in another shard, registrants with all their lines.
    stand = lines[~among(lines["capture_line"], gone.lines)]
    standings = standings[~among(standings["capture_line"], gone.lines)]
    return stand, standings, people[among(people["nss"], stand["nss"])]


def lay_down(path: Path, frame: pd.DataFrame) -> None:
    """Lay down a frame that no model describes."""
    spill.write(path, pyarrow.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata())


def read_frame(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """What :func:`lay_down` has laid down, or some columns of a working table."""
    frame: pd.DataFrame = spill.read(path, columns).to_pandas()
    return frame


def ask_payers(job: Job) -> bool:
    """Let every shard see who paid what a person is asked about; whether anything is asked."""
    told = (_payers(job, number) for number in range(job.shards))
    asked = pd.concat([payers[payers["is_asked"]] for payers in told])
    wanted = np.unique(asked.loc[asked["is_told"], "payer"].to_numpy())
    spill.write(job.shared / "payers.arrow", pyarrow.table({"payer": wanted}))
    return len(asked) > 0


def _payers(job: Job, number: int) -> pd.DataFrame:
    """What :func:`lay_down_for_suggestions` tells of the payments of a shard that count, by their places."""
    told: pd.DataFrame = spill.read(job.laid(number, "payers")).to_pandas()
    gone = job.gone(number)
    if gone is None:
        return told
    payments = read_frame(job.shard(number) / "payments.arrow", ["payment_id"])["payment_id"]
    if gone.asked is not None:
        told["is_asked"] &= among(payments, gone.asked)
    return told[~among(payments, gone.payments)]


def _gathered(job: Job, name: str, by: list[str]) -> pd.DataFrame:
    paths = [job.folder / "suggesting" / name / f"{number}.arrow" for number in range(job.shards)]
    whole: pd.DataFrame = pyarrow.concat_tables([spill.read(path) for path in paths]).to_pandas()
    return whole.sort_values(by, ignore_index=True)
