"""Section I of the catalogue of bad input: files in motion, full disks, killed processes, altered bytes."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

import openpyxl
import pandas as pd
import pyarrow
import pytest

from pipelines.commands.faults import as_fault
from pipelines.defs.running import RunRequest, run_month
from pipelines.engine import landing, publishing, stages
from pipelines.outputs import exports
from pipelines.readers import naming, workbook_process
from pipelines.readers.layout import Effective
from pipelines.readers.layout_files import layout_for
from pipelines.readers.refusal import Refused
from pipelines.rules.policy import PolicyError
from pipelines.store import locks, originals, publications, tables
from pipelines.store.files import TEMPORARY_SUFFIX
from pipelines.store.home import Home
from pipelines.store.locks import HomeBusyError
from pipelines.store.originals import OriginalDamagedError
from pipelines.store.publications import ManifestDamagedError, PublicationConflictError
from pipelines.store.tables import TableDamagedError
from schemas.catalog import PUBLISHED
from schemas.table import TableSchemaError
from schemas.tables.payments import Payment
from tests.architecture.tree import ROOT
from tests.bad_input import months
from tests.bad_input.landing import RECEIVED_AT, Offered, canonical, row_file
from tests.integration import small_month
from tests.integration.small_month import CANARIES, LATER, MONTH, digests
from tests.unit.outputs.made import activation, table
from tests.unit.readers.workbooks import HEADER, RECORD, package, sheet

SOUND: Final = "settlements_sound.csv"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    (made.inbox / SOUND).write_bytes(canonical("settlements"))
    return made


def land(home: Home) -> Offered:
    return Offered(home, landing.land(home, home.inbox, RECEIVED_AT))


# --- 125 to 128: what stands in the inbox -----------------------------------------------------------------------------


def test_case_125_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.inbox / "bank_transfers_1.csv"
    whole = canonical("bank_transfers")
    path.write_bytes(whole[:-40])
    inode, read = path.stat().st_ino, os.read

    def while_it_grows(descriptor: int, size: int) -> bytes:
        content = read(descriptor, size)
        if os.fstat(descriptor).st_ino == inode:
            path.write_bytes(whole)
        return content

    with monkeypatch.context() as growing:
        growing.setattr(os, "read", while_it_grows)
        first = land(home)
    assert first.report.changing == (path.name,)
    assert first.outcomes() == {SOUND: "accepted"}
    assert land(home).outcomes() == {SOUND: "accepted", path.name: "accepted"}


@pytest.mark.parametrize(
    "name", ["bank_transfers_1.csv.part", ".bank_transfers_1.csv", "bank_transfers_1.csv.filepart"]
)
def test_case_125_a_name_under_which_uploaders_write_is_left_alone(name: str, home: Home) -> None:
    (home.inbox / name).write_bytes(canonical("bank_transfers")[:-40])
    assert land(home).outcomes() == {SOUND: "accepted"}


def make(kind: str, path: Path) -> None:
    """Something that is no regular file, under the name of one."""
    if kind == "link":
        target = path.parent.parent / "outside.csv"
        target.write_bytes(canonical("bank_transfers"))
        path.symlink_to(target)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@pytest.mark.parametrize("kind", ["link", "device", "dangling link", "pipe", "folder"])
def test_case_126_what_is_no_regular_file_is_refused_and_never_opened(kind: str, home: Home) -> None:
    make(kind, home.inbox / "bank_transfers_1.csv")
    landed = land(home)
    told = landed.receipt("bank_transfers_1.csv")
    assert told.outcome == "refused"
    assert re.fullmatch(r"bank_transfers_1\.csv: found .+; expected a regular file; .+", told.reason)
    assert landed.receipt(SOUND).outcome == "accepted"
    assert len([path for path in (home.root / "originals").rglob("*") if path.is_file()]) == 1


NAMES: Final = {
    "a line end": "settlements_a\nb.csv",
    "255 bytes": f"settlements_{'x' * 239}.csv",
    "no UTF-8": os.fsdecode(b"settlements_\xff\xfe.csv"),
    "right to left": "settlements_\u202evsc.csv",
    "a formula": "=settlements_1.csv",
    "capitals": "Settlements_sound.csv",
    "escape sequence": "settlements_\x1b[2J.csv",
}


def test_case_127_a_file_is_kept_under_its_digest_and_its_name_is_told_without_anything_unseen(home: Home) -> None:
    for place, name in enumerate(NAMES.values()):
        (home.inbox / name).write_bytes(row_file("settlements", settlement_id=f"N{place}"))
    landed = land(home)
    issued = landed.receipts
    assert len(issued) == len(NAMES) + 1
    assert all(name.isprintable() for name in issued["file_name"])
    assert all(reason.isprintable() for reason in issued["reason"])
    refused = set(issued.loc[issued["outcome"] == "refused", "file_name"])
    assert refused == {NAMES["a formula"], NAMES["capitals"]}
    kept = [path for path in (home.root / "originals").rglob("*") if path.is_file()]
    assert {path.name for path in kept} == set(issued["sha256"])
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in kept)
    written = exports.encode(PUBLISHED["receipts"].model.to_arrow(issued), ".csv").decode()
    assert "\n'=settlements_1.csv," in written


def test_case_128_a_file_without_permission_is_unreadable_and_the_others_flow(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.inbox / "bank_transfers_1.csv"
    path.write_bytes(canonical("bank_transfers"))
    opened = os.open

    def forbidden(name: str | Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(name).endswith(path.name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(name))
        return opened(name, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", forbidden)
    landed = land(home)
    told = landed.receipt(path.name)
    assert told.outcome == "refused"
    assert "(Permission denied)" in told.reason
    assert told.reason.endswith("make it readable and offer it again")
    assert landed.receipt(SOUND).outcome == "accepted"


def test_case_128_a_file_that_vanishes_after_the_look_is_told_of_and_the_others_flow(home: Home) -> None:
    gone = home.inbox / "settlements_z.csv"
    gone.write_bytes(row_file("settlements", settlement_id="Z"))

    def vanish(done: int, _: int) -> None:
        if done == 1:
            gone.unlink()

    landed = Offered(home, landing.land(home, home.inbox, RECEIVED_AT, vanish))
    assert landed.receipt(SOUND).outcome == "accepted"
    assert landed.receipt(gone.name).outcome == "refused"
    assert "No such file" in landed.receipt(gone.name).reason


# --- 129 to 133: disks that fill, processes that die, processes that meet --------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """October, published once."""
    home = Home(tmp_path_factory.mktemp("published") / "home")
    small_month.offer(home.inbox)
    months.run(home)
    return home


@pytest.fixture(scope="module")
def twice(published: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same home after one more file came: how every disturbed run has to end."""
    home = copied(published, tmp_path_factory.mktemp("twice"))
    months.run(home)
    return home


