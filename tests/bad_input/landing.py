"""Files offered to a fresh home as a sender would offer them, and what is then told of each; canonical files to spoil.

``offer`` lands bytes through the landing of the product and gives receipts, rejections and rows; ``reconciled`` also
runs every stage of a month over them. ``record`` and ``canonical`` write canonical files whose one row is sound but
for the fields given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.engine import stages
from pipelines.engine.landing import LandingReport, land, load_known_rows, load_rejections, offered
from pipelines.rules.policy import parse_policy
from pipelines.rules.receipts import receipts
from pipelines.sample.identifiers import with_clabe_digit, with_curp_digit, with_luhn_digit
from pipelines.store.home import Home
from tests.bad_input import lint

RECEIVED_AT: Final = datetime(2026, 11, 1, 6, tzinfo=UTC)
MONTH: Final = "2026-10"
POLICY: Final = parse_policy((Path(__file__).parents[2] / "policy.toml").read_text("utf-8"))


def nss_of(body: int) -> str:
    """The NSS of ten digits (a number below 10**10) and its check digit."""
    return bytes(with_luhn_digit(np.array([body]))[0]).decode("ascii")


def curp_of(body: str) -> str:
    """The CURP of 17 characters and its check digit."""
    codes = np.frombuffer(body.encode("latin-1"), np.uint8)[None, :]
    return bytes(with_curp_digit(codes)[0]).decode("latin-1")


def clabe_of(body: int) -> str:
    """The CLABE of 17 digits (a number) and its check digit."""
    return bytes(with_clabe_digit(np.array([body]))[0]).decode("ascii")


NSS: Final = nss_of(417_055_0831)
OTHER_NSS: Final = nss_of(238_861_9074)
CURP: Final = curp_of("ZUXQ850417MNEMLT0")
OTHER_CURP: Final = curp_of("ALCT790302HNERXM0")
CLABE: Final = clabe_of(2_180_041_763_920_518)
LINE: Final = "OCT26QUETZ0001"
OTHER_LINE: Final = "OCT26TIMOT0002"
NAME: Final = "QUETZALLI ZUMAYA PEÑA"
OTHER_NAME: Final = "TIMOTEO ALCARAVAN"

SOUND: Final[Mapping[str, Mapping[str, str]]] = {
    "registrants": {
        "nss": NSS,
        "curp": CURP,
        "full_name": NAME,
        "email": "zumaya@example.org",
        "postal_code": "06600",
        "state": "CDMX",
        "municipality": "Cuauhtémoc",
        "umf": "UMF 12",
        "monthly_income": "12000.00",
        "occupation": "COCINERA",
        "registered_on": "2026-01-05",
        "updated_at": "2026-01-05T10:00:00-06:00",
    },
    "capture_lines": {
        "capture_line": LINE,
        "nss": NSS,
        "coverage_month": "2026-11",
        "amount_due": "1450.00",
        "issued_on": "2026-09-25",
        "expires_on": "",
        "status": "issued",
        "updated_at": "2026-09-25T10:00:00-06:00",
    },
    "bank_transfers": {
        "operating_date": "2026-10-06",
        "credited_at": "2026-10-06T10:00:00-06:00",
        "tracking_key": "TK0001",
        "sender_bank": "BANCO AZUL",
        "sender_account": CLABE,
        "sender_name": NAME,
        "receiver_account": "",
        "amount": "1450.00",
        "currency": "MXN",
        "numeric_reference": "",
        "concept": LINE,
        "status": "credited",
    },
    "remittances": {
        "company": "GIROS",
        "remittance_id": "R1",
        "settlement_id": "L1",
        "status": "paid",
        "sent_at": "2026-10-10T09:00:00-05:00",
        "sender_name": NAME,
        "send_amount": "80.00",
        "send_currency": "USD",
        "fx_rate": "18.125",
        "pay_amount": "1450.00",
        "pay_currency": "MXN",
        "fee": "20.00",
        "capture_line": LINE,
        "nss": NSS,
        "curp": CURP,
        "message": "pago de octubre",
    },
    "settlements": {
        "company": "GIROS",
        "settlement_id": "L1",
        "settled_on": "2026-10-14",
        "items": "1",
        "gross_amount": "1450.00",
        "fee_amount": "20.00",
        "net_amount": "1430.00",
        "currency": "MXN",
        "sender_bank": "BANCO ROJO",
        "bank_tracking_key": "TK0009",
    },
    "decisions": {
        "payment_id": "bank_transfer|2026-10-06|BANCO AZUL|TK0001",
        "action": "match",
        "capture_line": LINE,
        "reason": "La línea es la de su recibo",
        "decided_by": "ana",
        "approved_by": "luis",
        "decided_at": "2026-10-20T10:00:00-06:00",
    },
}
"""Kind of file → the fields of a sound row in the order of the contract."""


def header(kind: str) -> str:
    """The header of a canonical file, without a line end."""
    return ",".join(SOUND[kind])


def record(kind: str, **fields: str) -> str:
    """A sound record but for ``fields``, without a line end; a field is quoted where it needs it."""
    unknown = set(fields) - set(SOUND[kind])
    assert not unknown, f"{kind} has no {unknown}"
    return ",".join(_quoted(text) for text in {**SOUND[kind], **fields}.values())


def canonical(kind: str, *records: str) -> bytes:
    """A whole canonical file of these records; without any, of one sound record."""
    return "\n".join([header(kind), *(records or (record(kind),)), ""]).encode()


def row_file(kind: str, **fields: str) -> bytes:
    """A whole canonical file of one record, sound but for ``fields``."""
    return canonical(kind, record(kind, **fields))


def registry(**fields: str) -> dict[str, bytes]:
    """The files of one sound registrant and one sound capture line; ``fields`` change the line."""
    return {
        "registrants_1.csv": canonical("registrants"),
        "capture_lines_1.csv": row_file("capture_lines", **fields),
    }


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


class Told(NamedTuple):
    """What the receipt of a file says."""

    outcome: str
    reason: str
    rows: int
    rejected_rows: int
    layout: str
    amount_centavos: int


class Fault(NamedTuple):
    """Why a row is rejected."""

    column: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Offered:
    """A home into which files were landed."""

    home: Home
    report: LandingReport

    @cached_property
    def receipts(self) -> pd.DataFrame:
        """The ``Receipt`` of every file ever offered to the home, this time included."""
        return receipts(offered(self.home, None))

    @cached_property
    def rejected(self) -> pd.DataFrame:
        """The ``Rejection`` rows of every accepted file."""
        return load_rejections(self.home, self.receipts)

    def receipt(self, name: str) -> Told:
        """The receipt of the one file of this name; its reason says what it must."""
        issued = self.receipts
        (found,) = issued[issued["file_name"] == name].to_dict("records")
        if found["outcome"] in {"refused", "held"}:
            assert_told(found["reason"], lint.faults_of_refusal(found["reason"], name[:200]))
        return Told(*(found[field] for field in Told._fields))

    def outcomes(self) -> dict[str, str]:
        """File name → outcome."""
        issued = self.receipts
        return dict(zip(issued["file_name"], issued["outcome"], strict=True))

    def rejections(self, name: str) -> list[dict[str, Any]]:
        """sheet, row, column, rule, reason of the rejections of a file, in its order; each reason says what it must."""
        found = self.rejected
        kept = found.loc[found["file_name"] == name, ["sheet", "row", "column", "rule", "reason"]]
        for reason in kept["reason"].unique():
            assert_told(reason, lint.faults_of_reason(reason))
        return [{str(key): value for key, value in row.items()} for row in kept.to_dict("records")]

    def rows(self, kind: str) -> pd.DataFrame:
        """The typed rows of every accepted file of a kind."""
        return load_known_rows(self.home, self.receipts, kind)


def offer(folder: Path, files: Mapping[str, bytes], received_at: datetime = RECEIVED_AT) -> Offered:
    """Land ``files`` (name → bytes) in the home under ``folder``, which is made on first use; offer again for later."""
    home = Home(folder / "home")
    home.prepare()
    for name, content in files.items():
        (home.inbox / name).write_bytes(content)
    return Offered(home, land(home, home.inbox, received_at))


def assert_told(message: str, faults: list[str]) -> None:
    """A message says what it must and shows no value of a row, whatever the case it comes from."""
    assert faults == [], message
    assert lint.values_in(message, CANARIES) == [], message


def reconciled(folder: Path, files: Mapping[str, bytes], month: str = MONTH) -> dict[str, pd.DataFrame]:
    """Every table of the month after landing ``files``: dispositions, coverage_exceptions, receipts and the others.

    The proofs (CONTRACT §11) have to hold whatever was offered.
    """
    landed = offer(folder, files)
    issued = landed.receipts
    tables = {name: landed.rows(kind) for kind, name in stages.ROW_TABLES.items()}
    tables |= {"landed_receipts": issued, "read_rejections": landed.rejected}
    answer = stages.reconcile(tables, month, POLICY)
    failed = answer["certificate"][~answer["certificate"]["passed"]]
    assert failed.empty, failed.to_string()
    return answer


AMOUNTS: Final = {"bank_transfers": 145_000, "remittances": 145_000, "settlements": 143_000, "capture_lines": 145_000}
"""Kind of file → centavos that a sound row adds to its receipt."""
SIBLING: Final = "settlements_sibling.csv"
CANARIES: Final = (NSS, CURP, CLABE, OTHER_NSS, OTHER_CURP, LINE, OTHER_LINE, NAME, OTHER_NAME, "zumaya@example.org")
"""Values of rows of which no message may show five characters in a row."""


def refusals(folder: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """File name → why it is refused: all of ``files`` are, nothing of them flows, the other file of the inbox does."""
    landed = offer(folder, {**files, SIBLING: canonical("settlements")})
    assert landed.receipt(SIBLING).outcome == "accepted"
    told = {name: landed.receipt(name) for name in files}
    for name, receipt in told.items():
        assert receipt._replace(reason="", layout="") == Told("refused", "", 0, 0, "", 0), receipt
        assert landed.rejections(name) == []
        assert receipt.reason.startswith(name)
    return {name: receipt.reason for name, receipt in told.items()}


def refused(folder: Path, name: str, content: bytes) -> str:
    """Why the one file of this name is refused."""
    return refusals(folder, {name: content})[name]


def rejections_of(folder: Path, *spoilt: tuple[str, Mapping[str, str]]) -> list[Fault]:
    """Why each row, sound but for its fields, is rejected; the sound rows around it, in the file of its kind, flow."""
    records = {kind: [record(kind)] for kind, _ in spoilt}
    for kind, fields in spoilt:
        records[kind] += [record(kind, **fields), record(kind)]
    landed = offer(folder, {f"{kind}_1.csv": canonical(kind, *written) for kind, written in records.items()})
    found = {kind: _faults(landed, kind, written) for kind, written in records.items()}
    return [found[kind].pop(0) for kind, _ in spoilt]


def rejected(folder: Path, kind: str, **fields: str) -> Fault:
    """Why the one row spoilt by ``fields`` is rejected."""
    return rejections_of(folder, (kind, fields))[0]


def _faults(landed: Offered, kind: str, records: list[str]) -> list[Fault]:
    """The rejections of every second record; receipt, lines and the rows that flow are as they must be."""
    name, spoilt = f"{kind}_1.csv", len(records) // 2
    expected = Told("accepted", "", len(records), spoilt, kind, (spoilt + 1) * AMOUNTS.get(kind, 0))
    assert landed.receipt(name) == expected
    starts = [2 + sum(1 + written.count("\n") for written in records[:place]) for place in range(len(records))]
    assert landed.rows(kind)["row"].tolist() == starts[0::2]
    told = landed.rejections(name)
    assert [(rejection["sheet"], rejection["row"]) for rejection in told] == [("", line) for line in starts[1::2]]
    return [Fault(rejection["column"], rejection["rule"], rejection["reason"]) for rejection in told]


def shown(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table in these columns, sorted."""
    return sorted(table[list(columns)].itertuples(index=False, name=None))
