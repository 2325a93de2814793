"""Working tables laid down between the steps of a month in shards (``store.spilled``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.engine.figures import figures
from pipelines.store.spilled import read, read_part, write, write_parts
from schemas.catalog import WORKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pipelines.engine.figures import Figures

__all__ = ["load", "read", "read_part", "save", "write", "write_parts"]


def save(folder: Path, name: str, frame: pd.DataFrame) -> Figures:
    """Lay down a working table, give its figures; raises ``TableSchemaError`` where it is not what its model says."""
    table = WORKING[name].to_arrow(frame)
    write(folder / f"{name}.arrow", table)
    return figures(name, table)


def load(folder: Path, name: str) -> pd.DataFrame:
    """A working table that was laid down."""
    return WORKING[name].from_arrow(read(folder / f"{name}.arrow"))