def copied(home: Home, folder: Path) -> Home:
    """A copy of the home, with one more file in its inbox."""
    copy = Home(shutil.copytree(home.root, folder / "home"))
    small_month.offer(copy.inbox, LATER)
    return copy


def exit_of(processes: ForkServerContext, target: Callable[..., None], *arguments: object) -> int | None:
    process = processes.Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def content_of(home: Home) -> dict[str, object]:
    """Everything that readers of the home can see, without what tells when and by which run it was written."""
    numbers = publications.numbers(home, MONTH)
    found = [publications.fetch(home, MONTH, number) for number in numbers]
    rows = {
        f"{one.number} {name}": publications.read_table(home, one, name).to_pylist()
        for one in found
        if one
        for name in one.tables
    }
    landed = landing.offered(home, None).to_dict("records")
    return {"landed": landed, "rows": rows, "outbox": digests(home.outbox), "kept": digests(home.root / "originals")}


def assert_whole(home: Home, published: Home) -> None:
    """What was in force before is still there to the last row, and nothing newer is there in part."""
    before, now = content_of(published), content_of(home)
    assert isinstance(before["rows"], dict)
    assert isinstance(now["rows"], dict)
    assert before["rows"].items() <= now["rows"].items()
    if set(now["rows"]) == set(before["rows"]):
        assert now["outbox"] == before["outbox"]


