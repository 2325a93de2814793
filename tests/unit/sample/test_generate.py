from __future__ import annotations

import ast
import csv
import hashlib
import json
import pathlib
from collections import Counter, defaultdict

import pytest

import pipelines.sample
from pipelines.sample import SampleSummary, generate

Rows = list[dict[str, str]]

BUCKETS = {"applied", "short", "late", "surplus", "held", "unmatched", "returned", "settlement", "pending"}
HOLD_REASONS = {
    "amount_mismatch", "conflicting_rows", "foreign_currency", "identity_conflict", "line_cancelled",
    "no_line_for_month", "out_of_window", "registry_conflict", "several_lines", "several_registrants",
    "unknown_registrant", "unsettled",
}  # fmt: skip
EXCEPTION_REASONS = {"unknown_registrant", "already_covered", "held", "late", "short", "returned", "unpaid"}


def read(path: pathlib.Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def digests(folder: pathlib.Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def first_rows(home: pathlib.Path) -> dict[str, dict[str, str]]:
    """The row a payment was laid out with, by natural key: the generator puts every other row into files of its own."""
    rows = {}
    for path in sorted((home / "inbox").glob("[br]*_*.csv")):
        laid_out = ("_semana" in path.name or "_resto_" in path.name) and not path.stem.endswith(("_copia", "_vuelta"))
        for row in read(path) if laid_out else []:
            bank = "tracking_key" in row
            columns = ("operating_date", "sender_bank", "tracking_key") if bank else ("company", "remittance_id")
            rows["|".join(row[column] for column in columns)] = row
    return rows


def centavos(row: dict[str, str]) -> int:
    return int((row.get("amount") or row["pay_amount"]).replace(".", ""))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, "2026-10", "2026-10", 2_000, 7)
    return folder


@pytest.fixture(scope="module")
def truth(home: pathlib.Path) -> dict[str, Rows]:
    return {path.stem: read(path) for path in (home / "truth").glob("*.csv")}


def test_the_same_seed_gives_the_same_bytes(tmp_path: pathlib.Path) -> None:
    first = generate(tmp_path / "a", "2026-12", "2027-01", 80, 3)
    second = generate(tmp_path / "b", "2026-12", "2027-01", 80, 3)
    assert first == second
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_another_seed_gives_other_bytes(tmp_path: pathlib.Path) -> None:
    generate(tmp_path / "a", "2026-10", "2026-10", 40, 3)
    generate(tmp_path / "b", "2026-10", "2026-10", 40, 4)
    a, b = digests(tmp_path / "a"), digests(tmp_path / "b")
    assert a["truth/dispositions.csv"] != b["truth/dispositions.csv"]
    assert not set(a.values()) & {digest for name, digest in b.items() if "_semana" in name}


def test_one_registrant_is_a_sample(tmp_path: pathlib.Path) -> None:
    summary = generate(tmp_path, "2026-10", "2026-10", 1, 1)
    assert summary.payments == 1
    assert len(read(tmp_path / "truth" / "activations.csv")) == 1


@pytest.mark.parametrize(("months", "registrants"), [(("2026-11", "2026-10"), 5), (("2026-10", "2026-10"), 0)])
def test_months_out_of_order_and_nobody_are_refused(
    tmp_path: pathlib.Path, months: tuple[str, str], registrants: int
) -> None:
    with pytest.raises(ValueError, match="at least one"):
        generate(tmp_path, *months, registrants, 1)


def test_a_sample_never_mixes_with_files_that_are_there(tmp_path: pathlib.Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "mine.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(ValueError, match="not empty"):
        generate(tmp_path, "2026-10", "2026-10", 5, 1)
    assert digests(tmp_path).keys() == {"inbox/mine.csv"}


def test_every_bucket_reason_and_rule_appears(truth: dict[str, Rows]) -> None:
    assert {row["bucket"] for row in truth["dispositions"]} == BUCKETS
    assert {row["reason"] for row in truth["dispositions"] if row["bucket"] == "held"} == HOLD_REASONS
    assert {row["reason"] for row in truth["exceptions"]} == EXCEPTION_REASONS
    assert {row["rule"] for row in truth["matches"]} == {"exact", "normalised", "text", "text_many", "nss", "curp"}
    assert {row["flag"] for row in truth["flags"]} == {"late", "early", "boundary", "over_paid", "part_paid"}
    statuses = {"balanced", "awaiting_deposit", "unbalanced", "conflicting_rows"}
    assert {row["status"] for row in truth["settlements"]} == statuses
    assert {row["clinic_status"] for row in truth["activations"]} == {"assigned", "pending"}
    assert {row["outcome"] for row in truth["receipts"]} == {"accepted", "repeated", "refused"}


def test_only_held_money_has_a_reason_and_only_confirmed_money_a_line(truth: dict[str, Rows]) -> None:
    confirmed = {"applied", "short", "late", "surplus"}
    for row in truth["dispositions"]:
        assert bool(row["reason"]) == (row["bucket"] == "held")
        assert bool(row["capture_line"]) == bool(row["nss"]) == (row["bucket"] in confirmed)


def test_the_parts_of_every_payment_sum_to_the_amount_in_its_file(home: pathlib.Path, truth: dict[str, Rows]) -> None:
    parts: Counter[str] = Counter()
    for row in truth["dispositions"]:
        parts[row["natural_key"]] += int(row["amount_centavos"])
    assert dict(parts) == {key: centavos(row) for key, row in first_rows(home).items()}


def test_money_sums_the_rows_of_the_inbox_by_currency(home: pathlib.Path, truth: dict[str, Rows]) -> None:
    told: Counter[str] = Counter()
    for row in truth["money"]:
        told[row["currency"]] += int(row["amount_centavos"])
    written: Counter[str] = Counter()
    for row in first_rows(home).values():
        written[row.get("currency") or row["pay_currency"]] += centavos(row)
    assert told == written
    assert set(told) == {"MXN", "USD"}


def test_every_line_is_activated_or_excepted_once(truth: dict[str, Rows]) -> None:
    lines = [row["capture_line"] for table in ("activations", "exceptions") for row in truth[table]]
    assert len(lines) == len(set(lines))
    people = Counter((row["month"], row["nss"]) for row in truth["activations"])
    assert set(people.values()) == {1}


def test_every_activation_cites_applied_money_of_what_is_due(truth: dict[str, Rows]) -> None:
    applied: Counter[str] = Counter()
    for row in truth["dispositions"]:
        if row["bucket"] == "applied":
            applied[row["capture_line"]] += int(row["amount_centavos"])
    assert applied == {row["capture_line"]: int(row["amount_due_centavos"]) for row in truth["activations"]}


def test_every_file_has_one_receipt_that_counts_its_rows(home: pathlib.Path, truth: dict[str, Rows]) -> None:
    receipts = {row["file_name"]: row for row in truth["receipts"]}
    assert len(receipts) == len(truth["receipts"])
    assert receipts.keys() == {path.name for path in (home / "inbox").iterdir()}
    for name, receipt in receipts.items():
        if receipt["outcome"] == "accepted":
            assert len(read(home / "inbox" / name)) == int(receipt["rows"]), name


def test_no_two_accepted_files_have_the_same_rows(home: pathlib.Path, truth: dict[str, Rows]) -> None:
    contents: defaultdict[frozenset[tuple[tuple[str, str], ...]], list[str]] = defaultdict(list)
    for receipt in truth["receipts"]:
        if receipt["outcome"] != "refused" and receipt["rows"] != "0":
            rows = read(home / "inbox" / receipt["file_name"])
            contents[frozenset(tuple(sorted(row.items())) for row in rows)].append(receipt["outcome"])
    assert {tuple(sorted(outcomes)) for outcomes in contents.values()} == {("accepted",), ("accepted", "repeated")}


def test_files_and_people_come_in_the_forms_senders_use(home: pathlib.Path) -> None:
    contents = [path.read_bytes() for path in (home / "inbox").iterdir()]
    assert any(content.startswith(b"\xef\xbb\xbf") for content in contents)
    assert any(b"\r\n" in content for content in contents)
    assert any(b',"' in content for content in contents)


def test_the_summary_counts_what_the_truth_lists(home: pathlib.Path, truth: dict[str, Rows]) -> None:
    told = json.loads((home / "truth" / "summary.json").read_text(encoding="utf-8"))
    assert told["files"] == len(truth["receipts"])
    assert told["payments"] == len({row["natural_key"] for row in truth["dispositions"]})
    assert told["centavos"] == sum(int(row["amount_centavos"]) for row in truth["money"] if row["currency"] == "MXN")
    assert sum(told["scenarios"].values()) == told["registrants"] == 2_000
    assert SampleSummary(told["files"], told["payments"], told["centavos"]).files > 50


def test_the_generator_shares_no_code_with_what_it_tests() -> None:
    folder = pathlib.Path(pipelines.sample.__file__).parent
    imported = {
        name
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    ours = {name for name in imported if name.split(".")[0] in {"pipelines", "schemas"}}
    assert ours
    assert {".".join(name.split(".")[:2]) for name in ours} == {"pipelines.sample"}
