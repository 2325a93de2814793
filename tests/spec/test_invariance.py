"""The result never depends on the order, number, names or splitting of the files (CONTRACT §5, §11)."""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING, Final

import pandas as pd
import pytest

from pipelines.engine import stages
from tests.spec.areas.proofs import GOOD_MONTH
from tests.spec.build import policy_of, rows_of, tables_of

if TYPE_CHECKING:
    from tests.spec.case import Row, Rows

LATER = "2026-09-20T12:00:00Z"
MORE: Final[Rows] = {
    "registrants": [{"who": "ana", "email": "a@example.mx"}, {"who": "beto", "umf": "9", "updated_at": LATER}],
    "capture_lines": [
        {"line": "ana oct26", "of": "ana"},
        {"line": "BETO-OLD26", "of": "beto", "coverage_month": "2026-10"},
        {"line": "BETO-NOV26", "of": "beto", "coverage_month": "2026-12"},
        {"line": "BETO-NOV26", "of": "beto", "coverage_month": "2026-12", "status": "cancelled"},
    ],
    "bank_transfers": [
        {"key": "T5", "sender_name": "Elena"},
        {"key": "T6", "amount": "1000.00", "concept": "ANAOCT26 BETOOCT26"},
        {"key": "T7", "concept": "<ana.nss>"},
        {"key": "T7", "concept": "<ana.nss> BETONOV26"},
        {"key": "T8", "concept": "BETONOV26"},
        {"key": "T9", "concept": "BETOOLD26", "amount": "100.00"},
    ],
    "remittances": [
        {"key": "R4", "status": "pending", "message": "<beto.curp>"},
        {"key": "R4", "status": "paid", "message": "<beto.curp>", "nss": "<beto.nss>", "settlement_id": "S2"},
        {"key": "R5", "capture_line": "ANA-OCT26", "fee": "1.00"},
        {"key": "R5", "capture_line": "ANA-OCT26"},
        {"key": "R6", "sent_at": "2026-10-16T01:00:00-04:00", "capture_line": "ANA-OCT26"},
        {"key": "R6", "sent_at": "2026-10-16T05:00:00Z", "capture_line": "ANA-OCT26"},
        {"key": "R7", "status": "cancelled", "capture_line": "ANA-OCT26"},
        {"key": "R7", "status": "refunded", "nss": "<ana.nss>"},
        {"key": "R7", "status": "paid", "message": "hola"},
    ],
    "settlements": [{"key": "S2", "settled_on": "2026-10-12"}, {"key": "S4", "bank_tracking_key": "LUMP-S1"}],
    "decisions": [
        {"payment": "T6", "action": "match", "capture_line": "ANAOCT26"},
        {"payment": "T2", "action": "refund"},
        {"payment": "T7", "action": "match", "capture_line": "BETOOCT26", "decided_at": "2026-10-21T12:00:00Z"},
    ],
}
PROVENANCE: Final = [
    "file_name",
    "sha256",
    "sheet",
    "row",
    "source_file",
    "source_sha256",
    "source_sheet",
    "source_row",
]
COMPARED: Final = (
    "registrants", "capture_lines", "payment_facts", "claims", "payments", "payment_rows", "deposits", "settlements",
    "findings", "payment_standings", "matches", "decision_rejections", "registry_rejections", "parts", "line_standings",
    "dispositions", "suggestions", "payment_flags", "coverage_activations", "coverage_exceptions", "coverage_changes",
)  # fmt: skip


def mixed_rows() -> dict[str, pd.DataFrame]:
    """A month with every kind of row and every way in which rows of one payment can meet."""
    given: dict[str, list[Row]] = {kind: [*rows, *MORE[kind]] for kind, rows in GOOD_MONTH.given.items()}
    return rows_of(given)


def reconciled(rows: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    tables = stages.reconcile(tables_of(rows), GOOD_MONTH.month, policy_of(GOOD_MONTH))
    assert tables["certificate"]["passed"].all()
    return {name: without_provenance(tables[name]) for name in COMPARED}


def without_provenance(table: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in table.columns if name not in PROVENANCE]
    return table[columns].sort_values(columns, ignore_index=True)


@functools.cache
def in_order() -> dict[str, pd.DataFrame]:
    return reconciled(mixed_rows())


def rearranged(rows: pd.DataFrame, kind: str, seed: int) -> pd.DataFrame:
    """The rows in another order, dealt out to up to four files of other names and digests, in other places."""
    chance = random.Random(seed)
    order = chance.sample(range(len(rows)), len(rows))
    files = [f"{chance.getrandbits(64):016x}-{kind}" for _ in range(chance.randint(1, 4))]
    dealt = [chance.choice(files) for _ in order]
    return rows.iloc[order].assign(
        sha256=pd.Series(dealt, dtype="str").to_numpy(),
        file_name=pd.Series([f"{kind}_{name}.csv" for name in dealt], dtype="str").to_numpy(),
        row=chance.sample(range(2, 900), len(rows)),
    ).astype({"sha256": "str", "file_name": "str"}).reset_index(drop=True)  # fmt: skip


def test_the_mixed_month_has_every_bucket_and_several_holds() -> None:
    dispositions = in_order()["dispositions"]
    assert {"applied", "late", "surplus", "held", "unmatched", "returned", "refund_due", "settlement"} <= set(
        dispositions["bucket"]
    )
    assert len(set(dispositions["reason"])) > 3


@pytest.mark.parametrize("seed", range(6))
def test_order_number_names_and_splitting_of_files_change_nothing(seed: int) -> None:
    rows = {kind: rearranged(frame, kind, seed) for kind, frame in mixed_rows().items()}
    found = reconciled(rows)
    for name, expected in in_order().items():
        pd.testing.assert_frame_equal(found[name], expected, obj=name)
