"""Small NACHA files, made up, for the tests of reading: whole by construction, so that a test may spoil one thing."""

from __future__ import annotations

from dataclasses import dataclass

ODFI = "07300022"
RECEIVER = "06100033"


def with_check_digit(routing: str) -> str:
    """Eight digits and the ninth that belongs to them."""
    total = sum(int(digit) * weight for digit, weight in zip(routing, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
    return f"{routing}{-total % 10}"


@dataclass(frozen=True)
class Entry:
    """One entry and its addenda (type code → text of columns 4 to 83, or to 94 for 98 and 99)."""

    code: str = "22"
    cents: int = 12_550
    number: int = 1
    addenda: tuple[tuple[str, str], ...] = ()
    routing: str = with_check_digit(RECEIVER)
    account: str = "0012345678"
    name: str = "PROGRAMA"
    identification: str = ""
    trace: str = ""

    @property
    def trace_number(self) -> str:
        return self.trace or f"{ODFI}{self.number:07d}"


@dataclass(frozen=True)
class Batch:
    """One batch; ``currencies`` (originating, then destination) are those of an international one."""

    entries: tuple[Entry, ...]
    kind: str = "PPD"
    service: str = "220"
    description: str = "PAYMENT"
    effective: str = "261014"
    company: str = "ENVIOS DEL LAGO"
    currencies: str = "USDMXN"
    number: int = 1
    odfi: str = ODFI


def iat_addenda(text: str = "", payer: str = "ELENA VARA", purpose: str = "MIS") -> tuple[tuple[str, str], ...]:
    """The seven mandatory addenda of an international entry and the text of the payer."""
    mandatory = (
        ("10", f"{purpose}{'0' * 18}{'':22}PROGRAMA"),
        ("11", f"{payer:35}12 ELM STREET"),
        ("12", f"{'RIVERTON*IL' + chr(92):35}US*60001{chr(92)}"),
        ("13", f"{'LAKE BANK':35}01{ODFI:34}US"),
        ("14", f"{'BANCO DEL VALLE':35}01{RECEIVER:34}MX"),
        ("15", "A1"),
        ("16", f"{'MEXICO*CMX' + chr(92):35}MX*06000{chr(92)}"),
    )
    return (*mandatory, *((("17", text),) if text else ()))


def _entry_lines(batch: Batch, entry: Entry) -> list[str]:
    many = "1" if entry.addenda else "0"
    start = f"6{entry.code}{entry.routing}"
    if batch.kind == "IAT":
        first = f"{start}{len(entry.addenda):04d}{'':13}{entry.cents:010d}{entry.account:39}{many}{entry.trace_number}"
    elif batch.kind == "CTX":
        named = f"{entry.identification:15}{len(entry.addenda):04d}{entry.name:16}{'':4}"
        first = f"{start}{entry.account:17}{entry.cents:010d}{named}{many}{entry.trace_number}"
    elif batch.kind == "ADV":
        rest = f"{RECEIVER}0{'':6}{entry.name:22}{'':2}{many}{entry.trace_number}"
        first = f"{start}{entry.account:15}{entry.cents:012d}{rest}"
    else:
        named = f"{entry.identification:15}{entry.name:22}{'':2}"
        first = f"{start}{entry.account:17}{entry.cents:010d}{named}{many}{entry.trace_number}"
    return [first, *_addenda_lines(entry)]


def _addenda_lines(entry: Entry) -> list[str]:
    lines: list[str] = []
    remittance = 0
    for kind, text in entry.addenda:
        if kind in {"98", "99"}:
            lines.append(f"7{kind}{text:76}{entry.trace_number}")
            continue
        remittance += kind in {"05", "17"}
        sequence = f"{remittance:04d}" if kind in {"05", "17"} else "    "
        lines.append(f"7{kind}{text:80}{sequence}{entry.trace_number[-7:]}")
    return lines


def _is_credit(batch: Batch, entry: Entry) -> bool:
    return int(entry.code) % 2 == 1 if batch.kind == "ADV" else entry.code[1] in "1234"


def _sums(batch: Batch) -> tuple[int, int, int, int]:
    """Entries and addenda, hash, debits, credits."""
    credited = sum(entry.cents for entry in batch.entries if _is_credit(batch, entry))
    debits = sum(entry.cents for entry in batch.entries) - credited
    count = sum(1 + len(entry.addenda) for entry in batch.entries)
    return count, sum(int(entry.routing[:8]) for entry in batch.entries), debits, credited


def _batch_lines(batch: Batch) -> list[str]:
    tail = f"{batch.odfi}{batch.number:07d}"
    end = f"{batch.kind}{batch.description:10}"
    named = f"{'':16}FV3{'':15}MX" if batch.kind == "IAT" else f"{batch.company:36}"
    dated = f"{batch.currencies}{batch.effective}" if batch.kind == "IAT" else f"{'':6}{batch.effective}"
    header = f"5{batch.service}{named}1234567890{end}{dated}   1{tail}"
    count, hashed, debits, credited = _sums(batch)
    width, company = (20, f"{'':19}") if batch.kind == "ADV" else (12, f"{'1234567890':35}")
    totals = f"{count:06d}{hashed % 10**10:010d}{debits:0{width}d}{credited:0{width}d}"
    lines = [line for entry in batch.entries for line in _entry_lines(batch, entry)]
    return [header, *lines, f"8{batch.service}{totals}{company}{tail}"]


def lines_of(*batches: Batch) -> list[str]:
    """The lines of a whole file, filler lines included."""
    banks = f" {with_check_digit(RECEIVER)} {with_check_digit(ODFI)}"
    header = f"101{banks}2610131200A094101{'BANCO DEL VALLE':23}{'LAKE BANK':31}"
    body = [line for batch in batches for line in _batch_lines(batch)]
    counts, hashes, debits, credited = (sum(_sums(batch)[place] for batch in batches) for place in range(4))
    width = 20 if any(batch.kind == "ADV" for batch in batches) else 12
    blocks = -(-(len(body) + 2) // 10)
    totals = f"{counts:08d}{hashes % 10**10:010d}{debits:0{width}d}{credited:0{width}d}"
    control = f"{f'9{len(batches):06d}{blocks:06d}{totals}':94}"
    return [header, *body, control, *["9" * 94] * (blocks * 10 - len(body) - 2)]


def content(*batches: Batch, end: str = "\n") -> bytes:
    """The bytes of a whole file."""
    return end.join([*lines_of(*batches), ""]).encode("ascii")
