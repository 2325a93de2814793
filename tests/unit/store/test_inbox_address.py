from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.store.inbox import UnreadableError, canonical
from pipelines.store.inboxes.address import SETTLE_VARIABLE, Address, parse
from pipelines.store.inboxes.base import Terms

CANARY = "canario-7d1f"


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ("/in", Address("file", "", "", 0, "/in", Terms(2))),
        (Path("/in"), Address("file", "", "", 0, "/in", Terms(2))),
        ("file:///in%20box?done=required", Address("file", "", "", 0, "/in box", Terms(2, needs_mark=True))),
        ("sftp://banco.example/salida", Address("sftp", "", "banco.example", 0, "/salida", Terms(5))),
        ("sftp://imss%40x@h:2222/~/a%23b", Address("sftp", "imss@x", "h", 2222, "/~/a#b", Terms(5))),
        ("sftp://[::1]:22/x?settle=1.5", Address("sftp", "", "::1", 22, "/x", Terms(1.5))),
        ("s3://Cubeta/salida/x", Address("s3", "", "Cubeta", 0, "/salida/x", Terms(0))),
        ("s3://c?settle=3&done=required", Address("s3", "", "c", 0, "", Terms(3, needs_mark=True))),
    ],
)
def test_an_address_says_where_and_when_a_file_has_arrived(
    monkeypatch: pytest.MonkeyPatch, where: str | Path, address: Address
) -> None:
    monkeypatch.delenv(SETTLE_VARIABLE)
    assert parse(where) == address


def test_the_environment_sets_how_long_files_stand_still_where_the_address_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SETTLE_VARIABLE, "7")
    found = [parse(where).terms.settle_seconds for where in ("/in", "sftp://h/x", "sftp://h/x?settle=1", "s3://c")]
    assert found == [7, 7, 1, 0]


@pytest.mark.parametrize(
    ("where", "why"),
    [
        (f"sftp://user:{CANARY}@h/x", "password or key"),
        ("sftp://user:@h/x", "password or key"),
        (f"s3://key:{CANARY}@cubeta/x", "password or key"),
        (f"s3://{CANARY}@cubeta/x", "password or key"),
        (f"ftp://h/{CANARY}", "kind is unknown"),
        (f"memory://{CANARY}", "kind is unknown"),
        ("sftp:///x", "no host"),
        ("s3:///x", "no host or bucket"),
        ("file://elsewhere/x", "no folder of this machine"),
        (f"sftp://h:{CANARY}/x", "no URL"),
        (f"sftp://h/x#{CANARY}", "'#'"),
        (f"sftp://h/x?{CANARY}=1", "only settle=SECONDS and done=required"),
        ("sftp://h/x?done=perhaps", "only settle=SECONDS and done=required"),
        (f"sftp://h/x?settle={CANARY}", "0 to 30 seconds"),
        ("sftp://h/x?settle=-1", "0 to 30 seconds"),
        ("sftp://h/x?settle=nan", "0 to 30 seconds"),
        ("sftp://h/x?settle=31", "0 to 30 seconds"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_repeating_any_of_it(where: str, why: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        parse(where)
    assert why in str(refused.value)
    assert "expected a folder" in str(refused.value)
    assert CANARY not in f"{refused.value!r}{refused.value.__cause__!r}"


def test_an_address_is_shown_without_its_settings() -> None:
    assert str(parse("sftp://u@h:22/x?settle=1")) == "sftp://u@h:22/x"
    assert str(parse("s3://c/x?done=required")) == "s3://c/x"


def test_an_address_that_is_handed_on_is_absolute_or_the_url_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert canonical("in") == canonical(Path("in")) == "/in"
    assert canonical("sftp://h/x?settle=1") == "sftp://h/x?settle=1"
    with pytest.raises(UnreadableError):
        canonical("sftp://u:p@h/x")
