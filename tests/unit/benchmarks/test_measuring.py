from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.benchmarks import figures, measuring
from tests.benchmarks.contestants import PRODUCT
from tests.benchmarks.measuring import Limits

AMPLE: Final = Limits(memory_mebibytes=4_000, wall_seconds=60)
POLARS: Final = "Polars, tuned"


def run(program: str, limits: Limits, folder: Path) -> measuring.Spent:
    return measuring.measure([sys.executable, "-c", program], dict(os.environ), limits, folder)


def test_what_a_process_started_counts_to_it(tmp_path: Path) -> None:
    child = "import time\nbegan = time.process_time()\nwhile time.process_time() < began + 0.5: pass"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('said')"
    spent = run(program, AMPLE, tmp_path)
    assert spent.outcome == measuring.DONE
    assert spent.cpu_seconds >= 0.5
    assert spent.answer == "said\n"


def test_a_process_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    spent = run("raise SystemExit('no such file')", AMPLE, tmp_path)
    assert spent.outcome == measuring.FAILED
    assert "no such file" in spent.last_words


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell what a process holds")
def test_a_process_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    program = (
        "held = bytearray(300 << 20)\nimport time\nfor at in range(0, len(held), 4096): held[at] = 1\ntime.sleep(60)"
    )
    spent = run(program, Limits(memory_mebibytes=150, wall_seconds=60), tmp_path)
    assert spent.outcome == measuring.OUT_OF_MEMORY
    assert spent.peak_mebibytes > 150


def test_a_process_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    spent = run("import time; time.sleep(60)", Limits(memory_mebibytes=4_000, wall_seconds=0.5), tmp_path)
    assert spent.outcome == measuring.OUT_OF_TIME
    assert spent.wall_seconds < 30


def measured(
    contestant: str, payments: int, cpu: float, outcome: str = measuring.DONE, turn: int = 0
) -> dict[str, Any]:
    return {
        "contestant": contestant, "payments": payments, "turn": turn, "outcome": outcome, "cpu_seconds": cpu,
        "wall_seconds": cpu / 2, "peak_mebibytes": 100.0, "differences": {"against": PRODUCT, "matches": 3},
    }  # fmt: skip


def test_figures_are_medians_and_ratios_are_the_product_over_the_peer() -> None:
    told = [measured(PRODUCT, 1_000, cpu, turn=turn) for turn, cpu in enumerate((9.0, 5.0, 6.0))]
    told += [measured(POLARS, 1_000, 4.0)]
    rows = figures.rows(figures.figures(told))
    assert rows[0][:4] == ["1,000", PRODUCT, "6.0", ""]
    assert rows[1][:4] == ["1,000", POLARS, "4.0", "1.50"]
    assert rows[1][-1] == "3"


def test_a_peer_that_was_stopped_is_told_so_and_has_no_ratio() -> None:
    told = [measured(PRODUCT, 1_000, 6.0), measured(POLARS, 1_000, 4.0, measuring.OUT_OF_MEMORY, turn=1)]
    assert figures.rows(figures.figures(told))[1][2:4] == ["out of memory after 2 s", ""]


def test_a_join_alone_has_no_ratio_to_the_whole() -> None:
    told = [measured(PRODUCT, 1_000, 6.0), measured("datacompy, join alone", 1_000, 1.0)]
    assert figures.rows(figures.figures(told))[1][2:6] == ["1.0", "", "0.5", ""]


def test_growth_is_the_slope_of_cpu_over_payments_in_powers() -> None:
    told = [measured(POLARS, size, size**1.5 / 1_000) for size in (1_000, 4_000, 9_000)]
    found = figures.figures(told)
    assert figures.exponent(found, POLARS) == pytest.approx(1.5)
    assert figures.exponent(found, PRODUCT) is None


def test_the_section_of_the_document_and_the_chart_are_written_from_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = {"processor": "one", "cores": 2, "memory_gibibytes": 8, "system": "Linux", "python": "3.11"}
    told = [measured(name, size, size / 100) for name in (PRODUCT, POLARS) for size in (1_000, 10_000)]
    results, document, chart = (tmp_path / name for name in ("results.json", "page.md", "chart.svg"))
    results.write_text(json.dumps({"machine": machine, "versions": {"polars": "2"}, "measurements": told}))
    document.write_text(f"before\n{figures.BEGIN}\nold\n{figures.END}\nafter\n")
    arguments = ["figures", str(results), "--document", str(document), "--chart", str(chart)]
    monkeypatch.setattr(sys, "argv", arguments)
    figures.main()
    page = document.read_text()
    assert page.startswith(f"before\n{figures.BEGIN}\n")
    assert page.endswith(f"{figures.END}\nafter\n")
    assert "old" not in page
    assert "| 10,000 | Polars, tuned | 100.0 | 1.00 |" in page
    assert "Polars, tuned: CPU grows with payments to the power 1.00" in page
    assert chart.read_text().startswith("<svg")
