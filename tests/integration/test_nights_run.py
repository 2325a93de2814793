"""Nights through Dagster: they publish what a whole run publishes; whatever is in doubt is worked out whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import dagster as dg
import pytest

from pipelines.defs.location import POLICY
from pipelines.defs.running import Engine, RunRequest, RunResult, open_instance, run_month
from pipelines.engine.nights import months
from pipelines.store.home import Home
from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow
MONTH: Final = "2026-10"
INBOX: Final = ROOT / "fixtures" / "months" / MONTH / "inbox"
RECEIVED_AT: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)
SHARDS: Final = Engine(shards=2)
LATE: Final = "bank_transfers"
HELD_BACK: Final = 4
"""Every so many rows of the files of transfers come a night later."""


def request(home: Home, inbox: Path, **changes: Any) -> RunRequest:
    given = {"home": home.root, "month": MONTH, "inbox": inbox, "received_at": RECEIVED_AT, "engine": SHARDS, **changes}
    return RunRequest(**given)


def run(home: Home, inbox: Path, **changes: Any) -> RunResult:
    result = run_month(request(home, inbox, **changes))
    assert result.success, result.error
    return result


def way(home: Home, result: RunResult) -> str:
    """How a run says that it worked the month out."""
    with open_instance(home) as instance:
        entries = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        made = [entry.asset_materialization for entry in entries]
    told = next(one for one in made if one and one.asset_key.path[-1] == "publication")
    return str(told.metadata["worked_out"].value)


def digests(result: RunResult) -> dict[str, str]:
    assert result.publication is not None
    return {name: version.digest for name, version in result.publication.tables.items()}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path, Path]:
    """A home after a run in shards, its inbox, and a folder with what comes a night later."""
    folder = tmp_path_factory.mktemp("first")
    home, inbox, later = Home(folder / "home"), folder / "inbox", folder / "later"
    inbox.mkdir()
    later.mkdir()
    for path in INBOX.iterdir():
        rows = path.read_bytes().splitlines(keepends=True)
        if path.name.startswith(LATE) and len(rows) > HELD_BACK:
            late = rows[1::HELD_BACK]
            (later / path.name.replace(".csv", "_late.csv")).write_bytes(b"".join([rows[0], *late]))
            rows = [rows[0], *(row for number, row in enumerate(rows[1:]) if number % HELD_BACK)]
        (inbox / path.name).write_bytes(b"".join(rows))
    run(home, inbox)
    return home, inbox, later


class Night:
    """A copy of that home, in whose inbox the late files have come."""

    def __init__(self, first: tuple[Home, Path, Path], folder: Path) -> None:
        self.home = Home(shutil.copytree(first[0].root, folder / "home", symlinks=True))
        self.inbox = Path(shutil.copytree(first[1], folder / "inbox"))
        shutil.copytree(first[2], self.inbox, dirs_exist_ok=True)
        self.at = RECEIVED_AT + timedelta(days=1)

    def run(self, **changes: Any) -> RunResult:
        """A run with what has come."""
        return run(self.home, self.inbox, received_at=self.at, **changes)

    @property
    def base(self) -> Path:
        """Where the base of the month lies."""
        return self.home.work / "standing" / MONTH


@pytest.fixture
def night(first: tuple[Home, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """The late files have come."""
    monkeypatch.setattr(months, "MOST", 1.0)
    return Night(first, tmp_path)


@pytest.fixture(scope="module")
def whole(first: tuple[Home, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a whole run publishes of the same files, in the same home."""
    return digests(Night(first, tmp_path_factory.mktemp("whole")).run(afresh=True, engine=Engine()))


def test_a_night_publishes_what_a_whole_run_publishes(night: Night, whole: dict[str, str]) -> None:
    result = night.run()
    assert way(night.home, result).startswith("night: ")
    assert digests(result) == whole
    assert not (night.home.work / MONTH / "night").exists()
    again = night.run()
    assert way(night.home, again) == "nothing is new: kept"
    assert again.publication == result.publication


def _flip_a_bit(night: Night) -> None:
    path = next(path for path in sorted(night.base.rglob("*.arrow")) if path.parent.name == "worlds")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _remove_a_file(night: Night) -> None:
    next(night.base.rglob("claims.arrow")).unlink()


def _remove_the_publication(night: Night) -> None:
    (night.home.root / "publications" / MONTH / "0001.json").unlink()


def _alter_landed_rows(night: Night) -> None:
    path = next((night.home.root / "landed").rglob("*.rows.parquet"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


@pytest.mark.parametrize(
    ("doubt", "told"),
    [
        (_flip_a_bit, "whole"),
        (_remove_a_file, "whole"),
        (_remove_the_publication, "whole"),
        (_alter_landed_rows, "whole: a night gave up at NoNightError"),
    ],
)
def test_whatever_is_in_doubt_is_worked_out_whole_and_lays_a_base_anew(
    night: Night, doubt: Callable[[Night], None], told: str
) -> None:
    doubt(night)
    result = night.run()
    assert way(night.home, result) == told
    assert (night.base / "base.json").exists()


def test_another_policy_is_worked_out_whole(night: Night, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY.read_text("utf-8").replace("window_months = 2", "window_months = 1"), "utf-8")
    assert way(night.home, night.run(policy=policy)) == "whole"


def test_what_touches_too_much_is_worked_out_whole(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "MOST", 0.0)
    assert way(night.home, night.run()) == "whole: a night gave up at NoNightError"


def test_two_months_in_turn_have_a_base_each(night: Night) -> None:
    other = run(night.home, night.inbox, month="2026-11", received_at=night.at)
    assert way(night.home, other) == "whole"
    mine = night.run()
    assert way(night.home, mine).startswith("night: ")
    assert {path.name for path in night.base.parent.iterdir()} == {MONTH, "2026-11"}


def test_a_night_killed_in_the_middle_is_run_again_as_if_it_had_not_been(night: Night, whole: dict[str, str]) -> None:
    command = [
        sys.executable,
        "-c",
        f"import {months.__name__} as m; m.MOST = 1.0; from pipelines.cli import main; main()",
    ]
    options = ["--month", MONTH, "--inbox", str(night.inbox), "--received-at", night.at.isoformat(), "--shards", "2"]
    at_work = night.home.work / MONTH / "night"
    with subprocess.Popen(
        [*command, "--home", str(night.home.root), "run", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as killed:
        while killed.poll() is None and not list(at_work.glob("now0")):
            time.sleep(0.01)
        os.kill(killed.pid, signal.SIGKILL)
    assert at_work.exists()
    result = night.run()
    assert way(night.home, result).startswith("night: ")
    assert digests(result) == whole
    assert not at_work.exists()
