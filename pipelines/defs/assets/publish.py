"""Publish: what was proven becomes the month's publication and its outbox (CONTRACT §§11-13)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import dagster as dg
import pandas as pd

from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Programme
from pipelines.defs.tables import takes
from pipelines.engine import publishing
from pipelines.outputs.outbox import write_outbox
from schemas.catalog import PUBLISHED

SPEC: Final = dg.AssetSpec(
    "publication",
    deps=list(PUBLISHED),
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
    arguments = (programme.home, programme.month, tables, programme.policy, origin)
    result = publishing.publish(*arguments, write_outbox)
    yield dg.MaterializeResult(
        metadata={
            "publication": result.publication.number,
            "is_new": result.is_new,
            "content_digest": result.publication.content_digest,
            "changed_tables": dg.MetadataValue.json(list(result.changed_tables)),
            "outbox": dg.MetadataValue.json([str(path.relative_to(programme.home.outbox)) for path in result.outbox]),
        }
    )
