from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pandas as pd
import pyarrow
import pytest

from pipelines.engine import landing, publishing, stages
from pipelines.engine.publishing import BEFORE, NotProvenError, Origin, PublishResult
from pipelines.outputs.outbox import write_outbox
from pipelines.rules.policy import PolicyBook, parse_policy
from pipelines.rules.receipts import receipts
from pipelines.store import ordered, publications, tables
from pipelines.store.home import Home
from schemas.catalog import PUBLISHED
from schemas.digest import content_digest, digest_of_slices
from tests.architecture.tree import ROOT
from tests.integration.small_month import LATER, MONTH, RECEIVED_AT, digests, offer

POLICY = parse_policy((ROOT / "policy.toml").read_text("utf-8"))


class Outbox:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.tables: Mapping[str, pyarrow.Table] = {}
        self.document: dict[str, Any] = {}

    def __call__(
        self, folder: Path, month: str, given: Mapping[str, pyarrow.Table], document: dict[str, Any]
    ) -> list[Path]:
        self.tables, self.document = given, document
        return [folder / month]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    offer(made.inbox)
    return made


def prove(home: Home, policy: PolicyBook = POLICY) -> stages.Tables:
    """Every table of October, as the stages give them."""
    landing.land(home, home.inbox, RECEIVED_AT)
    issued = receipts(landing.offered(home, None))
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    return stages.reconcile(known, MONTH, policy, publishing.last_published(home, MONTH, policy))


def publish(
    home: Home,
    proven: Mapping[str, pd.DataFrame],
    outbox: Outbox | None = None,
    policy: PolicyBook = POLICY,
    run_id: str = "one",
) -> PublishResult:
    origin = Origin(run_id, "closing", datetime(2026, 11, 1, 7, tzinfo=UTC))
    return publishing.publish(home, MONTH, proven, policy, origin, outbox or Outbox())


def test_a_publication_holds_every_table_with_rows_of_its_month_only(home: Home) -> None:
    proven = prove(home)
    proven["payments"].loc[0, "month"] = "2026-09"
    result = publish(home, proven)
    assert result.is_new
    assert set(result.changed_tables) == set(PUBLISHED)
    payments = publications.read_table(home, result.publication, "payments")
    assert payments.num_rows == len(proven["payments"]) - 1
    assert set(payments["month"].to_pylist()) == {MONTH}
    assert publications.latest(home, MONTH) == result.publication


def test_a_failed_line_of_the_certificate_publishes_nothing(home: Home) -> None:
    proven = prove(home)
    proven["certificate"].loc[0, "passed"] = False
    before = digests(home.root)
    with pytest.raises(NotProvenError, match="rows"):
        publish(home, proven)
    with pytest.raises(NotProvenError, match="empty"):
        publish(home, {**proven, "certificate": proven["certificate"].iloc[:0]})
    assert digests(home.root) == before


def test_a_rerun_keeps_the_publication_and_what_it_told_of_changes(home: Home) -> None:
    first, second = Outbox(), Outbox()
    made = publish(home, prove(home), first)
    before = digests(home.root / "tables") | digests(home.root / "publications")
    again = prove(home)
    assert again["coverage_changes"].empty
    kept = publish(home, again, second, run_id="two")
    assert (kept.is_new, kept.changed_tables, kept.publication) == (False, (), made.publication)
    assert digests(home.root / "tables") | digests(home.root / "publications") == before
    assert second.document == first.document
    assert second.tables["coverage_changes"].num_rows == 2
    assert second.tables["coverage_changes"].equals(first.tables["coverage_changes"])


