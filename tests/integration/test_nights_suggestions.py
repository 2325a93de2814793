"""What comes a night later and turns what a waiting payment may mean, though nothing names or touches that payment."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pipelines.defs.location import POLICY
from pipelines.defs.resources import load_policy
from pipelines.engine import landing, offering
from pipelines.engine.nights import months
from pipelines.engine.sharding import suggesting
from pipelines.store import publications
from pipelines.store.home import Home
from tests.integration.small_month import FILES, MONTH, RECEIVED_AT, offer
from tests.integration.test_nights_attacked import BANK, LINES, REGISTRANTS
from tests.property import nightly
from tests.spec.cast import curp_of, nss_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def nss(number: int) -> str:
    return nss_of(f"92919{number:05d}")


def registrant(number: int, name: str) -> str:
    curp = curp_of(f"BOXW3108{number % 28 + 1:02d}HNERXN{number // 28}")
    return f"{nss(number)},{curp},{name},,,,,,,,2026-01-05,2026-01-05T10:00:00-06:00\n"


def line(name: str, number: int, amount: str = "700.00", status: str = "issued", day: int = 5) -> str:
    return f"{name},{nss(number)},2026-11,{amount},2026-09-25,,{status},2026-09-{day:02d}T10:00:00-06:00\n"


def payment(key: str, text: str, amount: str = "50.00", sender: str = ",") -> str:
    return f"2026-10-08,2026-10-08T10:00:00-06:00,{key},BANCO AZUL,{sender},,{amount},MXN,,{text},credited\n"


SEVEN: Final = ("ALBA", "BRUNO", "CLARA", "DARIO", "ELENA", "FELIX", "GLORIA")
"""Words that one registrant each is called by. Of two more there are two: the last is not among the rarest eight."""

EARLY: Final = {
    **FILES,
    "registrants_9.csv": REGISTRANTS
    + "".join(registrant(number, f"{word} UNICA{word}") for number, word in enumerate(SEVEN, 1))
    + registrant(8, "ROSA VERDE")
    + registrant(9, "ROSA VERDE")
    + registrant(10, "PETRA LIMON")
    + "".join(registrant(number, f"FAMILIAR NUMERO{'ABC'[number - 21]}") for number in (21, 22, 23)),
    "capture_lines_9.csv": LINES
    + "".join(line(f"PALABRA000{number}", number, "900.00") for number in range(1, 10))
    + line("CERCANA00070", 20)
    + line("FAMILIAUNO1", 21, "1450.00")
    + line("FAMILIADOS2", 22, "1200.00")
    + line("FAMILIATRES3", 23, "333.00")
    + "".join(line(f"MULTITUD{number:04d}", 100 + number) for number in range(1, 11))
    + "".join(line(f"GENTIOAL{number:04d}", 200 + number) for number in range(1, 12))
    + "".join(line(f"TROPELIA{number:04d}", 300 + number) for number in range(1, 17)),
    "bank_transfers_9.csv": BANK
    + payment("ESPERA01", "CERCANA00071")
    + payment("ESPERA02", "LEJANA000081")
    + payment("ESPERA03", "nada", "2650.00", "002010077777777771,")
    + payment("ESPERA04", "nada", "1899.00", "002010088888888882,")
    + payment("ESPERA05", "MULTITUD")
    + payment("ESPERA06", "GENTIOAL")
    + payment("ESPERA07", "TROPELIA")
    + payment("ESPERA08", " ".join([*SEVEN, "ROSA", "VERDE"]), "900.00")
    + payment("ESPERA09", "nada", "777.00", ",PETRA LIMON")
    + payment("PAGADO01", "FAMILIAUNO1", "1.00", "002010077777777771,")
    + payment("PAGADO02", "FAMILIAUNO1", "1.00", "002010088888888882,")
    + payment("PAGADO03", "FAMILIATRES3", "1.00", "002010088888888882,"),
}
"""Lines and payments that wait; whoever pays something of a line confirms for whom he pays."""


def lines(*rows: str) -> tuple[str, str]:
    return "capture_lines_2.csv", LINES + "".join(rows)


LATE: Final = {
    "a line that a text is nearly": ("ESPERA02", lines(line("LEJANA000082", 30))),
    "a line cancelled that a text is nearly": ("ESPERA01", lines(line("CERCANA00070", 20, status="cancelled", day=9))),
    "a payment for one more of a family": (
        "ESPERA03",
        ("bank_transfers_2.csv", BANK + payment("PAGADO09", "FAMILIADOS2", "1.00", "002010077777777771,")),
    ),
    "another amount of a line of a family": ("ESPERA04", lines(line("FAMILIATRES3", 23, "449.00", day=9))),
    "an eleventh line that begins alike": ("ESPERA05", lines(line("MULTITUD0011", 111))),
    "one line less that begins alike": (
        "ESPERA06",
        lines(line("GENTIOAL0001", 201, status="cancelled", day=9)),
    ),
    "so many lines less that begin alike that only few are left": (
        "ESPERA07",
        lines(*(line(f"TROPELIA{number:04d}", 300 + number, status="cancelled", day=9) for number in range(1, 12))),
    ),
    "names that make other words rare": (
        "ESPERA08",
        lines(*(line(f"COMUN00000{number}", 40 + number, "900.00") for number in range(1, 7))),
    ),
    "a line of the amount of somebody who is called like the sender": (
        "ESPERA09",
        lines(line("LLAMADO0001", 10, "777.00")),
    ),
}
"""What it is → the payment of which suggestions turn, and the file; registrants of common names come with it."""

COMMON: Final = REGISTRANTS + "".join(
    registrant(40 + number, f"{word} OTRA{word}") for number, word in enumerate(["ALBA", "BRUNO", "CLARA"] * 2, 1)
)
"""Nobody of these shares two words with the text."""

CROSSED: Final = "so many lines less that begin alike that only few are left"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after a run in shards."""
    home = Home(tmp_path_factory.mktemp("first") / "home")
    home.prepare()
    landing.land(home, offer(home.inbox, EARLY), RECEIVED_AT)
    nightly.Programme(home, load_policy(POLICY)).publish_whole()
    return home


@pytest.mark.parametrize("what", LATE)
def test_a_night_looks_anew_for_whom_something_turned(
    first: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(months, "MOST", 1.0)
    looked = _watched(monkeypatch)
    home = Home(Path(shutil.copytree(first.root, tmp_path / "home", symlinks=True)))
    key, (name, content) = LATE[what]
    more = {"registrants_2.csv": COMMON} if "COMUN" in content else {}
    landing.land(home, offer(home.inbox, {name: content, **more}), RECEIVED_AT + timedelta(days=1))
    programme = nightly.Programme(home, load_policy(POLICY), number=1)
    whole, night = programme.whole(), programme.night()
    assert nightly.differing(nightly.taken(night), whole) == []
    assert looked == (["all"] if what == CROSSED else [])
    last = publications.latest(home, MONTH)
    assert last is not None
    before = publications.read_table(home, last, "suggestions").to_pandas()
    now = offering.slices(MONTH, whole)["suggestions"].to_pandas()
    mine = [table[table["payment_id"].str.endswith(key)].to_dict("records") for table in (before, now)]
    assert mine[0] != mine[1]


def _watched(monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Told as often as suggestions are looked for anew among all lines, for all."""
    told: list[str] = []
    everything = suggesting.suggest

    def suggest(*arguments: object) -> object:
        told.append("all")
        return everything(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(suggesting, "suggest", suggest)
    return told
