"""Decisions in a home: they survive reruns and other months, go stale, and stand in a log that nobody may alter."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd
import pyarrow
import pytest

from pipelines.defs.running import RunRequest, run_month
from pipelines.engine import landing, publishing, stages
from pipelines.engine.decision_history import LOG
from pipelines.rules.decision_chain import BrokenChainError, extend, first_seen
from pipelines.rules.policy import parse_policy
from pipelines.rules.receipts import receipts
from pipelines.store import publications, tables
from pipelines.store.home import Home
from schemas.tables.decision_log import DecisionLogEntry
from tests.architecture.tree import ROOT
from tests.integration.analysts_world import LINE, NSS, offer, payment_id

pytestmark = pytest.mark.slow
MONTH: Final = "2026-10"
POLICY: Final = parse_policy((ROOT / "policy.toml").read_text("utf-8"))
HEADER: Final = "payment_id,action,capture_line,reason,decided_by,approved_by,decided_at"
CHANGED: Final = (
    "operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,receiver_account,amount,currency,"
    "numeric_reference,concept,status\n"
    "2026-10-07,2026-10-07T10:00:00-06:00,NOBODY,BANCO AZUL,,,,1400.00,MXN,,pago de mi seguro,credited\n"
)


def decision(key: str, action: str = "match", line: str = "") -> str:
    return f"{payment_id(key)},{action},{line},mandó su comprobante,ana ruiz,luis mora,2026-11-02T12:00:00-06:00"


def put(home: Home, name: str, *rows: str) -> None:
    (home.inbox / name).write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")


def take(home: Home, day: int) -> stages.Tables:
    """Land what is new, received on a day of November, and reconcile October."""
    landing.land(home, home.inbox, datetime(2026, 11, day, tzinfo=UTC))
    issued = receipts(landing.offered(home, None))
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    return stages.reconcile(known, MONTH, POLICY, publishing.last_published(home, MONTH, POLICY))


def run(home: Home, day: int, month: str = MONTH) -> publishing.PublishResult:
    origin = publishing.Origin(f"day {day}", "", datetime(2026, 11, day, 1, tzinfo=UTC))
    return publishing.publish(home, month, take(home, day), POLICY, origin, _no_outbox)


def _no_outbox(_: Path, __: str, ___: Mapping[str, pyarrow.Table], ____: Mapping[str, Any]) -> list[Path]:
    return []


def rows(home: Home, result: publishing.PublishResult, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = publications.read_table(home, result.publication, table).to_pylist()
    return found


def statuses(home: Home, result: publishing.PublishResult) -> dict[str, str]:
    return {row["payment_id"].rpartition("|")[2]: row["status"] for row in rows(home, result, "decisions")}


def entries(home: Home) -> list[dict[str, Any]]:
    log = tables.read(home, LOG)
    assert log is not None
    return sorted(log.to_pylist(), key=lambda row: int(row["position"]))


class Decided(NamedTuple):
    """A home with two decisions, and what its first run published."""

    home: Home
    first: publishing.PublishResult


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    made = Home(tmp_path_factory.mktemp("decided") / "home")
    made.prepare()
    offer(made.inbox)
    put(made, "decisions_1.csv", decision("NOBODY", "match", LINE[2]), decision("REFUND", "refund"))
    return Decided(made, run(made, 3))


@pytest.fixture
def first(decided: Decided) -> publishing.PublishResult:
    return decided.first


@pytest.fixture
def home(decided: Decided, tmp_path: Path) -> Home:
    """A copy of that home, to run again."""
    return Home(shutil.copytree(decided.home.root, tmp_path / "home", symlinks=True))


def test_decisions_survive_a_rerun_and_a_run_of_another_month(home: Home, first: publishing.PublishResult) -> None:
    assert statuses(home, first) == {"NOBODY": "applied", "REFUND": "applied"}
    log = entries(home)
    put(home, "decisions_2.csv", decision("REFUND", "refund"), decision("SIGNER", "match", LINE[9]))
    other = run(home, 4, "2026-11")
    assert rows(home, other, "decisions") == []
    again = run(home, 5)
    told = sorted(row["status"] for row in rows(home, again, "decisions"))
    assert told == ["applied", "applied", "applied", "repeated"]
    assert entries(home)[:2] == log
    assert len(entries(home)) == 3
    assert not run(home, 6).is_new


def test_a_file_that_changes_the_facts_makes_the_decision_stale_and_takes_the_coverage_back(
    home: Home, first: publishing.PublishResult
) -> None:
    assert NSS[2] in {row["nss"] for row in rows(home, first, "coverage_activations")}
    (home.inbox / "bank_transfers_2.csv").write_text(CHANGED, "utf-8")
    second = run(home, 4)
    assert statuses(home, second) == {"NOBODY": "stale", "REFUND": "applied"}
    changes = {(row["nss"], row["change"]) for row in rows(home, second, "coverage_changes")}
    assert changes == {(NSS[2], "revoked")}
    assert [row["rule"] for row in rows(home, second, "rejections")] == ["stale"]
    assert len(entries(home)) == 2


def test_a_file_received_earlier_and_landed_later_is_added_at_the_end_of_the_log(home: Home) -> None:
    log = entries(home)
    put(home, "decisions_2.csv", decision("SIGNER", "match", LINE[9]))
    run(home, 1)
    assert entries(home)[:2] == log
    assert [row["received_at"].day for row in entries(home)] == [3, 3, 1]


def test_a_log_that_was_altered_stops_the_run_before_anything_is_published(
    home: Home, first: publishing.PublishResult
) -> None:
    log = DecisionLogEntry.from_arrow(pyarrow.Table.from_pylist(entries(home), DecisionLogEntry.arrow_schema()))
    tables.publish(home, LOG, DecisionLogEntry.to_arrow(log.assign(row=log["row"] + 7)))
    put(home, "decisions_2.csv", decision("SIGNER", "match", LINE[9]))
    result = run_month(RunRequest(home=home.root, month=MONTH, received_at=datetime(2026, 11, 4, tzinfo=UTC)))
    assert not result.success
    assert "the log of decisions was altered: entry 1 does not follow from the entry before it" in result.error
    assert publications.latest(home, MONTH) == first.publication


def test_a_decision_of_the_log_that_no_file_holds_stops_the_run(home: Home) -> None:
    log = DecisionLogEntry.from_arrow(pyarrow.Table.from_pylist(entries(home), DecisionLogEntry.arrow_schema()))
    known = first_seen(take(home, 3)["decision_rows"])
    forged = known.head(1).assign(decision_id="ff", sha256="ff").astype({"decision_id": "str", "sha256": "str"})
    whole = extend(log, pd.concat([known, forged], ignore_index=True))
    tables.publish(home, LOG, DecisionLogEntry.to_arrow(whole))
    with pytest.raises(BrokenChainError, match="the decision of entry 3 is in no accepted file"):
        run(home, 4)


def test_a_canonical_file_cannot_undo(home: Home) -> None:
    put(home, "decisions_2.csv", decision("NOBODY", "undo"))
    run(home, 4)
    rejections = tables.read(home, "rejections")
    assert rejections is not None
    assert [(row["column"], row["rule"]) for row in rejections.to_pylist()] == [("action", "status")]