def test_a_rerun_that_changes_nothing_reads_no_table_of_a_publication(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(home.inbox, LATER)
    publish(home, prove(home))
    rewritten = replace(POLICY, entries=(replace(POLICY.entries[0], window_months=1),))
    origin = Origin("two", "", datetime(2026, 11, 2, 7, tzinfo=UTC))
    # The second publication has one before it, whose activations the outbox shows beside its own.
    made = publishing.publish(home, MONTH, prove(home, rewritten), rewritten, origin, write_outbox)
    again = prove(home, rewritten)
    monkeypatch.setattr(publications, "read_slices", lambda *_: pytest.fail("read"))
    kept = publishing.publish(home, MONTH, again, rewritten, origin, write_outbox)
    assert (made.publication.number, made.is_new, kept.is_new, kept.outbox) == (2, True, False, made.outbox)


def test_each_table_is_digested_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    proven = prove(home)
    offered, at_rest = Mock(side_effect=digest_of_slices), Mock(side_effect=content_digest)
    monkeypatch.setattr(ordered, "digest_of_slices", offered)
    monkeypatch.setattr(tables, "content_digest", at_rest)
    publish(home, proven)
    # The log of decisions is continued from what was known before: it is another table then.
    assert offered.call_count == len(PUBLISHED) + 1
    landings = tables.read(home, "landings")
    assert landings is not None
    assert all(call.args[0].equals(landings) for call in at_rest.call_args_list)


def test_a_new_file_makes_the_next_publication_with_new_versions_of_what_changed_alone(home: Home) -> None:
    first = publish(home, prove(home))
    offer(home.inbox, LATER)
    outbox = Outbox()
    second = publish(home, prove(home), outbox, run_id="two")
    assert (second.is_new, second.publication.number) == (True, 2)
    unchanged = {"rejections", "settlements", "coverage_activations", "matches"}
    assert unchanged.isdisjoint(second.changed_tables)
    assert {"payments", "dispositions", "receipts", "certificate"} <= set(second.changed_tables)
    for name in unchanged:
        assert second.publication.tables[name].version == first.publication.tables[name].version
    assert outbox.tables[BEFORE].equals(publications.read_table(home, first.publication, "coverage_activations"))
    assert publications.read_table(home, first.publication, "payments").num_rows == 5


def test_another_policy_is_a_publication_of_its_own_without_new_versions(home: Home) -> None:
    publish(home, prove(home))
    later = PolicyBook((*POLICY.entries, replace(POLICY.entries[0], effective_from="2027-01", due_day=20)))
    result = publish(home, prove(home, later), policy=later)
    assert (result.is_new, result.publication.number) == (True, 2)
    assert set(result.changed_tables) <= {"coverage_changes"}


def test_a_run_that_dies_before_the_manifest_is_made_good_by_the_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(publications, "write", die)
        with pytest.raises(KeyboardInterrupt):
            publish(home, prove(home))
    assert publications.latest(home, MONTH) is None
    result = publish(home, prove(home), run_id="two")
    assert (result.is_new, result.publication.number, result.changed_tables) == (True, 1, ())
    for name in PUBLISHED:
        assert publications.read_table(home, result.publication, name).num_rows == result.publication.tables[name].rows


def test_a_run_overtaken_by_another_landing_leaves_the_newer_receipts(home: Home) -> None:
    slow = prove(home)
    offer(home.inbox, LATER)
    publish(home, prove(home))
    newer = tables.read(home, "receipts")
    assert newer is not None
    publish(home, slow, run_id="slow")
    standing = tables.read(home, "receipts")
    assert standing is not None
    assert standing.equals(newer)
    assert standing.num_rows == len(slow["receipts"]) + 1


def test_the_certificate_is_a_function_of_files_and_policy_alone(tmp_path: Path) -> None:
    documents = []
    for run_id in ("one", "another"):
        home = Home(tmp_path / run_id)
        home.prepare()
        offer(home.inbox)
        outbox = Outbox()
        publish(home, prove(home), outbox, run_id=run_id)
        documents.append(outbox.document)
    assert documents[0] == documents[1]
    content = {key: value for key, value in documents[0].items() if key != "digest"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert documents[0]["digest"] == hashlib.sha256(canonical).hexdigest()


def test_the_certificate_names_inputs_policy_code_and_proofs(home: Home) -> None:
    outbox = Outbox()
    publish(home, prove(home), outbox)
    document = outbox.document
    assert (document["month"], document["coverage_month"], document["publication"]) == (MONTH, "2026-11", 1)
    assert {line["check"] for line in document["checks"]} == {"rows", "centavos", "activations", "lines", "settlements"}
    assert all(line["passed"] for line in document["checks"])
    accepted = [path for path in home.inbox.iterdir() if path.name not in {"notes.csv", "bank_transfers_broken.csv"}]
    assert document["inputs"] == sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in accepted)
    assert document["policy"]["due_day"] == 15
    assert document["policy_digest"] == publishing.digest_policy(POLICY)
    assert document["code_version"] == publishing.code_version()
