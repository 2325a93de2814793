"""The I/O manager of working tables: Arrow files, checked against their models on the way in."""

from pathlib import Path

import dagster as dg
import pandas as pd
from pydantic import Field

from pipelines.defs import working
from pipelines.defs.guarding import guard
from pipelines.engine.sharding.tables import ShardedTable
from pipelines.store.home import Home


class WorkingTables(dg.ConfigurableIOManager):
    """Keeps the tables that stages of one run hand to one another. Nothing is pickled."""

    home_path: str = Field(description="The home directory (CONTRACT §13)")

    def handle_output(self, context: dg.OutputContext, obj: pd.DataFrame | ShardedTable) -> None:
        """Keep one table of the month of the run."""
        with guard():
            working.save(self._home, context.partition_key, context.asset_key.path[-1], obj)

    def load_input(self, context: dg.InputContext) -> pd.DataFrame | ShardedTable:
        """One table of the month, as this run made it."""
        with guard():
            return working.load(self._home, context.partition_key, context.asset_key.path[-1])

    @property
    def _home(self) -> Home:
        return Home(Path(self.home_path).absolute())
