"""Land: the files of the inbox become originals, landed rows and receipts (CONTRACT §4)."""

from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from pipelines.defs.guarding import stage
from pipelines.defs.partitions import MONTHS
from pipelines.defs.progress import StageEvent, tell, tell_landing
from pipelines.defs.resources import Programme
from pipelines.defs.tables import Made, Takers, hand_over, specs
from pipelines.engine import landing, memory


class LandConfig(dg.Config):
    """Which files are landed, and when they were received."""

    inbox: str = Field(default="", description="Folder or URL of the files, without any secret; empty: the programme's")
    received_at: str = Field(default="", description="Instant with its offset, ISO 8601; empty: now")


@dg.multi_asset(name="land", specs=specs("land", "landed_receipts"), partitions_def=MONTHS)
def land(config: LandConfig, programme: Programme, takers: Takers) -> Made:
    """Keep every new file of the inbox and read it once; give the receipts of all files ever offered."""

    def advance(done: int, total: int) -> None:
        tell(StageEvent(programme.month, "land", "advanced", done, total))

    memory.keep()
    with stage(programme.month, "land"):
        where = config.inbox or programme.where
        received_at = datetime.fromisoformat(config.received_at) if config.received_at else datetime.now(UTC)
        tell_landing(landing.land(programme.home, where, received_at, advance))
        yield from hand_over(programme, takers, {"landed_receipts": landing.issued(programme.home, None)})
