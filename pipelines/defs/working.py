"""Working tables: what the stages of one run hand to one another, in the memory of its process (docs/decisions/0033).

They belong to one run and end with it: nothing is ever published that was not proven in the same run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from schemas.catalog import WORKING

if TYPE_CHECKING:
    from pipelines.engine.sharding.tables import Given


class WorkingTableMissingError(RuntimeError):
    """A stage was started without the stages before it."""


class Shelf:
    """The working tables of one run of ``month``, each until the last stage that takes it has it.

    So the memory of a run is never that of all its tables.
    """

    def __init__(self, month: str) -> None:
        self._month = month
        self._tables: dict[str, Given] = {}
        self._awaited: dict[str, int] = {}

    def put(self, name: str, table: Given, takers: int) -> None:
        """Keep a table, or where it lies, for so many stages.

        Raises ``TableSchemaError`` where it is not what its model says.
        """
        kept = WORKING[name].conform(table) if isinstance(table, pd.DataFrame) else table
        if takers:
            self._tables[name], self._awaited[name] = kept, takers

    def take(self, *names: str) -> dict[str, Any]:
        """The tables that one stage takes; raises ``WorkingTableMissingError`` where this run has not made one.

        Each stage has frames of its own over the values that all share: what it does to them, no other stage sees.
        """
        missing = next((name for name in names if name not in self._tables), None)
        if missing:
            message = (
                f"table {missing} of {self._month} was not made by this run; "
                "a month is run whole: materialize all assets"
            )
            raise WorkingTableMissingError(message)
        return {name: self._hand_out(name) for name in names}

    def _hand_out(self, name: str) -> Any:  # noqa: ANN401 - a frame, or where a table lies
        self._awaited[name] -= 1
        table = self._tables[name] if self._awaited[name] else self._tables.pop(name)
        return table.copy(deep=False) if isinstance(table, pd.DataFrame) else table
