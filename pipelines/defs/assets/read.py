"""Read: the typed rows of accepted files, and the two registries as they stand (CONTRACT §§3, 4)."""

import dagster as dg
import pandas as pd

from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.resources import Programme
from pipelines.defs.tables import FIRST, Handed, gives, hand_over, takes
from pipelines.engine import landing, stages


@dg.multi_asset(
    name="read",
    ins=takes("landed_receipts"),
    outs=gives("read", *stages.ROW_TABLES.values(), "read_rejections"),
    partitions_def=MONTHS,
    can_subset=True,
)
@stage("read")
def read(programme: Programme, landed_receipts: pd.DataFrame) -> Handed:
    """Bring back the rows and rejections of every accepted file; nothing is parsed again."""
    sharded = programme.open(landed_receipts)
    for kind, name in stages.ROW_TABLES.items():
        rows = sharded.rows(name) if sharded else landing.load_known_rows(programme.home, landed_receipts, kind)
        yield from hand_over({name: rows})
    yield from hand_over({"read_rejections": landing.load_rejections(programme.home, landed_receipts)})


@dg.multi_asset(
    name="register",
    ins=takes("registrant_rows", "capture_line_rows"),
    outs=gives("read", "registrants", "capture_lines", "registry_rejections"),
    partitions_def=MONTHS,
    can_subset=True,
    op_tags=FIRST,
)
@stage("read")
def register(programme: Programme, **tables: pd.DataFrame) -> Handed:
    """Let the latest row of each registrant and capture line stand."""
    yield from hand_over(programme.run(stages.register, tables))
