"""`quincena explain` over the two synthetic months: each bucket, reason and rule, told in words a person can check."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import app
from pipelines.engine import landing, publishing, stages
from pipelines.engine.publishing import Origin
from pipelines.outputs import explanation
from pipelines.rules.policy import parse_policy
from pipelines.rules.receipts import receipts
from pipelines.store.home import Home
from tests.architecture.tree import ROOT
from tests.integration.small_month import digests

pytestmark = pytest.mark.slow
MONTHS: Final = {"2026-10": datetime(2026, 11, 1, 6, tzinfo=UTC), "2026-11": datetime(2026, 12, 1, 6, tzinfo=UTC)}
POLICY: Final = parse_policy((ROOT / "policy.toml").read_text("utf-8"))


def publish(home: Home, month: str) -> None:
    """Land the month's fixtures, reconcile and publish, without an outbox."""
    landing.land(home, ROOT / "fixtures" / "months" / month / "inbox", MONTHS[month])
    issued = receipts(landing.offered(home, None))
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    proven = stages.reconcile(known, month, POLICY, publishing.last_published(home, month, POLICY))
    publishing.publish(home, month, proven, POLICY, Origin("run", "closing", MONTHS[month]), lambda *_: [])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Home(tmp_path_factory.mktemp("explained") / "home")
    made.prepare()
    for month in MONTHS:
        publish(made, month)
    return made.root


def ask(home: Path, *arguments: str, lang: str = "en") -> Result:
    return CliRunner().invoke(app, ["--home", str(home), "--lang", lang, "explain", *arguments])


def told(home: Path, *arguments: str, lang: str = "en") -> str:
    answer = ask(home, *arguments, lang=lang)
    assert (answer.exit_code, answer.stderr) == (0, "")
    return answer.stdout


def document(home: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(home, *arguments, "--json"))
    return found


def in_words(found: dict[str, Any], lang: str = "en") -> str:
    """A document as it is told: the words are made of the document alone, which took the work."""
    return "\n".join(line.text for line in explanation.told(found, lang))


HELD: Final = [
    ("AZ1020", "conflicting_rows", "its rows contradict each other: a decision match or refund"),
    ("AZ1045", "foreign_currency", "paid in USD: only pesos are confirmed"),
    ("AZ1021", "registry_conflict", "with a later updated_at that says which version holds"),
    ("AZ1025", "line_cancelled", "is cancelled: a decision match to another issued line"),
    ("AZ1026", "identity_conflict", "a decision match, once the payer has been asked"),
    ("AZ1003", "several_lines", "it would be confirmed if the amount were exactly the sum, $2,900.00; paid $2,899.99"),
    ("AZ1029", "several_registrants", "a decision match to the line of one of them"),
    ("AZ1027", "no_line_for_month", "has no issued line due in 2026-10"),
    ("AZ1028", "amount_mismatch", "line 2610AMAD01: due $1,450.00, paid $1,000.00; difference $450.00"),
    ("AZ1030", "out_of_window", "is due 2027-01, payment 2026-10: 3 months, the window is 2"),
    ("AZ1024", "unknown_registrant", "nobody is registered with it"),
    ("EI-1001", "unsettled", "does not balance (deposit_net): deposit $1,429.99, net $1,430.00, difference -$0.01"),
    ("EI-1002", "unsettled", "lacks its deposit"),
]


@pytest.mark.parametrize(("key", "reason", "cure"), HELD, ids=[f"{key}-{reason}" for key, reason, _ in HELD])
def test_what_is_held_is_told_with_the_reason_its_value_and_what_would_confirm_it(
    home: Path, key: str, reason: str, cure: str
) -> None:
    answer = told(home, key, "--month", "2026-10")
    assert f"{reason}: " in answer
    assert f"held {reason}? yes" in answer
    assert cure in answer
    assert "original " in answer


