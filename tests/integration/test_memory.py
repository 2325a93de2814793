from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from pipelines.engine import memory

SCRIPT = """
    import sys
    from pathlib import Path

    import numpy as np

    from pipelines.engine import memory

    def held():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    memory.keep()
    before = held()
    columns = [np.ones(1 << 20) for _ in range(32)]
    last = np.ones(1 << 10)
    del columns
    kept = held() - before
    memory.give_back()
    print(kept >> 20, (held() - before) >> 20)
"""


@pytest.mark.skipif(memory._library() is None, reason="only the C library of GNU keeps and gives back")
def test_a_run_keeps_its_memory_until_it_gives_it_back() -> None:
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(SCRIPT)], check=True, capture_output=True, text=True)
    kept, rest = map(int, ended.stdout.split())
    assert kept > 200
    assert rest < 50
