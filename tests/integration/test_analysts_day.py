"""The analyst's day: open the workbook, decide ten payments in it (two of them wrongly), save it, run again, undo."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import openpyxl
import pytest

from pipelines.defs.running import RunRequest, RunResult, run_month
from pipelines.engine import explaining
from pipelines.engine.verifying import verify
from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs.outbox import faults, folder_of
from pipelines.rules.policy import parse_policy
from pipelines.store import publications, tables
from pipelines.store.home import Home
from tests.architecture.tree import ROOT
from tests.integration.analysts_world import LINE, NSS, offer, payment_id

pytestmark = pytest.mark.slow
MONTH: Final = "2026-10"
POLICY: Final = parse_policy((ROOT / "policy.toml").read_text("utf-8"))
COLUMNS: Final = list(words.PENDING)
DAY: Final = date(2026, 11, 3)

DECISIONS: Final[dict[str, tuple[str, str, str, str]]] = {
    "MISMATCH": ("Confirmar", LINE[1], "Pagó de más; se habló con ella", "Luis Mora"),
    "NOBODY": ("Confirmar", LINE[2], "Mandó su comprobante", "Luis Mora"),
    "LATE": ("Aceptar tarde", "", "El banco falló el día 15", "Luis Mora"),
    "LINES": ("Confirmar", LINE[4], "La otra línea es de su hermana", "Luis Mora"),
    "PERSONS": ("Confirmar", LINE[5], "La otra persona es su esposo", "Luis Mora"),
    "REFUND": ("Devolver", "", "Se equivocó de cuenta", "Luis Mora"),
    "WINDOW": ("Confirmar", LINE[7], "Copió la línea de mayo", "Luis Mora"),
    "CANCELLED": ("Confirmar", LINE[8], "Se le dio línea nueva", "Luis Mora"),
    "SIGNER": ("Confirmar", LINE[9], "Mandó su comprobante", "ana ruiz"),
    "REASON": ("Confirmar", LINE[10], "", "Luis Mora"),
}
"""Payment → action, line, reason, who approved; Ana Ruiz decides. The last two are wrong."""


class Day(NamedTuple):
    """A home, and what came of each run of it."""

    home: Home
    first: RunResult
    second: RunResult


def run(home: Home, day: int) -> RunResult:
    result = run_month(RunRequest(home=home.root, month=MONTH, received_at=datetime(2026, 11, day, 18, tzinfo=UTC)))
    assert (result.success, result.error) == (True, "")
    return result


def workbook_of(home: Home) -> Path:
    return folder_of(home.outbox, MONTH) / "reconciliation.xlsx"


def decide(home: Home, name: str, cells: dict[str, dict[str, Any]]) -> None:
    """Write into the workbook of the outbox (payment → column → value), and save it into the inbox under a name."""
    book: Any = openpyxl.load_workbook(workbook_of(home))
    sheet = book["Por decidir"]
    payments = {payment_id(key): said for key, said in cells.items()}
    for row in sheet.iter_rows(min_row=4):
        for column, value in payments.pop(row[COLUMNS.index("payment_id")].value, {}).items():
            row[COLUMNS.index(column)].value = value
    assert payments == {}
    book.save(home.inbox / name)


def rows(home: Home, result: RunResult, table: str) -> list[dict[str, Any]]:
    assert result.publication is not None
    found: list[dict[str, Any]] = publications.read_table(home, result.publication, table).to_pylist()
    return found


def covered(home: Home, result: RunResult) -> set[str]:
    return {row["nss"] for row in rows(home, result, "coverage_activations")}


def standing(home: Home, result: RunResult) -> dict[str, str]:
    """Tracking key → buckets of its parts."""
    found: dict[str, str] = {}
    for row in sorted(rows(home, result, "dispositions"), key=lambda row: row["bucket"]):
        key = row["natural_key"].rpartition("|")[2]
        found[key] = f"{found[key]} {row['bucket']}" if key in found else row["bucket"]
    return found


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    home = Home(tmp_path_factory.mktemp("day") / "home")
    offer(home.inbox)
    first = run(home, 2)
    signed = {"decided_by": "Ana Ruiz", "decided_on": DAY}
    cells = {
        key: {"action": action, "line": line or None, "reason": reason or None, "approved_by": approver, **signed}
        for key, (action, line, reason, approver) in DECISIONS.items()
    }
    decide(home, "reconciliation.xlsx", cells)
    return Day(home, first, run(home, 3))


def test_in_the_morning_ten_payments_wait_for_ten_different_reasons(day: Day) -> None:
    assert covered(day.home, day.first) == {NSS[11]}
    waiting = {row["natural_key"].rpartition("|")[2]: row for row in rows(day.home, day.first, "dispositions")}
    assert {key: row["reason"] or row["bucket"] for key, row in waiting.items() if row["bucket"] != "applied"} == {
        "MISMATCH": "amount_mismatch",
        "NOBODY": "unmatched",
        "LATE": "late",
        "LINES": "several_lines",
        "PERSONS": "several_registrants",
        "REFUND": "unmatched",
        "WINDOW": "out_of_window",
        "CANCELLED": "line_cancelled",
        "SIGNER": "unmatched",
        "REASON": "unmatched",
    }


def test_the_workbook_says_who_paid_and_what_they_wrote(day: Day) -> None:
    sheet: Any = openpyxl.load_workbook(day.home.inbox / "reconciliation.xlsx")["Por decidir"]
    told = {row[COLUMNS.index("payment_id")]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    row = dict(zip(COLUMNS, told[payment_id("MISMATCH")], strict=True))
    assert (row["text"], row["sender"]) == (f"soy {NSS[1]}", "PAGADOR MISMATCH")
    assert (row["named"], row["amount"], row["age"]) == (LINE[1], 1500, 25)
    assert len({row[COLUMNS.index("facts")] for row in told.values()}) == len(DECISIONS)
    people = {row[1] for row in openpyxl.load_workbook(workbook_of(day.home))["Cambios"].iter_rows(values_only=True)}
    assert NSS[2] in people


def test_eight_decisions_are_carried_out_and_two_are_rejected_with_their_reasons(day: Day) -> None:
    assert standing(day.home, day.second) == {
        "PAID": "applied",
        "MISMATCH": "applied surplus",
        "NOBODY": "applied",
        "LATE": "late",
        "LINES": "applied",
        "PERSONS": "applied",
        "REFUND": "refund_due",
        "WINDOW": "applied",
        "CANCELLED": "applied",
        "SIGNER": "unmatched",
        "REASON": "unmatched",
    }
    told = {(row["sheet"], row["column"], row["rule"]) for row in rows(day.home, day.second, "rejections")}
    assert told == {("Por decidir", "approved_by", "same_signer"), ("Por decidir", "Motivo", "required")}


def test_coverage_follows_the_decisions(day: Day) -> None:
    assert covered(day.home, day.second) == {NSS[n] for n in (1, 2, 3, 4, 5, 7, 8, 11)}
    changes = {(row["nss"], row["change"]) for row in rows(day.home, day.second, "coverage_changes")}
    assert changes == {(NSS[n], "activated") for n in (1, 2, 3, 4, 5, 7, 8)}


def test_the_next_workbook_lists_what_still_waits_and_what_may_be_undone(day: Day) -> None:
    sheet: Any = openpyxl.load_workbook(workbook_of(day.home))["Por decidir"]
    found = {
        row[COLUMNS.index("payment_id")]: row[COLUMNS.index("standing")]
        for row in sheet.iter_rows(min_row=4, values_only=True)
    }
    decided = dict.fromkeys(DECISIONS, "decidido") | dict.fromkeys(("SIGNER", "REASON"), "sin identificar")
    assert found == {payment_id(key): said for key, said in decided.items()}


def test_the_same_workbook_under_another_name_changes_nothing(day: Day, tmp_path: Path) -> None:
    home = Home(shutil.copytree(day.home.root, tmp_path / "home", symlinks=True))
    shutil.copy(home.inbox / "reconciliation.xlsx", home.inbox / "reconciliation (copia).xlsx")
    assert not run(home, 4).is_new
    receipts = tables.read(home, "receipts")
    assert receipts is not None
    outcomes = dict(zip(receipts["file_name"].to_pylist(), receipts["outcome"].to_pylist(), strict=True))
    assert outcomes["reconciliation (copia).xlsx"] == "repeated"


def test_undo_brings_back_what_stood_before_the_decision(day: Day, tmp_path: Path) -> None:
    home = Home(shutil.copytree(day.home.root, tmp_path / "home", symlinks=True))
    undone = {
        "action": "Deshacer",
        "reason": "Era de otra persona",
        "decided_by": "Luis Mora",
        "approved_by": "Ana Ruiz",
    }
    decide(home, "reconciliation_2.xlsx", dict.fromkeys(("MISMATCH", "LATE", "REFUND"), undone | {"decided_on": DAY}))
    third = run(home, 5)
    before = standing(home, day.first)
    kept = dict.fromkeys(("MISMATCH", "LATE", "REFUND"))
    assert {key: standing(home, third)[key] for key in kept} == {key: before[key] for key in kept}
    assert covered(home, third) == {NSS[n] for n in (2, 4, 5, 7, 8, 11)}
    changes = {(row["nss"], row["change"], row["cause"]) for row in rows(home, third, "coverage_changes")}
    assert changes == {(NSS[n], "revoked", "decision") for n in (1, 3)}


def test_explain_cites_the_decisions_and_their_rows_in_the_workbook(day: Day) -> None:
    for key, status in (("LATE", "applied"), ("REFUND", "applied"), ("SIGNER", "rejected")):
        payment = explaining.explain(day.home, payment_id(key), None, POLICY)["payment"]
        cited = payment["decisions"][-1]
        assert (cited["file_name"], cited["sheet"]) == ("reconciliation.xlsx", "Por decidir")
        assert (cited["status"], cited["decided_by"]) == (status, "Ana Ruiz")
    line = explaining.explain(day.home, LINE[3], None, POLICY)["line"]
    assert line["coverage"]["outcome"] == "activated"
    assert line["payments"][0]["payment_id"] == payment_id("LATE")
    assert [change["cause"] for change in line["changes"]] == ["decision"]


def test_a_decision_on_facts_that_changed_since_the_workbook_was_written_is_stale_and_moves_nothing(
    day: Day, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(day.home.root, home.root)
    signed = {"reason": "Mandó su comprobante", "decided_by": "Ana Ruiz", "approved_by": "Luis Mora", "decided_on": DAY}
    decide(home, "reconciliation_2.xlsx", {"SIGNER": {"action": "Confirmar", "line": LINE[9], **signed}})
    header, *transfers = (home.inbox / "bank_transfers_1.csv").read_text("utf-8").splitlines()
    (again,) = [row for row in transfers if ",SIGNER," in row]
    corrected = again.replace("no sé qué poner", "era para otra persona")
    (home.inbox / "bank_transfers_2.csv").write_text(f"{header}\n{corrected}\n", "utf-8")

    third = run(home, 4)

    assert standing(home, third)["SIGNER"] == "held"
    assert NSS[9] not in covered(home, third)
    told = [row for row in rows(home, third, "decisions") if row["payment_id"] == payment_id("SIGNER")]
    assert {row["status"] for row in told} >= {"rejected", "stale"}
    (rejected,) = [row for row in rows(home, third, "rejections") if row["file_name"] == "reconciliation_2.xlsx"]
    assert (rejected["rule"], rejected["sheet"]) == ("stale", "Por decidir")


def test_verify_passes_after_the_day_and_names_the_one_file_in_which_a_byte_was_turned(
    day: Day, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(day.home.root, home.root)
    check = partial(faults, home.outbox)
    assert verify(home, check).faults == ()
    turned = workbook_of(home)
    content = bytearray(turned.read_bytes())
    content[len(content) // 2] ^= 1
    turned.chmod(0o644)
    turned.write_bytes(content)
    (fault,) = verify(home, check).faults
    assert "reconciliation.xlsx" in str(fault)