ELSEWHERE: Final = [
    ("AZ1008", "lacks $0.01, paid on 2026-10-15 at the latest"),
    ("AZ1010", "paid on 2026-10-20, after 2026-10-15: a decision accept_late"),
    ("AZ1007", "$50.00 more than line"),
    ("AZ1018", "the money went back (returned): it takes another payment"),
    ("EI-1004", "announced, not paid: a row paid of the company"),
    ("AZ1043", "nothing it says names a line or a registrant"),
    ("AZ1044", "refund: applied"),
    ("AZ1042", "refund: rejected"),
    ("AZ1011", "accept_late: applied"),
    ("AZ1002", "the text names several lines"),
    ("GP-1001", "the field is the line as it is written"),
    ("GP-1003", "the field is the line once normalised"),
    ("GP-1004", "confirmed to"),
    ("AZ1004", "the CURP names the registrant"),
    ("AZ1001", "repeats it"),
    ("GP-1005", "says a later status"),
    ("EI-1006", "is missing"),
]


@pytest.mark.parametrize(("key", "words"), ELSEWHERE, ids=[key for key, _ in ELSEWHERE])
def test_every_other_bucket_and_rule_has_its_words(home: Path, key: str, words: str) -> None:
    assert words in told(home, key, "--month", "2026-10")


LINES: Final = [
    ("2610-toma 01", "activated for 2026-11: $1,450.00 of $1,450.00"),
    ("2610ULIS01", "no payment names it: $1,450.00 on 2026-10-15 at the latest"),
    ("2610ROGE01", "register the NSS"),
    ("2610AMAD01", "decide the payment held bank_transfer|2026-10-09|BANCO AZUL|AZ1028"),
]


@pytest.mark.parametrize(("key", "words"), LINES, ids=[key for key, _ in LINES])
def test_a_line_is_found_in_any_spelling_and_told_with_its_coverage(home: Path, key: str, words: str) -> None:
    answer = told(home, key)
    assert words in answer
    assert "capture_lines_2026-10" in answer


