# ruff: noqa: E501 - a record of a file stands on one line
"""What comes a night later and turns what was decided: a night finds all of it, as a whole run does."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pipelines.defs.location import POLICY
from pipelines.defs.resources import load_policy
from pipelines.engine import landing, offering, publishing
from pipelines.engine.nights import months
from pipelines.store import publications
from pipelines.store.home import Home
from tests.integration.small_month import FILES, MONTH, RECEIVED_AT, offer
from tests.property import nightly

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow
REGISTRANTS: Final = (
    "nss,curp,full_name,email,postal_code,state,municipality,umf,monthly_income,occupation,registered_on,updated_at\n"
)
LINES: Final = "capture_line,nss,coverage_month,amount_due,issued_on,expires_on,status,updated_at\n"
BANK: Final = "operating_date,credited_at,tracking_key,sender_bank,sender_account,sender_name,receiver_account,amount,currency,numeric_reference,concept,status\n"
REMITTANCES: Final = "company,remittance_id,settlement_id,status,sent_at,sender_name,send_amount,send_currency,fx_rate,pay_amount,pay_currency,fee,capture_line,nss,curp,message\n"
SETTLEMENTS: Final = (
    "company,settlement_id,settled_on,items,gross_amount,fee_amount,net_amount,currency,sender_bank,bank_tracking_key\n"
)
DECISIONS: Final = "payment_id,action,capture_line,reason,decided_by,approved_by,decided_at\n"

EARLY: Final[Mapping[str, str]] = {
    "bank_transfers_early.csv": BANK
    + "2026-10-08,2026-10-08T10:00:00-06:00,TK0007,BANCO AZUL,,,,1200.00,MXN,,para LINEA00009,credited\n"
    + "2026-10-09,2026-10-09T10:00:00-06:00,TK0008,BANCO AZUL,,,,55.00,MXN,,nada de nada,credited\n",
}
"""Beside the small month: a payment for a line that nobody has issued, and one of nobody."""

LATE: Final[Mapping[str, tuple[str, str]]] = {
    "a line that an old text named in vain": (
        "capture_lines_2.csv",
        LINES + "LINEA00009,12345678903,2026-12,1200.00,2026-09-25,,issued,2026-09-25T10:00:00-06:00\n",
    ),
    "a line that makes an old text name two": (
        "capture_lines_2.csv",
        LINES + "DEQUETZALLI,12345678903,2026-12,1450.00,2026-09-25,,issued,2026-09-25T10:00:00-06:00\n",
    ),
    "another version of a line, as new": (
        "capture_lines_2.csv",
        LINES + "LINEA00001,92919084431,2026-11,1400.00,2026-09-25,,issued,2026-09-25T10:00:00-06:00\n",
    ),
    "another version of a registrant, as new": (
        "registrants_2.csv",
        REGISTRANTS + "92919084431,BOXW310820HNERXN09,QUETZALLI OTRA,,,,,,,,2026-01-05,2026-01-05T10:00:00-06:00\n",
    ),
    "a second payment of a line": (
        "bank_transfers_2.csv",
        BANK + "2026-10-05,2026-10-05T10:00:00-06:00,TK0010,BANCO AZUL,,,,1450.00,MXN,,LINEA00001,credited\n",
    ),
    "the return of a payment": (
        "bank_transfers_2.csv",
        BANK + "2026-10-06,2026-10-20T10:00:00-06:00,TK0001,BANCO AZUL,,,,1450.00,MXN,,,returned\n",
    ),
    "another amount of a payment": (
        "bank_transfers_2.csv",
        BANK + "2026-10-06,2026-10-06T10:00:00-06:00,TK0001,BANCO AZUL,,,,1451.00,MXN,,LINEA00001,credited\n",
    ),
    "the return of a deposit": (
        "bank_transfers_2.csv",
        BANK + "2026-10-14,2026-10-20T10:00:00-06:00,TK0003,BANCO ROJO,,,,1430.00,MXN,,,returned\n",
    ),
    "a second version of a settlement": (
        "settlements_2.csv",
        SETTLEMENTS + "GIROS,L1,2026-10-14,1,1450.00,21.00,1429.00,MXN,BANCO ROJO,TK0003\n",
    ),
    "a settlement of which a payment was the deposit": (
        "settlements_2.csv",
        SETTLEMENTS + "GIROS,L2,2026-10-09,1,60.00,5.00,55.00,MXN,BANCO AZUL,TK0008\n",
    ),
    "one more remittance under a settlement": (
        "remittances_2.csv",
        REMITTANCES + "GIROS,R2,L1,paid,2026-10-10T09:00:00-05:00,,,,,100.00,MXN,,,,,nada\n",
    ),
    "a decision on a payment": (
        "decisions_2.csv",
        DECISIONS
        + "bank_transfer|2026-10-07|BANCO AZUL|TK0002,match,LINEA00003,revisado,ana,luis,2026-10-20T10:00:00-06:00\n",
    ),
    "a payment of nobody": (
        "bank_transfers_2.csv",
        BANK + "2026-10-05,2026-10-05T10:00:00-06:00,TK0011,BANCO AZUL,,,,9.00,MXN,,nada,credited\n",
    ),
}
"""What it is → the name of its file and the file."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after a run in shards."""
    home = Home(tmp_path_factory.mktemp("first") / "home")
    home.prepare()
    landing.land(home, offer(home.inbox, {**FILES, **EARLY}), RECEIVED_AT)
    nightly.Programme(home, load_policy(POLICY), shards=2).publish_whole()
    return home


@pytest.mark.parametrize("what", LATE)
def test_a_night_finds_all_that_turns(first: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(months, "MOST", 1.0)
    home = Home(Path(shutil.copytree(first.root, tmp_path / "home", symlinks=True)))
    name, content = LATE[what]
    landing.land(home, offer(home.inbox, {name: content}), RECEIVED_AT + timedelta(days=1))
    programme = nightly.Programme(home, load_policy(POLICY), number=1)
    whole, night = programme.whole(), programme.night()
    assert nightly.differing(nightly.taken(night), whole) == []
    last = publications.latest(home, MONTH)
    assert last is not None
    digests = offering.digests_of(offering.slices(MONTH, whole))
    turned = {table for table in publishing.BY_MONTH if digests[table] != last.tables[table].digest}
    assert turned - {"certificate", "coverage_changes"}
