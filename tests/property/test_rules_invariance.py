"""What must hold of every answer, whatever the world."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache

import pytest

from tests.property import oracle, product
from tests.property.oracle_world import World
from tests.property.strategies import KINDS, make_worlds, place, together

SEEDS = [7, 11]
WORLDS = 8


@cache
def _world(seed: int) -> World:
    return together(make_worlds(seed, WORLDS))


@cache
def _months(seed: int) -> list[str]:
    return oracle.months_touched(oracle.reconcile(_world(seed)))


@cache
def _answer(seed: int) -> oracle.Answer:
    return product.answer(_world(seed), _months(seed))


def _without_places(answer: oracle.Answer) -> dict[str, object]:
    """The answer without what says in which file and row something stood."""
    told: dict[str, object] = dict(answer)
    told["payments"] = {key: row[:-3] for key, row in answer["payments"].items()}
    told["payment_rows"] = Counter((key[0], *row) for key, row in answer["payment_rows"].items())
    for name in ("registry_rejections", "decision_rejections"):
        told[name] = len(answer[name])
    told["decisions"] = Counter(answer["decisions"].values())
    return told


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_order_names_and_splitting_of_files_change_nothing(seed: int) -> None:
    shuffler = random.Random(seed)
    moved = World(policies=_world(seed).policies)
    for kind in KINDS:
        rows = [dict(row) for row in getattr(_world(seed), kind)]
        shuffler.shuffle(rows)
        place(rows, f"otro_{kind}", [shuffler.choice([0, 1, 2]) for _ in rows])
        setattr(moved, kind, rows)
    assert _without_places(product.answer(moved, _months(seed))) == _without_places(_answer(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_parts_of_each_payment_are_positive_and_sum_to_its_amount(seed: int) -> None:
    answer = _answer(seed)
    sums: Counter[object] = Counter()
    for (payment_id, _, _), (_, amount, *_) in answer["dispositions"].items():
        assert isinstance(amount, int)
        assert amount > 0
        sums[payment_id] += amount
    assert sums == {key[0]: row[2] for key, row in answer["payments"].items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_money_of_each_channel_currency_and_month_is_all_in_buckets(seed: int) -> None:
    answer = _answer(seed)
    channels = {key[0]: row[0] for key, row in answer["payments"].items()}
    received: Counter[object] = Counter()
    for channel, _, amount, currency, _, _, _, month, *_ in answer["payments"].values():
        received[channel, currency, month] += int(str(amount))
    spread: Counter[object] = Counter()
    for key, (_, amount, currency, _, _, month) in answer["dispositions"].items():
        spread[channels[key[0]], currency, month] += int(str(amount))
    assert spread == received


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_every_issued_line_due_is_activated_or_excepted_once_and_no_registrant_twice(seed: int) -> None:
    answer = _answer(seed)
    known = oracle.reconcile(_world(seed)).known
    issued = Counter((line.due_month, line.capture_line) for line in known.lines.values() if line.status == "issued")
    activated = [(key[0], row[7]) for key, row in answer["coverage_activations"].items()]
    assert Counter(activated) + Counter(answer["coverage_exceptions"].keys()) == issued
    covered = [(row[0], key[1]) for key, row in answer["coverage_activations"].items()]
    assert len(covered) == len(set(covered))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_payment_that_names_nobody_changes_nothing_else(seed: int) -> None:
    row = {
        **dict.fromkeys(["sender_account", "sender_name", "receiver_account", "numeric_reference"], ""),
        "operating_date": date(2026, 10, 12),
        "credited_at": datetime(2026, 10, 12, 18, tzinfo=UTC),
        "credited_written_on": date(2026, 10, 12),
        "tracking_key": "AJENA",
        "sender_bank": "BANCO AJENO",
        "amount_centavos": 10_000,
        "currency": "MXN",
        "concept": "RENTA DE OCTUBRE",
        "status": "credited",
    }
    place([row], "ajeno", [0])
    world = _world(seed)
    joined = World(**{**vars(world), "bank_transfers": [*world.bank_transfers, row]})
    payment_id = "bank_transfer|2026-10-12|BANCO AJENO|AJENA"
    for name, rows in product.answer(joined, _months(seed)).items():
        others = {key: told for key, told in rows.items() if key[0] != payment_id}
        assert others == _answer(seed)[name], name
        if name in {"payments", "dispositions", "payment_rows"}:
            assert len(rows) == len(others) + 1
