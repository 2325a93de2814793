"""Publish: what was proven becomes the month's publication and its outbox (CONTRACT §§11-13)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pandas as pd
import pyarrow

from pipelines.defs import working
from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Programme
from pipelines.defs.tables import takes
from pipelines.engine import open_payments, publishing
from pipelines.engine.sharding.tables import OfMonth
from pipelines.outputs.outbox import write_outbox
from schemas.catalog import PUBLISHED

SHOWN: Final = ("registrants", "claims", "payment_facts", "bank_transfer_rows", "remittance_rows")
"""Working tables of which the analyst's workbook shows a little: looked up, not loaded."""

SPEC: Final = dg.AssetSpec(
    "publication",
    deps=[*PUBLISHED, *SHOWN],
    group_name="publish",
    description="The publication in force of the month: its manifest, its tables, its outbox.",
)


@dg.multi_asset(
    name="publish",
    ins=takes(*PUBLISHED),
    specs=[SPEC],
    partitions_def=MONTHS,
)
@stage("publish")
def publish(
    context: dg.AssetExecutionContext, programme: Programme, **tables: pd.DataFrame
) -> Iterator[dg.MaterializeResult[None]]:
    """Write what changed, then the manifest that makes it real, then the outbox."""
    origin = publishing.Origin(context.run.run_id, context.run.tags.get("reason", ""), datetime.now(UTC))
    arguments = (programme.home, programme.month, OfMonth(tables, programme.month), programme.policy, origin)
    result = publishing.publish(*arguments, partial(_write, programme))
    yield dg.MaterializeResult(
        metadata={
            "publication": result.publication.number,
            "is_new": result.is_new,
            "content_digest": result.publication.content_digest,
            "changed_tables": dg.MetadataValue.json(list(result.changed_tables)),
            "outbox": dg.MetadataValue.json([str(path.relative_to(programme.home.outbox)) for path in result.outbox]),
        }
    )


def _write(
    programme: Programme,
    outbox: Path,
    month: str,
    tables: Mapping[str, pyarrow.Table],
    document: dict[str, Any],
) -> list[Path]:
    """The outbox in the programme's language; what only it shows is looked up where something has to be written."""
    more = partial(open_payments.material, tables, partial(working.select, programme.home, month))
    return write_outbox(outbox, month, tables, document, programme.language, more)
