"""A file that ends the process which reads it: tried twice, then apart, then parked; its siblings flow."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.engine import apart
from pipelines.engine.landing import ATTEMPTS, issued, land, load_known_rows, load_rejections, offered
from pipelines.store import landed
from pipelines.store.files import TEMPORARY_SUFFIX
from pipelines.store.home import Home

MORNING = datetime(2026, 10, 15, 14, tzinfo=UTC)
HEADER = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key"
)
POISON = "settlements_poison.csv"
# What every Python started with this on its path runs first: reading the poisoned name ends the process.
DEADLY = f"""
import os
import signal

from pipelines.engine import reading

read_stream = reading.read_stream


def deadly(name, *given):
    if name == {POISON!r}:
        if os.environ["FAULT"] == "full":
            raise OSError(28, "No space left on device")
        os.kill(os.getpid(), signal.SIGKILL)
    return read_stream(name, *given)


reading.read_stream = deadly
"""
LANDING = """
import sys
from datetime import datetime
from pathlib import Path

from pipelines.engine.landing import land
from pipelines.store.home import Home

home = Home(Path(sys.argv[1]))
home.prepare()
print(len(land(home, home.inbox, datetime.fromisoformat(sys.argv[2])).landed))
"""


def offer(home: Home, name: str, *numbers: int) -> None:
    rows = [f"NORTE,L{number},2026-10-14,1,100.00,10.00,90.00,MXN,40012,KEY{number}" for number in numbers]
    (home.inbox / name).write_text("\n".join([HEADER, *rows, rows[0].replace("90.00", "x"), ""]))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    offer(made, "settlements_a.csv", 1, 2)
    offer(made, POISON, 3, 4)
    offer(made, "settlements_z.csv", 5)
    return made


@pytest.fixture
def deadly(tmp_path: Path) -> Path:
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(DEADLY)
    return folder


def land_apart(home: Home, deadly: Path, hour: int, fault: str = "killed") -> subprocess.CompletedProcess[str]:
    """Land in a process of its own that dies of the poison."""
    moment = (MORNING + timedelta(hours=hour)).isoformat()
    return subprocess.run(
        [sys.executable, "-c", LANDING, str(home.root), moment],
        env={**os.environ, "PYTHONPATH": str(deadly), "FAULT": fault},
        capture_output=True,
        text=True,
        check=False,
    )


def marks(home: Home) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in (home.work / "attempts").iterdir()}


def tried_twice(home: Home) -> None:
    """As after two runs that ended while the poison was read."""
    folder = home.work / "attempts"
    folder.mkdir(exist_ok=True)
    for path in home.inbox.iterdir():
        if path.name == POISON:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            (folder / digest).write_bytes(b"." * ATTEMPTS)


@pytest.mark.slow
def test_a_file_that_kills_its_reader_is_parked_after_two_tries_and_the_others_flow(home: Home, deadly: Path) -> None:
    for hour in range(ATTEMPTS):
        assert land_apart(home, deadly, hour).returncode == -9
        assert offered(home, None).empty
        assert list(marks(home).values()) == [hour + 1]

    assert land_apart(home, deadly, 2).stdout == "3\n"
    told = issued(home, None).set_index("file_name")
    assert told["outcome"].to_dict() == {
        "settlements_a.csv": "accepted",
        POISON: "refused",
        "settlements_z.csv": "accepted",
    }
    reason = str(told.loc[POISON, "reason"])
    assert reason.startswith(f"{POISON}: found a file that ")
    for words in (
        "ended the program twice",
        "; expected ",
        "parked and not tried again",
        "offer it under another name",
    ):
        assert words in reason
    assert "NORTE" not in reason
    assert told.loc[[POISON], ["rows", "rejected_rows"]].to_numpy().tolist() == [[0, 0]]
    assert len(str(told.loc[POISON, "sha256"])) == 64
    assert sorted(rows_of(home)["settlement_id"]) == ["L1", "L2", "L5"]
    assert marks(home) == {}

    before = offered(home, None)
    assert land_apart(home, deadly, 3).stdout == "0\n"
    pd.testing.assert_frame_equal(offered(home, None), before)
    assert list(home.root.rglob(f"*{TEMPORARY_SUFFIX}")) == []


def test_a_file_that_died_twice_for_other_reasons_is_read_apart_as_it_would_have_been(
    home: Home, tmp_path: Path
) -> None:
    other = Home(tmp_path / "other")
    other.prepare()
    land(other, home.inbox, MORNING)
    tried_twice(home)
    land(home, home.inbox, MORNING)

    pd.testing.assert_frame_equal(offered(home, None), offered(other, None))
    pd.testing.assert_frame_equal(rows_of(home), rows_of(other))
    pd.testing.assert_frame_equal(rejections_of(home), rejections_of(other))
    assert len(rejections_of(home)) == 3
    assert marks(home) == {}


def rows_of(home: Home) -> pd.DataFrame:
    return load_known_rows(home, issued(home, None), "settlements")


def rejections_of(home: Home) -> pd.DataFrame:
    return load_rejections(home, issued(home, None))


def test_a_file_that_takes_too_long_apart_is_parked(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    tried_twice(home)
    monkeypatch.setattr(apart, "SECONDS", 0.001)
    land(home, home.inbox, MORNING)
    told = issued(home, None).set_index("file_name")
    assert told["outcome"].tolist() == ["accepted", "refused", "accepted"]
    assert "parked" in str(told.loc[POISON, "reason"])


def test_a_full_disk_stops_the_run_and_refuses_no_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as context:
        context.setattr(landed.Writer, "add", fail)
        with pytest.raises(OSError, match="No space left"):
            land(home, home.inbox, MORNING)
    assert offered(home, None).empty
    assert [path for path in (home.root / "landed").rglob("*") if path.is_file()] == []
    assert marks(home) == {}
    land(home, home.inbox, MORNING)
    assert issued(home, None)["outcome"].tolist() == ["accepted"] * 3


@pytest.mark.slow
def test_a_full_disk_stops_the_run_also_where_a_file_is_read_apart(home: Home, deadly: Path) -> None:
    tried_twice(home)
    done = land_apart(home, deadly, 0, fault="full")
    assert done.returncode == 1
    assert "could not be kept" in done.stderr
    assert offered(home, None).empty
    land(home, home.inbox, MORNING)
    assert issued(home, None)["outcome"].tolist() == ["accepted"] * 3