def exceptions(home: Path) -> dict[str, str]:
    """A line for each reason of the exceptions of October."""
    path = home.parent / "exceptions.csv"
    arguments = ["--home", str(home), "table", "coverage_exceptions", "--month", "2026-10", "--output", str(path)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    header, *rows = [row.split(",") for row in path.read_text("utf-8-sig").splitlines()]
    line, reason = header.index("capture_line"), header.index("reason")
    return {row[reason]: row[line] for row in rows}


def test_the_reasons_tried_on_a_line_end_with_the_one_that_was_published(home: Path) -> None:
    found = exceptions(home)
    assert set(found) >= {"already_covered", "held", "late", "short", "returned", "unpaid", "unknown_registrant"}
    for reason, line in found.items():
        answer = document(home, line)
        told_of = answer["line"]
        assert told_of["coverage"]["reason"] == reason
        assert [tried["applies"] for tried in told_of["reasons"]].count(True) == 1
        assert told_of["reasons"][-1] == {"reason": reason, "applies": True}
        assert told_of["activated_by"][0]["code"] == f"line_{reason}"
        for lang in ("es", "en"):
            assert reason in in_words(answer, lang)


def test_a_payment_that_came_after_the_publication_of_its_line_is_told_as_such(home: Path) -> None:
    answer = document(home, exceptions(home)["unpaid"])
    line = answer["line"]
    known = document(home, line["capture_line"], "--month", "2026-10")["line"]
    assert (line["coverage"]["reason"], line["known_later"] != []) == ("unpaid", True)
    assert (known["coverage"]["reason"], known["known_later"]) == ("unpaid", [])
    assert "run it again for it to count: bank_transfer|" in in_words(answer)


def test_a_registrant_is_told_with_every_line_and_what_publications_changed(home: Path) -> None:
    nss = document(home, "2610TOMA01")["line"]["nss"]
    answer = document(home, f"{nss[:4]} {nss[4:]}")
    assert answer["kind"] == "registrant"
    assert "2610TOMA01" in {line["capture_line"] for line in answer["registrant"]["lines"]}
    assert {change["change"] for change in answer["registrant"]["changes"]} == {"activated"}
    assert "Tom" in in_words(answer)


def test_a_payment_held_for_a_person_alone_is_told_under_that_person(home: Path) -> None:
    nss = document(home, "AZ1027", "--month", "2026-10")["payment"]["findings"][0]["nss"]
    answer = document(home, nss)
    paid = {entry["payment_id"] for entry in answer["registrant"]["payments"]}
    assert "bank_transfer|2026-10-09|BANCO AZUL|AZ1027" in paid
    assert "no_line_for_month" in in_words(answer)


def test_the_chain_ends_at_the_row_of_the_original_kept_under_its_digest(home: Path) -> None:
    payment = document(home, "2026-10-09|BANCO AZUL|AZ1028")["payment"]
    row = payment["rows"][0]
    original = Home(home).originals / row["sha256"][:2] / row["sha256"]
    content = original.read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"]
    assert "AZ1028" in content.decode("utf-8-sig").splitlines()[row["row"] - 1]


def test_the_rules_tried_stop_at_the_one_that_decided(home: Path) -> None:
    rules = document(home, "AZ1028", "--month", "2026-10")["payment"]["rules"]
    assert [step["step"] for step in rules["steps"]] == ["by_line_field", "by_line_in_text", "by_registrant"]
    assert [bool(step["found"]) for step in rules["steps"]] == [False, False, True]
    assert [hold["applies"] for hold in rules["holds"]] == [False] * 6 + [True]
    assert [bucket["applies"] for bucket in rules["buckets"]] == [False] * 6 + [True]
    decided = document(home, "GP-1001", "--month", "2026-10")["payment"]["rules"]
    assert [step["step"] for step in decided["steps"]] == ["by_line_field"]
    assert not any(hold["applies"] for hold in decided["holds"])


def test_a_decision_is_cited_with_its_row_its_signers_and_why_it_does_not_count(home: Path) -> None:
    applied = document(home, "AZ1011", "--month", "2026-10")["payment"]["decisions"][0]
    assert (applied["status"], applied["decided_by"], applied["approved_by"]) == (
        "applied",
        "analista.uno",
        "jefa.dos",
    )
    assert applied["file_name"].startswith("decisions_2026-10")
    rejected = document(home, "AZ1042", "--month", "2026-10")["payment"]["decisions"][0]
    assert (rejected["status"], rejected["why"]) == ("rejected", "same_signer")


def test_spanish_is_spoken_unless_another_language_is_asked_for(home: Path) -> None:
    assert "Qué lo confirmaría" in CliRunner().invoke(app, ["--home", str(home), "explain", "AZ1028"]).stdout


def test_a_payment_id_is_found_whole_as_natural_key_and_by_its_last_part(home: Path) -> None:
    keys = ("bank_transfer|2026-10-09|BANCO AZUL|AZ1028", "2026-10-09|BANCO AZUL|AZ1028", "AZ1028")
    assert len({document(home, key)["payment"]["payment_id"] for key in keys}) == 1


def test_a_key_that_names_several_payments_is_answered_with_their_list(tmp_path: Path) -> None:
    made = Home(tmp_path / "home")
    made.prepare()
    header = (
        "operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,receiver_account,amount,"
        "currency,numeric_reference,concept,status\n"
    )
    rows = [f"2026-10-0{day},2026-10-0{day}T10:00:00-06:00,TK1,BANCO AZUL,,,,{day}.00,MXN,,,credited" for day in (5, 6)]
    (made.inbox / "bank_transfers_1.csv").write_text(header + "\n".join(rows) + "\n", "utf-8")
    landing.land(made, made.inbox, MONTHS["2026-10"])
    issued = receipts(landing.offered(made, None))
    known = {name: landing.load_known_rows(made, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known |= {"landed_receipts": issued, "read_rejections": landing.load_rejections(made, issued)}
    proven = stages.reconcile(known, "2026-10", POLICY, None)
    publishing.publish(made, "2026-10", proven, POLICY, Origin("run", "", MONTHS["2026-10"]), lambda *_: [])
    answer = ask(made.root, "TK1")
    assert answer.exit_code == 2
    assert "names 2 things" in answer.stderr
    assert [line.split()[0] for line in answer.stdout.splitlines()] == ["payment", "payment"]
    assert "$5.00" in answer.stdout
    listed = json.loads(ask(made.root, "TK1", "--json").stdout)["ambiguous"]
    assert [entry["amount_centavos"] for entry in listed] == [500, 600]
    assert document(made.root, "2026-10-05|BANCO AZUL|TK1")["payment"]["suggestions"] == []


UNKNOWN: Final = [
    ("nothing such", ""),
    ("", ""),
    ("2026-10-09|BANCO AZUL|NADA", "looks like a payment"),
    ("LINEADENADIE1", "not in the registry"),
    ("12345678900", "wrong check digit"),
    ("12345678903", "looks like an NSS"),
]


@pytest.mark.parametrize(("key", "hint"), UNKNOWN)
def test_an_unknown_key_is_wrong_usage_told_with_a_hint_and_never_repeated(home: Path, key: str, hint: str) -> None:
    answer = ask(home, key)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert hint in answer.stderr
    assert not key or key not in answer.stderr


def test_a_home_or_month_without_a_publication_is_told(home: Path, tmp_path: Path) -> None:
    nothing = ask(tmp_path, "AZ1028")
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    month = ask(home, "AZ1028", "--month", "2026-12")
    assert month.exit_code == 1
    assert "2026-12 has no publication" in month.stderr
    assert ask(home, "AZ1028", "--month", "2026-10..2026-11").exit_code == 2


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("tables/dispositions/month=2026-10/*.parquet", "table dispositions of 2026-10"),
        ("tables/payments/_delta_log/*.json", "table payments"),
        ("landed/bank_transfers/*.rows.parquet", "landed rows"),
        ("publications/2026-10/*.json", "the manifest of publication 1 of 2026-10"),
    ],
)
def test_nothing_is_explained_out_of_a_file_in_which_a_bit_was_flipped(
    home: Path, tmp_path: Path, pattern: str, named: str
) -> None:
    copy = Path(shutil.copytree(home, tmp_path / "home"))
    for path in copy.glob(pattern):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.chmod(0o644)
        path.write_bytes(bytes(content))
    for lang, words in (("en", "No answer is given"), ("es", "No se responde")):
        answer = ask(copy, "AZ1028", "--month", "2026-10", lang=lang)
        assert (answer.exit_code, answer.stdout) == (1, "")
        assert words in answer.stderr
        assert named in answer.stderr
        assert "quincena verify" in answer.stderr


def test_explaining_changes_nothing_and_loads_no_dagster(home: Path) -> None:
    before = digests(home)
    code = (
        "import sys; from pipelines.cli import app; from typer.testing import CliRunner; "
        f"r = CliRunner().invoke(app, ['--home', {str(home)!r}, 'explain', 'AZ1028']); "
        "print(r.exit_code, 'dagster' in sys.modules, 'pipelines.readers' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.split() == ["0", "False", "False"]
    assert digests(home) == before


def test_on_a_terminal_what_is_long_is_broken_under_its_own_indentation(home: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "--home", str(home), "explain", "AZ1028"]
    environment = {**os.environ, "COLUMNS": "60", "TERM": "xterm"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                block = os.read(ours, 65536)
            except OSError:
                break
            if not block:
                break
            shown += block
    os.close(ours)
    assert process.returncode == 0
    lines = shown.decode().splitlines()
    assert b"\x1b[1m" in shown
    assert max(len(line.replace("\x1b[1m", "").replace("\x1b[0m", "")) for line in lines) <= 60
