from __future__ import annotations

import os
import stat
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow
import pytest

from pipelines.engine import reading
from pipelines.engine.landing import check, land, load_known_rows, load_rejections, offered
from pipelines.readers import ROW_MODELS, ReadFile, read_stream
from pipelines.rules.receipts import receipts
from pipelines.store import inbox, landed, originals
from pipelines.store.home import Home
from pipelines.store.inbox import UnreadableError
from pipelines.store.landed import LandedDamagedError, load_rows
from pipelines.store.originals import OriginalDamagedError
from schemas.tables.landings import Landing
from schemas.tables.receipts import Receipt

MORNING = datetime(2026, 10, 15, 14, tzinfo=UTC)
HEADER = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key"
)


def settlement(number: int, net: str = "90.00") -> str:
    return f"NORTE,L{number},2026-10-14,1,100.00,10.00,{net},MXN,40012,KEY{number}"


def offer(home: Home, name: str, *lines: str) -> Path:
    path = home.inbox / name
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def tree(root: Path) -> dict[str, tuple[int, int]]:
    found = {str(path): path.lstat() for path in root.rglob("*")}
    return {name: (status.st_ino, status.st_mtime_ns) for name, status in found.items()}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def test_a_file_whose_last_block_cannot_be_encoded_is_refused_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    offer(home, "settlements_2.csv", settlement(2))
    write = landed._Part.add

    def add(part: landed._Part, rows: pyarrow.Table) -> None:
        if rows.num_rows and rows["settlement_id"][0].as_py() == "L1":
            raise ZeroDivisionError
        write(part, rows)

    monkeypatch.setattr(landed._Part, "add", add)
    logged = land(home, home.inbox, MORNING).landed.set_index("file_name")
    assert "fault of its reader (ZeroDivisionError)" in str(logged.loc["settlements_1.csv", "refusal"])
    assert logged.loc["settlements_2.csv", "refusal"] == ""


def test_a_landed_file_is_logged_kept_and_its_rows_come_back_with_their_provenance(home: Home) -> None:
    content = offer(home, "settlements_1.csv", settlement(1), settlement(2), settlement(3, net="-1.00")).read_bytes()
    report = land(home, home.inbox, MORNING)

    logged = offered(home, None)
    sha256 = logged.loc[0, "sha256"]
    rows = load_known_rows(home, receipts(logged), "settlements")
    rejections = load_rejections(home, receipts(logged))

    pd.testing.assert_frame_equal(report.landed, logged)
    figures = ["file_name", "kind", "refusal", "rows", "rejected_rows", "amount_centavos", "months"]
    assert logged[figures].to_numpy().tolist() == [
        ["settlements_1.csv", "settlements", "", 3, 1, 18_000, "2026-09 2026-10"]
    ]
    assert originals.fetch(home, str(sha256)) == content
    assert ROW_MODELS["settlements"].conform(rows)[["file_name", "row", "settlement_id"]].to_numpy().tolist() == [
        ["settlements_1.csv", 2, "L1"],
        ["settlements_1.csv", 3, "L2"],
    ]
    assert (rows["received_at"] == pd.Timestamp(MORNING)).all()
    assert rejections[["file_name", "sha256", "row", "column"]].to_numpy().tolist() == [
        ["settlements_1.csv", sha256, 4, "net_amount"]
    ]


def test_landing_again_lands_nothing_and_changes_no_table_and_no_kept_file(home: Home) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    land(home, home.inbox, MORNING)
    before = tree(home.root / "tables") | tree(home.root / "originals") | tree(home.root / "landed")

    again = land(home, home.inbox, MORNING + timedelta(days=1))

    assert (len(again.landed), again.known) == (0, 1)
    assert tree(home.root / "tables") | tree(home.root / "originals") | tree(home.root / "landed") == before


def test_files_that_did_not_change_are_not_opened_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = offer(home, "settlements_1.csv", settlement(1))
    os.utime(path, ns=(0, 0))
    monkeypatch.setattr("pipelines.store.seen._SETTLED_NS", -60_000_000_000)
    land(home, home.inbox, MORNING)
    opened: list[str] = []
    fetch = inbox.Inbox.open

    def note(box: inbox.Inbox, name: str) -> AbstractContextManager[BinaryIO]:
        opened.append(name)
        return fetch(box, name)

    monkeypatch.setattr(inbox.Inbox, "open", note)
    assert land(home, home.inbox, MORNING).known == 1
    assert opened == []
    path.write_text(path.read_text().replace("KEY1", "KEY2"))
    assert len(land(home, home.inbox, MORNING).landed) == 1
    assert opened == [path.name]