@pytest.mark.parametrize("largest_bytes", [0, 1_000, 3_000])
def test_case_129_a_write_that_fails_stops_the_run_and_the_last_publication_stands(
    largest_bytes: int, processes: ForkServerContext, published: Home, twice: Home, tmp_path: Path
) -> None:
    home = copied(published, tmp_path)
    assert exit_of(processes, months.run_on_a_full_disk, home, largest_bytes) == months.FAILED
    assert_whole(home, published)
    months.run(home)
    assert content_of(home) == content_of(twice)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_case_129_whatever_the_disk_says_nothing_is_logged_of_what_was_not_kept(
    error: int, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match=os.strerror(error)):
            land(home)
    assert landing.offered(home, None).empty
    assert list(home.root.rglob(f"*{TEMPORARY_SUFFIX}")) == []
    assert land(home).outcomes() == {SOUND: "accepted"}


@pytest.mark.parametrize("writes", [2, 7, 13])
def test_case_130_a_run_killed_between_two_writes_is_made_good_by_the_next(
    writes: int, processes: ForkServerContext, published: Home, twice: Home, tmp_path: Path
) -> None:
    home = copied(published, tmp_path)
    assert exit_of(processes, months.run_until_killed, home, writes) == -9
    assert_whole(home, published)
    months.run(home)
    assert content_of(home) == content_of(twice)
    assert list(home.root.rglob(f"*{TEMPORARY_SUFFIX}")) == []


def test_case_131_of_two_runs_of_one_month_the_second_waits_and_changes_nothing(
    processes: ForkServerContext, published: Home, twice: Home, tmp_path: Path
) -> None:
    home = copied(published, tmp_path)
    running = [processes.Process(target=months.run, args=(home,)) for _ in range(2)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0, 0]
    assert content_of(home) == content_of(twice)


def test_case_131_a_publication_whose_number_is_taken_is_not_written(published: Home, tmp_path: Path) -> None:
    home = copied(published, tmp_path)
    in_force = publications.latest(home, MONTH)
    assert in_force is not None
    with pytest.raises(PublicationConflictError, match="another process published in the meantime"):
        publications.write(home, replace(in_force, reason="slower"))
    assert publications.latest(home, MONTH) == in_force


def test_case_132_the_lock_of_a_killed_process_is_free_at_once(processes: ForkServerContext, home: Home) -> None:
    hears, tells = processes.Pipe(duplex=False)
    holder = processes.Process(target=months.hold_lock, args=(home, tells))
    holder.start()
    assert hears.recv() == "held"
    with pytest.raises(HomeBusyError, match=f"month-{MONTH}"), locks.hold(home, f"month-{MONTH}", wait_seconds=0):
        pytest.fail("two processes held one lock")
    holder.kill()
    holder.join()
    with locks.hold(home, f"month-{MONTH}", wait_seconds=0):
        assert holder.exitcode == -9


def test_case_132_no_lock_is_a_file_that_a_crash_leaves_behind() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "pipelines").rglob("*.py")]
    assert sources
    assert not [source for source in sources if re.search(r"SoftFileLock|import filelock|from filelock", source)]


