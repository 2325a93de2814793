"""One flipped bit in any file that a home keeps is found and named; an untouched home passes."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pipelines.engine import landing, publishing, stages
from pipelines.engine.publishing import Origin
from pipelines.engine.verifying import Verified, verify
from pipelines.outputs import outbox
from pipelines.rules.policy import parse_policy
from pipelines.store import publications, seals
from pipelines.store.home import Home
from pipelines.store.places.local import LocalPlace
from tests.architecture.tree import ROOT
from tests.integration.small_month import FILES, LATER, MONTH, digests, offer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = parse_policy((ROOT / "policy.toml").read_text("utf-8"))
KEPT = ("originals", "landed", "tables", "publications", "outbox")


def publish_all(home: Home, month: str, day: int) -> None:
    """Land what is there and publish a month, its outbox included."""
    landing.land(home, home.inbox, datetime(2026, 10, day, 18, tzinfo=UTC))
    issued = landing.issued(home, None)
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    proven = stages.reconcile(known, month, POLICY, publishing.last_published(home, month, POLICY))
    origin = Origin(f"run-{day}", "cierre", datetime(2026, 10, day, 19, tzinfo=UTC))
    publishing.publish(home, month, proven, POLICY, origin, outbox.write_outbox)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with three publications of October and one of September."""
    home = Home(tmp_path_factory.mktemp("verify") / "home")
    home.prepare()
    offer(home.inbox)
    publish_all(home, MONTH, 10)
    offer(home.inbox, LATER)
    publish_all(home, MONTH, 16)
    publish_all(home, "2026-09", 17)
    more = FILES["bank_transfers_1.csv"].splitlines()[0]
    offer(home.inbox, {"bank_transfers_3.csv": f"{more}\n"})
    publish_all(home, MONTH, 20)
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    """A copy of it, to be altered."""
    return Home(shutil.copytree(made.root, tmp_path / "home"))


def look(home: Home) -> Verified:
    return verify(home, partial(outbox.faults, home.outbox))


def named(home: Home) -> dict[str, str]:
    """What the verification names, with the problem; a list that does not agree with a file is named beside it."""
    found: dict[str, str] = {}
    for fault in look(home).faults:
        found[fault.path] = fault.problem
        found.setdefault(fault.detail, fault.problem)
    return found


