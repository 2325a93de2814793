from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

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

STEPS = """
    import sys
    from pathlib import Path

    import numpy as np

    from pipelines.engine import memory
    from pipelines.engine.sharding.runners import InTurn

    def held():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    def step(job, number):
        columns = [np.ones(1 << 20) for _ in range(32)]
        return number, np.ones(1 << 10)

    memory.keep()
    before = held()
    runner = InTurn()
    given = runner.map(step, None, [1])
    kept = held() - before
    runner.end()
    print(kept >> 20, (held() - before) >> 20)
"""

NIGHT = """
    import sys
    from contextlib import ExitStack
    from pathlib import Path
    from types import SimpleNamespace

    import numpy as np

    from pipelines.engine import memory
    from pipelines.engine.nights import opening
    from pipelines.engine.sharding.settings import Settings

    def held():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    def night(*_):
        columns = [np.ones(1 << 20) for _ in range(32)]
        last = np.ones(1 << 10)
        del columns
        print(held() - before >> 20)
        return last

    memory.keep()
    before = held()
    opening.night, opening.bases.find = night, lambda *_: True
    with ExitStack() as stack:
        home = SimpleNamespace(work=Path(sys.argv[1]))
        given = opening.opened(home, "2026-10", None, None, None, Settings(), stack)
        print(held() - before >> 20, len(given))
"""

POOL = """
    from contextlib import suppress

    from pipelines import cli

    with suppress(SystemExit):
        cli.main()
    import pyarrow
    print(pyarrow.default_memory_pool().backend_name)
"""

only_gnu = pytest.mark.skipif(memory._library() is None, reason="only the C library of GNU keeps and gives back")


@only_gnu
def test_what_a_step_took_is_kept_for_the_next_one_until_no_step_follows() -> None:
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(STEPS)], check=True, capture_output=True, text=True)
    kept, rest = map(int, ended.stdout.split())
    assert kept > 200
    assert rest < 50


@only_gnu
def test_what_a_night_took_is_given_back_before_it_is_published(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(NIGHT), str(tmp_path)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    kept, rest, given = map(int, ended.stdout.split())
    assert kept > 200
    assert rest < 50
    assert given == 1 << 10


@only_gnu
def test_arrow_takes_memory_from_the_same_place_from_the_start_of_the_command() -> None:
    command = [sys.executable, "-c", textwrap.dedent(POOL), "--help"]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == "system"


@only_gnu
def test_a_run_keeps_its_memory_until_it_gives_it_back() -> None:
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(SCRIPT)], check=True, capture_output=True, text=True)
    kept, rest = map(int, ended.stdout.split())
    assert kept > 200
    assert rest < 50


@only_gnu
def test_a_process_of_that_environment_keeps_its_memory_from_its_start() -> None:
    told = {name: str(value) for name, value in memory.KEEPING.items()}
    script = textwrap.dedent(SCRIPT).replace("memory.keep()\n", "")
    command = [sys.executable, "-c", f"{script}\nimport pyarrow\nprint(pyarrow.default_memory_pool().backend_name)"]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | told)
    kept, rest, pool = ended.stdout.split()
    assert int(kept) > 200
    assert int(rest) < 50
    assert pool == "system"
