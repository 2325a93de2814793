from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.outputs import delimited
from pipelines.outputs.rosters import COLUMNS, Rosters, by_clinic, file_name
from tests.unit.outputs.made import activation, change, table

ANA, BETO, CARO = "00260100102", "00260200415", "00266900091"
NO_CHANGE = table("coverage_changes")


def told(rosters: Rosters, name: str) -> list[tuple[str, str, str]]:
    return [(row["nss"], row["status"], row["cause"]) for row in rosters.of(name).to_pylist()]


def test_every_clinic_gets_its_own_families_and_those_without_one_are_pending() -> None:
    now = table("coverage_activations", activation(ANA, "UMF 12"), activation(BETO, "UMF 75"), activation(CARO, ""))
    rosters = by_clinic(now, NO_CHANGE, None)
    assert list(rosters.runs) == ["UMF 12", "UMF 75", "pending"]
    assert told(rosters, "UMF 12") == [(ANA, "activated", "")]
    assert told(rosters, "UMF 75") == [(BETO, "activated", "")]
    assert told(rosters, "pending") == [(CARO, "activated", "")]


def test_a_month_without_activations_has_a_pending_roster_with_its_header() -> None:
    rosters = by_clinic(table("coverage_activations"), NO_CHANGE, None)
    assert list(rosters.runs) == ["pending"]
    assert (rosters.of("pending").num_rows, rosters.of("pending").column_names) == (0, list(COLUMNS))
    assert dict(rosters.files()) == {"pending": (",".join(COLUMNS) + "\n").encode()}


def test_a_roster_as_csv_has_the_rows_of_its_clinic_alone() -> None:
    now = [activation(nss, umf) for nss, umf in ((ANA, "UMF 75"), (BETO, "=UMF"), (CARO, "UMF 75"))]
    rosters = by_clinic(table("coverage_activations", *now), NO_CHANGE, None)
    files = dict(rosters.files())
    assert sorted(files) == list(rosters.runs)
    for name, content in files.items():
        assert content == delimited.encode(rosters.of(name))
    assert [line.split(b",")[2] for line in files["UMF 75"].splitlines()[1:]] == [ANA.encode(), CARO.encode()]


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
def test_rosters_are_the_same_however_many_lines_are_written_at_once(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    umf = ["UMF 1", "UMF 1", "UMF 2", "UMF 3", "UMF 3", "UMF 3", ""]
    now = [activation(f"002601001{number:02}", name) for number, name in enumerate(umf)]
    rosters = by_clinic(table("coverage_activations", *now), NO_CHANGE, None)
    expected = {name: delimited.encode(rosters.of(name)) for name in rosters.runs}
    monkeypatch.setattr(delimited, "_BATCH_ROWS", at_once)
    assert dict(rosters.files()) == expected


def test_a_family_revoked_is_told_to_the_clinic_that_expected_it() -> None:
    before = table("coverage_activations", activation(ANA, "UMF 12"), activation(BETO, "UMF 12"))
    now = table("coverage_activations", activation(ANA, "UMF 12"))
    rosters = by_clinic(now, table("coverage_changes", change(BETO, "revoked", "returned")), before)
    assert told(rosters, "UMF 12") == [(ANA, "activated", ""), (BETO, "revoked", "returned")]
    assert rosters.of("UMF 12")["full_name"].to_pylist() == [f"Persona {ANA}", f"Persona {BETO}"]


def test_a_family_that_moved_is_told_to_both_clinics() -> None:
    before = table("coverage_activations", activation(ANA, "UMF 12"), activation(BETO, ""))
    now = table("coverage_activations", activation(ANA, "UMF 75"), activation(BETO, "UMF 75"))
    changes = table("coverage_changes", change(ANA, "amended", "umf"), change(BETO, "amended", "umf"))
    rosters = by_clinic(now, changes, before)
    assert told(rosters, "UMF 12") == [(ANA, "moved", "umf")]
    assert told(rosters, "UMF 75") == [(ANA, "activated", ""), (BETO, "activated", "")]
    assert told(rosters, "pending") == []


def test_a_revocation_of_which_nothing_was_told_before_is_not_lost() -> None:
    changes = table("coverage_changes", change(ANA, "revoked", "unpaid"))
    assert told(by_clinic(table("coverage_activations"), changes, None), "pending") == [(ANA, "revoked", "unpaid")]


@pytest.mark.parametrize(
    ("umf", "name"),
    [
        ("UMF 12", "UMF 12"),
        ("", "pending"),
        ("umf 12", "umf-12~"),
        ("PENDING", "pending~"),
        ("../../etc/passwd", "etc-passwd~"),
        ("UMF 12/3", "umf-12-3~"),
        ("CON", "con~"),
        ("Clínica Ñ", "cl-nica~"),
        (" UMF 12", "umf-12~"),
        ("..", "~"),
    ],
)
def test_the_name_of_a_roster_is_safe(umf: str, name: str) -> None:
    assert file_name(umf).startswith(name)
    assert "~" in file_name(umf) or file_name(umf) == name


@given(st.lists(st.text(max_size=80), unique=True, min_size=2, max_size=8))
def test_two_clinics_never_share_a_file_whatever_they_are_called(clinics: list[str]) -> None:
    names = {file_name(umf).casefold() for umf in clinics}
    assert len(names) == len(clinics)
    assert all(name.isascii() and "/" not in name and not name.startswith(".") and len(name) <= 60 for name in names)
