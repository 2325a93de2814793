"""Files whose rows only look alike: what repeats another is told by the rows themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipelines.engine.landing import check, issued, land, load_known_rows, offered
from pipelines.store.home import Home
from schemas.multiset import Multiset
from schemas.outline import Outline

MORNING = datetime(2026, 10, 15, 14, tzinfo=UTC)
HEADER = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key"
)


def settlement(number: int) -> str:
    return f"NORTE,L{number},2026-10-14,1,100.00,10.00,90.00,MXN,40012,KEY{number}"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


@pytest.fixture(autouse=True)
def _all_rows_look_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Multiset, Outline):
        monkeypatch.setattr(kind, "digest", lambda _rows: "a" * 64)


def land_files(home: Home, hour: int, **files: tuple[int, ...]) -> dict[str, str]:
    """Land files of these settlements and give the outcome of every file of the home."""
    for name, numbers in files.items():
        lines = [HEADER, *(settlement(number) for number in numbers), ""]
        (home.inbox / f"settlements_{name}.csv").write_text("\n".join(lines))
    land(home, home.inbox, MORNING + timedelta(hours=hour))
    told = issued(home, None)
    names = told["file_name"].str.removeprefix("settlements_").str.removesuffix(".csv")
    return dict(zip(names, told["outcome"], strict=True))


@pytest.mark.parametrize("at_once", [True, False])
def test_files_of_other_rows_are_all_accepted_though_their_digests_agree(home: Home, *, at_once: bool) -> None:
    files = {"a": (1, 2), "b": (3, 4), "c": (1, 3)}
    for hour, (name, numbers) in enumerate(files.items()):
        land_files(home, hour, **(files if at_once else {name: numbers}))
    outcomes = land_files(home, len(files))
    assert outcomes == dict.fromkeys("abc", "accepted")
    assert sorted(load_known_rows(home, issued(home, None), "settlements")["settlement_id"]) == [
        "L1", "L1", "L2", "L3", "L3", "L4",
    ]  # fmt: skip
    assert offered(home, None)["rows_digest"].is_unique


def test_each_of_them_is_repeated_by_its_own_rows_only(home: Home) -> None:
    land_files(home, 0, a=(1, 2), b=(3, 4))
    outcomes = land_files(home, 1, c=(4, 3), d=(2, 1), e=(2, 3))
    assert outcomes == {"a": "accepted", "b": "accepted", "c": "repeated", "d": "repeated", "e": "accepted"}
    logged = offered(home, None).set_index("file_name")["rows_digest"]
    assert logged["settlements_c.csv"] == logged["settlements_b.csv"]
    assert logged["settlements_d.csv"] == logged["settlements_a.csv"]


def test_their_rows_come_back_from_the_originals_when_they_are_lost(home: Home) -> None:
    land_files(home, 0, a=(1, 2), b=(3, 4))
    told = issued(home, None)
    rows = load_known_rows(home, told, "settlements")
    for path in (home.root / "landed").rglob("*.rows.parquet"):
        path.unlink()
    pd.testing.assert_frame_equal(load_known_rows(home, told, "settlements"), rows)
    assert land_files(home, 1, c=(3, 4))["c"] == "repeated"


def test_a_file_is_compared_with_rows_that_were_lost_and_come_back(home: Home) -> None:
    land_files(home, 0, a=(1, 2))
    for path in (home.root / "landed").rglob("*.rows.parquet"):
        path.unlink()
    assert land_files(home, 1, b=(1, 3), c=(2, 1)) == {"a": "accepted", "b": "accepted", "c": "repeated"}


def test_the_same_bytes_under_another_name_are_repeated(home: Home) -> None:
    land_files(home, 0, a=(1, 2))
    assert land_files(home, 1, b=(1, 2), c=(5, 6)) == {"a": "accepted", "b": "repeated", "c": "accepted"}


def test_a_check_compares_rows_as_landing_does(home: Home, tmp_path: Path) -> None:
    land_files(home, 0, a=(1, 2), b=(3, 4))
    before = offered(home, None)
    paths = []
    for name, numbers in {"c": (2, 1), "d": (4, 3), "e": (1, 3), "f": (3, 1), "g": (2, 4)}.items():
        paths.append(tmp_path / f"settlements_{name}.csv")
        paths[-1].write_text("\n".join([HEADER, *(settlement(number) for number in numbers), ""]))
    told = check(paths, home, MORNING + timedelta(hours=1)).receipts
    assert told["outcome"].tolist() == ["repeated", "repeated", "accepted", "repeated", "accepted"]
    alone = check(paths[2:], None, MORNING).receipts
    assert alone["outcome"].tolist() == ["accepted", "repeated", "accepted"]
    pd.testing.assert_frame_equal(offered(home, None), before)