def test_changed_bytes_under_a_known_name_land_as_another_file(home: Home) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    land(home, home.inbox, MORNING)
    offer(home, "settlements_1.csv", settlement(1), settlement(2))
    land(home, home.inbox, MORNING + timedelta(hours=1))
    logged = offered(home, None)
    assert logged["file_name"].tolist() == ["settlements_1.csv"] * 2
    assert logged["rows"].tolist() == [1, 2]


def test_bytes_known_under_another_name_land_once_more_and_give_their_rows_once(home: Home) -> None:
    offer(home, "settlements_b.csv", settlement(1))
    land(home, home.inbox, MORNING)
    offer(home, "settlements_a.csv", settlement(1))
    land(home, home.inbox, MORNING + timedelta(hours=1))

    issued = receipts(offered(home, None))
    rows = load_known_rows(home, issued, "settlements")

    assert issued["outcome"].tolist() == ["accepted", "repeated"]
    assert rows["file_name"].tolist() == ["settlements_b.csv"]
    assert len(list((home.root / "originals").rglob("*.*"))) == 0
    assert sum(path.is_file() for path in (home.root / "originals").rglob("*")) == 1


def test_what_was_received_later_is_not_offered_as_of_an_earlier_moment(home: Home) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    land(home, home.inbox, MORNING)
    offer(home, "settlements_2.csv", settlement(2))
    land(home, home.inbox, MORNING + timedelta(microseconds=1))
    assert offered(home, MORNING)["file_name"].tolist() == ["settlements_1.csv"]
    assert len(offered(home, MORNING + timedelta(microseconds=1))) == 2


def test_one_bad_file_of_every_sort_is_refused_and_the_good_one_flows(home: Home) -> None:
    offer(home, "settlements_good.csv", settlement(1))
    offer(home, "settlements_ragged.csv", settlement(2) + ",more")
    offer(home, "unknown.dat", settlement(3))
    (home.inbox / "settlements_folder.csv").mkdir()
    (home.inbox / "settlements_link.csv").symlink_to(home.inbox / "settlements_good.csv")
    os.mkfifo(home.inbox / "settlements_pipe.csv")
    (home.inbox / ".settlements_hidden.csv").write_text("left alone")
    (home.inbox / os.fsdecode(b"settlements_\xff.csv")).write_bytes(b"")

    report = land(home, home.inbox, MORNING)

    issued = receipts(report.landed).set_index("file_name")
    assert issued["outcome"].to_dict() == {
        "settlements_\\xff.csv": "refused",
        "settlements_folder.csv": "refused",
        "settlements_good.csv": "accepted",
        "settlements_link.csv": "refused",
        "settlements_pipe.csv": "refused",
        "settlements_ragged.csv": "refused",
        "unknown.dat": "refused",
    }
    assert issued.loc[["settlements_pipe.csv"], ["sha256", "rows"]].to_numpy().tolist() == [["", 0]]
    assert issued["reason"].str.startswith("settlements_pipe.csv: found a link, folder, pipe").sum() == 1
    assert len(load_known_rows(home, receipts(offered(home, None)), "settlements")) == 1
    assert land(home, home.inbox, MORNING).known == 7


def test_a_refused_file_is_kept_as_well(home: Home) -> None:
    content = offer(home, "unknown.dat", settlement(3)).read_bytes()
    land(home, home.inbox, MORNING)
    assert originals.fetch(home, str(offered(home, None).loc[0, "sha256"])) == content


