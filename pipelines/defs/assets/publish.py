"""Publish: what was proven becomes the month's publication and its outbox (CONTRACT §§11-13)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pyarrow

from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.progress import tell_sums
from pipelines.defs.resources import Programme
from pipelines.defs.tables import Given
from pipelines.engine import open_payments, publishing
from pipelines.engine.nights.keeping import KeptMonth
from pipelines.outputs.outbox import write_outbox
from pipelines.outputs.summary import sums
from schemas.catalog import PUBLISHED

SHOWN: Final = ("registrants", "claims", "bank_transfer_rows", "remittance_rows")
"""Working tables of which the analyst's workbook shows a little."""

SPEC: Final = dg.AssetSpec(
    "publication",
    deps=[*PUBLISHED, *SHOWN],
    group_name="publish",
    description="The publication in force of the month: its manifest, its tables, its outbox.",
)


@dg.multi_asset(name="publish", specs=[SPEC], partitions_def=MONTHS)
def publish(context: dg.AssetExecutionContext, programme: Programme) -> Iterator[dg.MaterializeResult[None]]:
    """Write what changed, then the manifest that makes it real, then the outbox."""
    origin = publishing.Origin(context.run.run_id, context.run.tags.get("reason", ""), datetime.now(UTC))
    with stage(programme.month, "publish"):
        tables = programme.tables.take(*PUBLISHED, *SHOWN)
        result = _kept(programme.kept) if programme.kept else _published(programme, tables, origin)
        yield dg.MaterializeResult(metadata=_told(programme, result))


def _kept(month: KeptMonth) -> publishing.PublishResult:
    return publishing.PublishResult(month.publication, is_new=False, changed_tables=(), outbox=month.outbox)


def _published(programme: Programme, tables: Given, origin: publishing.Origin) -> publishing.PublishResult:
    arguments = (programme.home, programme.month, tables, programme.policy, origin)
    write = partial(_write, programme.language, tables)
    result = publishing.publish(*arguments, write, programme.rows_at_once)
    programme.note(result.publication, tables)
    return result


def _told(programme: Programme, result: publishing.PublishResult) -> dict[str, Any]:
    return {
        "publication": result.publication.number,
        "worked_out": programme.way,
        "is_new": result.is_new,
        "content_digest": result.publication.content_digest,
        "changed_tables": dg.MetadataValue.json(list(result.changed_tables)),
        "outbox": dg.MetadataValue.json([str(path.relative_to(programme.home.outbox)) for path in result.outbox]),
    }


def _write(
    language: str,
    working: Given,
    outbox: Path,
    month: str,
    published: Mapping[str, pyarrow.Table],
    document: dict[str, Any],
) -> list[Path]:
    """The outbox in the programme's language; what only it shows is looked up where something has to be written.

    What is summed for who called is told past the run history: a currency may be any text out of a file.
    """
    tell_sums(sums(published))
    more = partial(open_payments.material, published, working)
    return write_outbox(outbox, month, published, document, language, more)
