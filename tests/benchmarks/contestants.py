"""Who is compared: the whole of `quincena run`, and what each engine needs for the same answers, written to win.

The product does more than its peers: receipts, provenance of every row, digests, proofs, flags, suggestions, tables
with history, workbook and page. A peer reads, decides and writes four tables.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from tests.benchmarks.months import MONTH

ROOT: Final = Path(__file__).resolve().parents[2]
DATACOMPY: Final = ROOT / ".cache" / "datacompy" / "bin" / "python"
RECEIVED_AT: Final = "2026-12-01T06:00:00Z"
QUINCENA: Final = (sys.executable, "-c", "from pipelines.cli import main; main()")
ANSWERED: Final = ("dispositions", "matches", "coverage_activations", "coverage_exceptions")


@dataclass(frozen=True)
class Contestant:
    """A program, the library it is built on, and whether its answers are those of the product."""

    name: str
    module: str
    library: str
    gives_tables: bool = True

    def command(self, inbox: Path, output: Path) -> list[str]:
        """How it is started, to put its answers into ``output``."""
        if self.name == PRODUCT:
            home = str(output / "home")
            arguments = ["--home", home, "run", "--month", MONTH, "--inbox", str(inbox), "--received-at", RECEIVED_AT]
            return [*QUINCENA, *arguments, "--json"]
        python = str(DATACOMPY) if self.library == "datacompy" else sys.executable
        return [python, "-m", f"tests.benchmarks.peers.{self.module}", str(inbox), MONTH, str(output / "answers")]

    def export(self, output: Path) -> Path:
        """The folder with its answers, one file a table; what the product publishes is exported into it."""
        answers = output / "answers"
        if self.name == PRODUCT:
            answers.mkdir(exist_ok=True)
            for table in ANSWERED:
                target = str(answers / f"{table}.parquet")
                arguments = ["--home", str(output / "home"), "table", table, "--month", MONTH, "--output", target]
                subprocess.run([*QUINCENA, *arguments], check=True, capture_output=True)
        return answers

    def version(self) -> str:
        """Version of its library; empty where it is not installed."""
        if self.library != "datacompy":
            return metadata.version(self.library)
        if not DATACOMPY.exists():
            return ""
        ask = "from importlib.metadata import version as v; print(v('datacompy'), 'on Polars', v('polars'))"
        return subprocess.run([DATACOMPY, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()


PRODUCT: Final = "quincena run"
CONTESTANTS: Final = (
    Contestant(PRODUCT, "", "quincena"),
    Contestant("Polars, tuned", "polars_tuned", "polars"),
    Contestant("DuckDB, tuned", "duckdb_tuned", "duckdb"),
    Contestant("pandas, idiomatic", "pandas_idiomatic", "pandas"),
    Contestant("datacompy, join alone", "datacompy_join", "datacompy", gives_tables=False),
)


def environment(memory_mebibytes: float) -> dict[str, str]:
    """What every contestant finds around it; an engine that can keep within a limit is told the limit."""
    spill_from = f"{memory_mebibytes * 0.8:.0f}MiB"
    return {**os.environ, "PYTHONPATH": str(ROOT), "PEER_MEMORY": spill_from, "DAGSTER_DISABLE_TELEMETRY": "1"}