def test_case_133_another_outcome_is_a_new_publication_that_tells_what_changed_and_the_old_one_stays(
    published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(published, tmp_path)
    (home.inbox / next(iter(LATER))).unlink()
    monkeypatch.setattr(publishing, "code_version", lambda: "other code")
    cover = stages.cover

    def covering_nobody_without_a_clinic(given: Mapping[str, pd.DataFrame], month: str) -> stages.Tables:
        made = cover(given, month)
        return {**made, "coverage_activations": made["coverage_activations"].query("umf != ''")}

    monkeypatch.setattr(stages, "cover", covering_nobody_without_a_clinic)
    proven = months.prove(home)
    proven["certificate"]["passed"] = True
    result = months.publish(home, proven)
    assert (result.publication.number, result.publication.code_version) == (2, "other code")
    changes = publications.read_table(home, result.publication, "coverage_changes")
    assert changes.select(["change", "cause"]).to_pylist() == [{"change": "revoked", "cause": "code"}]
    before = publications.fetch(home, MONTH, 1)
    assert before is not None
    activations = [publications.read_table(home, one, "coverage_activations") for one in (before, result.publication)]
    assert [rows.num_rows for rows in activations] == [2, 1]


def test_case_134_a_file_of_an_older_time_is_read_by_the_layout_of_its_time() -> None:
    layout = layout_for("giros_pacifico_x.txt")
    assert layout is not None
    dated = "giros_pacifico_([0-9]{8})"
    old = replace(layout, name="old", effective=Effective(name=dated, until=date(2026, 9, 30)))
    new = replace(
        layout, name="new", effective=Effective(name=dated, since=date(2026, 10, 1), until=date(2026, 12, 31))
    )
    chosen = [naming.choose(f"giros_pacifico_{day}.txt", (old, new)) for day in ("20260930", "20261001")]
    assert [layout.name for layout in chosen if layout] == ["old", "new"]
    with pytest.raises(Refused) as refused:
        naming.choose("giros_pacifico_20270101.txt", (old, new))
    assert "a date within old" in refused.value.expected


# --- 135, 136, 143: bytes that were altered, and columns that may not drift -------------------------------------------


def parquet_of(home: Home, name: str) -> list[Path]:
    return sorted((home.root / "tables" / name).rglob("*.parquet"))


def test_case_135_a_flipped_bit_is_refused_to_readers_by_the_name_of_the_table_or_changes_nothing(
    published: Home, tmp_path: Path
) -> None:
    home = copied(published, tmp_path)
    publication = publications.latest(home, MONTH)
    assert publication is not None
    good = publications.read_table(home, publication, "coverage_activations")
    path = parquet_of(home, "coverage_activations")[-1]
    content = path.read_bytes()
    told = []
    for place in range(4, len(content), 1 + len(content) // 30):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        try:
            found = publications.read_table(home, publication, "coverage_activations")
        except TableDamagedError as error:
            told.append(str(error))
        else:
            assert found.equals(good)
    assert len(told) > 10
    assert all(message.startswith(f"table coverage_activations of {MONTH} is damaged") for message in told)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_case_136_a_table_at_rest_has_exactly_the_columns_of_its_model(name: str, published: Home) -> None:
    publication = publications.latest(published, MONTH)
    assert publication is not None
    found = publications.read_table(published, publication, name).schema
    assert found.remove_metadata().equals(PUBLISHED[name].model.arrow_schema().remove_metadata())
    assert not [field.name for field in found if pyarrow.types.is_dictionary(field.type)]


def test_case_136_many_distinct_texts_in_two_months_come_back_as_plain_text(home: Home) -> None:
    for month in ("2026-10", "2026-11"):
        rows = pyarrow.table({"payment_id": [f"{month} {place}" for place in range(300)], "month": [month] * 300})
        tables.publish(home, "payments", rows, month)
    found = [tables.read(home, "payments", month) for month in ("2026-10", "2026-11")]
    assert [rows.num_rows for rows in found if rows] == [300, 300]
    assert {str(rows.schema.field("payment_id").type) for rows in found if rows} == {"string"}


def test_case_137_a_disk_too_full_for_the_rejections_stops_the_landing_and_drops_none(
    processes: ForkServerContext, home: Home
) -> None:
    name = "bank_transfers_1.csv"
    spoilt = row_file("bank_transfers", amount="0.00")
    (home.inbox / name).write_bytes(spoilt)
    assert exit_of(processes, months.run_on_a_full_disk, home, len(spoilt)) == months.FAILED
    assert landing.offered(home, None).empty
    landed = land(home)
    assert landed.receipt(name).rejected_rows == 1
    assert [found["rule"] for found in landed.rejections(name)] == ["amount"]


# --- 138 to 140: what leaves the house --------------------------------------------------------------------------------

STARTS: Final = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", '=HYPERLINK("http://x","y")')


def test_case_138_text_that_a_spreadsheet_would_run_leaves_as_text() -> None:
    rows = [activation(f"{place:011d}", "12", full_name=start) for place, start in enumerate(STARTS)]
    given = table("coverage_activations", *rows)
    as_csv = list(csv.DictReader(io.StringIO(exports.encode(given, ".csv").decode(), newline="")))
    assert [row["full_name"] for row in as_csv] == [f"'{start}" for start in STARTS]
    sheet_read = openpyxl.load_workbook(io.BytesIO(exports.encode(given, ".xlsx"))).worksheets[0]
    header, *written = list(sheet_read.iter_rows())
    place = [cell.value for cell in header].index("full_name")
    assert {row[place].data_type for row in written} == {"s"}


def test_case_138_numbers_are_never_touched() -> None:
    given = pyarrow.table({"difference_centavos": [-1, 0], "differences": ["-1", ""]})
    assert exports.encode(given, ".csv") == b"difference_centavos,differences\n-1,'-1\n0,\n"


def quote_a_row(given: dict[str, object], *_: object) -> None:
    """Fail as a library does: with the values in the text."""
    known: dict[str, None] = {}
    try:
        known[CANARIES[0]]
    except KeyError as error:
        message = f"no answer for {given} {' '.join(CANARIES)}"
        raise ValueError(message) from error


@pytest.fixture(scope="module")
def failed_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str]:
    """A run through Dagster that fails over a row, quoting it; and what the run said."""
    home = Home(tmp_path_factory.mktemp("failed") / "home")
    small_month.offer(home.inbox)
    with pytest.MonkeyPatch.context() as failing:
        failing.delenv("DAGSTER_HOME", raising=False)
        failing.setattr(stages, "register", quote_a_row)
        result = run_month(RunRequest(home=home.root, month=MONTH, received_at=small_month.RECEIVED_AT))
    assert not result.success
    return home, result.error


def test_case_139_no_identifier_or_name_gets_into_the_history_or_the_message_of_a_run_that_fails(
    failed_run: tuple[Home, str],
) -> None:
    home, told = failed_run
    assert told.startswith("ValueError in pipelines/")
    assert not [canary for canary in CANARIES if canary in told]
    files = [path for path in home.dagster.rglob("*") if path.is_file()]
    assert len(files) > 1
    assert not [(path.name, canary) for path in files for canary in CANARIES if canary.encode() in path.read_bytes()]


def test_case_139_no_receipt_and_no_rejection_quotes_a_row(failed_run: tuple[Home, str]) -> None:
    issued = landing.issued(failed_run[0], None)
    # A cell of the header is told as the name of a column, and that of this file is made to look like a value.
    told = issued[issued["file_name"] != "bank_transfers_broken.csv"]
    reasons = [*told["reason"], *landing.load_rejections(failed_run[0], issued)["reason"]]
    assert len([reason for reason in reasons if reason]) >= 2
    assert not [reason for reason in reasons for canary in CANARIES if canary in reason]


def test_case_140_a_table_that_is_not_as_its_model_says_is_told_without_its_values() -> None:
    frame = Payment.empty().reindex(range(1)).assign(**dict.fromkeys(Payment.kinds(), CANARIES[0]))
    with pytest.raises(TableSchemaError) as raised:
        Payment.conform(frame)
    error: BaseException | None = raised.value
    assert str(error).startswith("Payment: ")
    assert CANARIES[0] not in str(error)
    assert error is not None
    assert error.__suppress_context__ or error.__context__ is None


def test_case_140_what_is_kept_of_an_unexpected_error_are_its_classes_and_places(home: Home) -> None:
    error = ValueError(CANARIES[0])
    error.__cause__ = KeyError(CANARIES[1])
    fault = as_fault(error, home.root)
    kept = next(home.root.rglob("quincena-error.log")).read_text("utf-8")
    assert "builtins.ValueError" in kept
    assert "builtins.KeyError" in kept
    for text in (kept, fault.told("es"), fault.told("en")):
        assert not [canary for canary in CANARIES if canary in text]


# --- 141, 142, 144 ----------------------------------------------------------------------------------------------------

GOOD_POLICY: Final = (ROOT / "policy.toml").read_text("utf-8")
ENTRY: Final = GOOD_POLICY[GOOD_POLICY.index("[[policy]]") :]


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("", "no \\[\\[policy\\]\\] entry"),
        (ENTRY + ENTRY, "entries overlap"),
        (ENTRY.replace("due_day = 15", ""), "missing due_day"),
        (ENTRY + "\ndue_dya = 15\n", "unknown due_dya"),
        (ENTRY.replace('"none"', '"previous_business_day"'), "due_day_roll"),
        (ENTRY.replace("2024-01", "2027-01"), "no entry for months before 2027-01"),
        ("[[policy", "not valid TOML"),
    ],
    ids=["empty", "overlapping", "missing key", "unknown key", "unknown roll", "begins later", "no TOML"],
)
def test_case_141_a_policy_that_does_not_say_what_governs_the_month_stops_before_any_file_is_read(
    policy: str, told: str, home: Home, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(policy, "utf-8")
    with pytest.raises(PolicyError, match=told):
        run_month(RunRequest(home=home.root, month=MONTH, policy=path))
    assert list((home.root / "originals").iterdir()) == []


def test_case_142_a_file_that_always_kills_its_reader_is_tried_twice_and_parked(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = tmp_path / "tries"
    dying = f"import os; open({str(tries)!r}, 'a').write('x'); os.kill(os.getpid(), 9)"
    monkeypatch.setattr(workbook_process, "_PROGRAM", dying.replace("; os.kill", "; os.sync; os.kill"))
    (home.inbox / "decisions_poison.xlsx").write_bytes(package(sheet(HEADER, RECORD)))
    landed = land(home)
    assert landed.outcomes() == {SOUND: "accepted", "decisions_poison.xlsx": "refused"}
    assert "twice" in landed.receipt("decisions_poison.xlsx").reason
    assert tries.read_text() == "xx"
    assert land(home).report.known == 2
    assert tries.read_text() == "xx"


POISON: Final = "settlements_poison.csv"


def test_case_142_a_file_that_takes_the_whole_process_with_it_is_parked_after_two_tries(
    processes: ForkServerContext, home: Home, tmp_path: Path
) -> None:
    (home.inbox / POISON).write_bytes(row_file("settlements", settlement_id="POISON"))
    killed = tmp_path / "killed"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    exits = [exit_of(processes, months.land_poison, home, str(killed)) for _ in range(3)]
    assert exits == [-9, -9, 0]
    landed = land(home)
    assert landed.outcomes() == {SOUND: "accepted", POISON: "refused"}
    assert "twice" in landed.receipt(POISON).reason
    assert landed.report.known == 2


def test_case_142_a_file_that_was_only_there_when_the_process_died_twice_is_read_apart_and_accepted(
    processes: ForkServerContext, home: Home
) -> None:
    (home.inbox / POISON).write_bytes(row_file("settlements", settlement_id="POISON"))
    exits = [exit_of(processes, months.land_poison, home) for _ in range(3)]
    assert exits == [-9, -9, 0]
    assert land(home).outcomes() == {SOUND: "accepted", POISON: "accepted"}


def test_case_143_an_altered_original_is_named_by_its_digest(home: Home) -> None:
    land(home)
    sha256 = hashlib.sha256(canonical("settlements")).hexdigest()
    path = home.root / originals.path_of(home, sha256).key
    path.chmod(0o644)
    path.write_bytes(canonical("settlements").replace(b"1430.00", b"1430.01"))
    with pytest.raises(OriginalDamagedError, match=sha256):
        originals.fetch(home, sha256)


def test_case_143_a_table_or_a_manifest_altered_by_hand_is_refused_by_name(published: Home, tmp_path: Path) -> None:
    home = copied(published, tmp_path)
    manifest = home.root / "publications" / MONTH / "0001.json"
    said = json.loads(manifest.read_text("utf-8"))
    said["tables"]["payments"]["digest"] = "0" * 64
    manifest.chmod(0o644)
    whole = manifest.read_bytes()
    manifest.write_text(json.dumps(said), "utf-8")
    with pytest.raises(ManifestDamagedError, match=f"publication 1 of {MONTH}"):
        publications.latest(home, MONTH)
    manifest.write_bytes(whole)
    publication = publications.latest(home, MONTH)
    assert publication is not None
    for path in parquet_of(home, "dispositions"):
        path.write_bytes(parquet_of(home, "payments")[-1].read_bytes())
    with pytest.raises(TableDamagedError, match=f"table dispositions of {MONTH} is damaged"):
        publications.read_table(home, publication, "dispositions")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_case_144_every_dependency_is_pinned_with_its_digests(name: str) -> None:
    logical = (ROOT / name).read_text("utf-8").replace("\\\n", " ").splitlines()
    pins = [line for line in logical if line.strip() and not line.lstrip().startswith("#")]
    assert len(pins) > 20
    assert not [line for line in pins if not re.match(r"[A-Za-z0-9._\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)]


def test_case_144_nothing_is_installed_whose_digest_is_not_known() -> None:
    assert "--require-hashes --requirement requirements-dev.txt" in (ROOT / "Makefile").read_text("utf-8")