def flip(path: Path, position: int = -1, bit: int = 0) -> None:
    """Flip one bit of a file: in its middle unless a position is given."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if position < 0 else position] ^= 1 << bit
    path.chmod(0o644)
    path.write_bytes(bytes(content))


def files(home: Home) -> Iterator[Path]:
    for name in KEPT:
        yield from sorted(path for path in (home.root / name).rglob("*") if path.is_file() and path.stat().st_size)


def kind_of(home: Home, path: Path) -> str:
    """Files that are looked at in one way, and of which none speaks of another."""
    told = path.relative_to(home.root).as_posix()
    if told.startswith(("landed/", "tables/")):
        return f"{told.partition('/')[0]} {path.suffix} {'log' if '_delta_log' in told else ''}".strip()
    return told.partition("/")[0] + (" record" if path.name.startswith(".") else "")


KINDS = (
    "originals",
    "landed .parquet",
    "landed .sha256",
    "tables .parquet",
    "tables .json log",
    "tables .sha256",
    "publications",
    "outbox",
    "outbox record",
)


def test_an_untouched_home_passes_and_is_left_as_it_is(made: Home) -> None:
    before = digests(made.root)
    verified = look(made)
    assert verified.faults == ()
    assert min(verified.looked_at.values()) > 0
    assert digests(made.root) == before


def test_every_file_that_is_kept_is_of_a_kind_that_is_tried(made: Home) -> None:
    assert {kind_of(made, path) for path in files(made)} <= {*KINDS, "tables .parquet log", "tables  log"}
    assert set(KINDS) <= {kind_of(made, path) for path in files(made)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("place", "bit"), [(0, 0), (1, 5), (2, 3)])
def test_a_bit_flipped_in_every_file_of_a_kind_names_every_one(home: Home, kind: str, place: int, bit: int) -> None:
    altered = [path for path in files(home) if kind_of(home, path) == kind]
    for path in altered:
        flip(path, (path.stat().st_size - 1) * place // 2, bit)
    found = named(home)
    assert [told for path in altered if (told := path.relative_to(home.root).as_posix()) not in found] == []


def test_a_bit_flipped_in_one_file_names_that_one_and_what_speaks_of_it(home: Home) -> None:
    by_kind: dict[str, list[Path]] = defaultdict(list)
    for path in files(home):
        by_kind[kind_of(home, path)].append(path)
    for kind in KINDS:
        path = by_kind[kind][0]
        content = path.read_bytes()
        flip(path)
        assert path.relative_to(home.root).as_posix() in named(home), kind
        path.write_bytes(content)
    assert look(home).faults == ()


@pytest.mark.parametrize("table", ["landings", "receipts", "dispositions", "decision_log"])
def test_a_line_taken_out_of_the_list_of_a_table_is_named_by_the_file_that_it_was_of(home: Home, table: str) -> None:
    listed = home.root / "tables" / table / seals.LIST
    lines = listed.read_text().splitlines(keepends=True)
    for number, line in enumerate(lines):
        listed.write_text("".join(lines[:number] + lines[number + 1 :]))
        assert named(home)[f"tables/{table}/{line.split()[1]}"] == "unsealed", f"line {number} of {len(lines)}"
    listed.write_text("".join(lines))
    assert look(home).faults == ()


def test_a_byte_altered_anywhere_in_the_list_of_the_landings_is_noticed(home: Home) -> None:
    listed = home.root / "tables" / "landings" / seals.LIST
    content = listed.read_bytes()
    for place in range(0, len(content), 53):
        flip(listed, place)
        assert [path for path in named(home) if path.startswith("tables/landings")], f"byte {place}"
        listed.write_bytes(content)
    flip(listed, len(content) - 1)
    assert named(home)["tables/landings/_seals.sha256"] == "altered"


def test_the_newest_entries_of_the_log_of_landings_taken_away_are_missed_by_the_publication(home: Home) -> None:
    folder = home.root / "tables" / "landings"
    last = seals.commits(LocalPlace(folder))[-1]
    (folder / last).unlink()
    lines = (folder / seals.LIST).read_text().splitlines(keepends=True)
    (folder / seals.LIST).write_text("".join(lines[:-2]))
    assert named(home)["tables/landings"] in {"unreadable", "disagrees"}


def test_a_publication_of_before_the_log_was_sealed_keeps_its_bytes_and_passes(home: Home) -> None:
    first = publications.fetch(home, MONTH, 1)
    assert first is not None
    assert first.landings is not None
    old = replace(first, month="2026-08", landings=None)
    publications.write(home, old)
    assert b"landings" not in (home.root / "publications" / "2026-08" / "0001.json").read_bytes()
    assert publications.fetch(home, "2026-08", 1) == old


@pytest.mark.parametrize("kind", ["originals", "landed .parquet", "landed .sha256", "tables .parquet", "outbox"])
def test_a_missing_file_is_named(home: Home, kind: str) -> None:
    path = next(path for path in files(home) if kind_of(home, path) == kind)
    path.unlink()
    assert named(home)[path.relative_to(home.root).as_posix()] == "missing"


@pytest.mark.parametrize(
    "told",
    ["originals/extra", "landed/extra.parquet", "publications/notes.txt", "outbox/notes.txt", "outbox/2026-11/x"],
)
def test_a_file_that_nobody_wrote_is_named(home: Home, told: str) -> None:
    (home.root / told).write_text("?")
    found = [fault.path for fault in look(home).faults]
    assert [path for path in found if path.startswith(told.partition(".")[0])]


@pytest.mark.parametrize(("number", "problem"), [(1, "missing"), (2, "missing")])
def test_a_manifest_taken_out_of_the_chain_is_named(home: Home, number: int, problem: str) -> None:
    (home.root / "publications" / MONTH / f"{number:04d}.json").unlink()
    assert named(home)[f"publications/{MONTH}/{number:04d}.json"] == problem


def test_the_publication_in_force_taken_away_leaves_an_outbox_of_another_one(home: Home) -> None:
    (home.root / "publications" / MONTH / "0003.json").unlink()
    assert named(home)["outbox/2026-11/certificate.json"] == "superseded"


def test_a_whole_month_taken_away_is_missed_by_what_was_published_after_it(home: Home) -> None:
    shutil.rmtree(home.root / "publications" / "2026-09")
    assert named(home)["publications/2026-09/0001.json"] == "missing"


def test_a_publication_written_anew_with_a_right_digest_breaks_the_chain(home: Home) -> None:
    first = publications.fetch(home, MONTH, 1)
    assert first is not None
    path = home.root / "publications" / MONTH / "0001.json"
    path.chmod(0o644)
    path.unlink()
    others = [home.root / "publications" / MONTH / f"{number:04d}.json" for number in (2, 3)]
    kept = [other.read_bytes() for other in others]
    for other in others:
        other.unlink()
    publications.write(home, replace(first, reason="otro motivo"))
    for other, content in zip(others, kept, strict=True):
        other.write_bytes(content)
    assert look(home).faults != ()
    assert named(home)[f"publications/{MONTH}/0002.json"] == "unchained"


def test_certificates_name_the_one_before_them_of_their_month(made: Home) -> None:
    found = [publications.fetch(made, MONTH, number) for number in (1, 2, 3)]
    one, two, three = found
    assert one is not None
    assert two is not None
    assert three is not None
    assert (one.before, one.last) == (None, None)
    assert (two.before, three.before) == (publications.link(one), publications.link(two))
    assert three.last is not None
    assert (three.last.month, three.last.number) == ("2026-09", 1)