def test_a_fault_of_a_reader_refuses_its_file_without_telling_values(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    offer(home, "settlements_2.csv", settlement(2))

    def fail_on_first(name: str, source: BinaryIO, sha256: str, keep: reading.Keep) -> ReadFile:
        if name == "settlements_1.csv":
            raise KeyError(source.read())
        return read_stream(name, source, sha256, keep)

    monkeypatch.setattr(reading, "read_stream", fail_on_first)
    report = land(home, home.inbox, MORNING)
    issued = receipts(report.landed)
    assert issued["outcome"].tolist() == ["refused", "accepted"]
    told = str(issued.loc[0, "reason"])
    assert "KeyError" in told
    assert "NORTE" not in told


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(home, "settlements_1.csv", settlement(1))

    def change(_box: inbox.Inbox, _name: str) -> AbstractContextManager[BinaryIO]:
        raise inbox.ChangingError

    with monkeypatch.context() as context:
        context.setattr(inbox.Inbox, "open", change)
        report = land(home, home.inbox, MORNING)
        assert (len(report.landed), report.known, report.changing) == (0, 0, ("settlements_1.csv",))
        checked = check([home.inbox / "settlements_1.csv"], home).receipts
        assert checked["outcome"].tolist() == ["refused"]
    assert len(land(home, home.inbox, MORNING).landed) == 1


def test_an_inbox_that_does_not_exist_is_told(home: Home) -> None:
    with pytest.raises(UnreadableError, match="cannot be opened"):
        land(home, home.root / "none", MORNING)


def test_a_moment_without_an_offset_is_refused(home: Home) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    with pytest.raises(ValueError, match="offset"):
        land(home, home.inbox, datetime(2026, 10, 15))  # noqa: DTZ001 - what is tested
    assert offered(home, None).empty


def test_progress_tells_files_done_and_files_offered(home: Home) -> None:
    for number in range(3):
        offer(home, f"settlements_{number}.csv", settlement(number))
    told: list[tuple[int, int]] = []
    land(home, home.inbox, MORNING, lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_two_that_land_one_inbox_at_once_log_every_file_once(home: Home) -> None:
    for number in range(20):
        offer(home, f"settlements_{number}.csv", settlement(number))
    counts: list[int] = []
    workers = [
        threading.Thread(target=lambda: counts.append(len(land(home, home.inbox, MORNING).landed))) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(counts) == [0, 20]
    assert offered(home, None)["file_name"].is_unique


def test_the_rows_do_not_depend_on_names_or_order_of_landing(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.prepare()
    for number, name in ((1, "settlements_a.csv"), (2, "settlements_b.csv")):
        offer(home, name, settlement(number))
        land(home, home.inbox, MORNING)
    for number, name in ((2, "settlements_1.csv"), (1, "settlements_2.csv")):
        offer(other, name, settlement(number))
        land(other, other.inbox, MORNING)
    first, second = (
        load_known_rows(each, receipts(offered(each, None)), "settlements").drop(columns="file_name")
        for each in (home, other)
    )
    pd.testing.assert_frame_equal(first, second)


def test_a_home_without_files_of_a_kind_gives_its_table_without_rows(home: Home) -> None:
    rows = load_known_rows(home, receipts(offered(home, None)), "remittances")
    assert ROW_MODELS["remittances"].conform(rows).empty
    assert load_rejections(home, receipts(Landing.empty())).empty


@pytest.mark.parametrize("damage", ["gone", "altered"])
def test_landed_rows_that_are_no_good_come_back_from_the_original(home: Home, damage: str) -> None:
    offer(home, "settlements_1.csv", settlement(1), settlement(2, net="x"))
    offer(home, "settlements_2.csv", settlement(3))
    land(home, home.inbox, MORNING)
    issued = receipts(offered(home, None))
    rows, rejections = load_known_rows(home, issued, "settlements"), load_rejections(home, issued)
    kept = {path: path.read_bytes() for path in (home.root / "landed").rglob("*.parquet")}
    for path, content in kept.items():
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        path.unlink() if damage == "gone" else path.write_bytes(content[:-40])

    pd.testing.assert_frame_equal(load_known_rows(home, issued, "settlements"), rows)
    pd.testing.assert_frame_equal(load_rejections(home, issued), rejections)
    assert {path: path.read_bytes() for path in (home.root / "landed").rglob("*.parquet")} == kept


def test_one_file_that_is_no_good_leaves_the_landed_rows_of_the_others_as_they_are(home: Home) -> None:
    for number in (1, 2):
        offer(home, f"settlements_{number}.csv", settlement(number))
    land(home, home.inbox, MORNING)
    gone, sound = sorted((home.root / "landed").rglob("*.rows.parquet"))
    gone.unlink()
    before = sound.stat().st_ino
    assert len(load_known_rows(home, receipts(offered(home, None)), "settlements")) == 2
    assert (gone.exists(), sound.stat().st_ino) == (True, before)


def test_rows_that_no_longer_read_as_they_were_landed_are_not_used(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    land(home, home.inbox, MORNING)
    (path,) = (home.root / "landed").rglob("*.rows.parquet")
    path.unlink()
    monkeypatch.setattr(reading, "read_stream", lambda name, *_given: ReadFile(refusal=name))
    with pytest.raises(LandedDamagedError, match="no longer reads as it was landed"):
        load_known_rows(home, receipts(offered(home, None)), "settlements")


def test_rows_landed_when_they_were_digested_in_another_way_come_back_if_their_figures_are_the_same(home: Home) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    land(home, home.inbox, MORNING)
    (path,) = (home.root / "landed").rglob("*.rows.parquet")
    path.unlink()
    older = offered(home, None).assign(rows_digest="0" * 64)
    rows = reading.load(home, older, load_rows, ROW_MODELS["settlements"].arrow_schema(), older["rows"])
    assert rows.num_rows == 1
    path.unlink()
    other = older.assign(amount_centavos=older["amount_centavos"] + 1)
    with pytest.raises(LandedDamagedError, match="no longer reads"):
        reading.load(home, other, load_rows, ROW_MODELS["settlements"].arrow_schema(), other["rows"])


def test_without_landed_rows_and_original_the_digest_is_named(home: Home) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    land(home, home.inbox, MORNING)
    for path in [*(home.root / "landed").rglob("*.rows.parquet"), *(home.root / "originals").rglob("?" * 64)]:
        path.unlink()
    with pytest.raises(OriginalDamagedError, match="missing"):
        load_known_rows(home, receipts(offered(home, None)), "settlements")


def test_another_number_of_rows_than_was_landed_is_noticed(home: Home) -> None:
    offer(home, "settlements_1.csv", settlement(1), settlement(2))
    land(home, home.inbox, MORNING)
    logged = offered(home, None)
    with pytest.raises(LandedDamagedError, match="not as many"):
        reading.load(home, logged, load_rows, ROW_MODELS["settlements"].arrow_schema(), logged["rows"] + 1)


def test_checking_says_what_landing_would_and_changes_nothing(home: Home, tmp_path: Path) -> None:
    offer(home, "settlements_1.csv", settlement(1))
    land(home, home.inbox, MORNING)
    outside = tmp_path / "outside"
    outside.mkdir()
    asked = []
    for name, lines in {
        "settlements_2.csv": [settlement(1)],
        "settlements_3.csv": [settlement(2), *[settlement(number, net="x") for number in range(120)]],
        "nothing.dat": [],
    }.items():
        path = offer(home, name, *lines)
        asked.append(path.rename(outside / name))
    before = tree(home.root)

    found = check([*asked, home.inbox / "settlements_1.csv", outside / "none.csv"], home, MORNING + timedelta(days=1))

    assert tree(home.root) == before
    assert found.receipts["file_name"].tolist() == [*(path.name for path in asked), "settlements_1.csv", "none.csv"]
    assert found.receipts["outcome"].tolist() == ["repeated", "accepted", "refused", "accepted", "refused"]
    assert found.receipts.loc[0, "reason"] == "same bytes as settlements_1.csv"
    assert found.receipts.loc[1, "rejected_rows"] == 120
    assert found.receipts.loc[3, "received_at"] == pd.Timestamp(MORNING)
    assert found.rejections.groupby("file_name").size().to_dict() == {"settlements_3.csv": 100}


def test_checking_needs_no_home_and_answers_twice_when_asked_twice(tmp_path: Path) -> None:
    path = tmp_path / "settlements_1.csv"
    path.write_text(f"{HEADER}\n{settlement(1)}\n")
    found = check([path, path], None)
    assert found.receipts["outcome"].tolist() == ["accepted", "accepted"]
    assert Receipt.conform(found.receipts).equals(found.receipts)
    assert sorted(tmp_path.iterdir()) == [path]
