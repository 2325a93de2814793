"""Files of Giros Pacífico, whose headers carry a number, with one remittance each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

LENGTH: Final = 205
PESOS: Final = 145_000


def numbered_file(number: int, folio: int, month: str = "10") -> bytes:
    """The file of this number; its one remittance, of 1,450.00, was sent on the fourth of the month in 2026."""
    detail = (
        f"06{folio:012d}PG09:00:00{'ELENA VARA':40}{'':11}{'':10}{PESOS:012d}{'':9}"
        f"{f'LINEA{folio:05d}':30}{'':11}{'':18}{'':40}"
    )
    records = [
        f"01{'GIROS PACIFICO':20}P2026{month}05{number:06d}",
        f"05{'LIQ-1':12}2026{month}04",
        detail,
        f"08{1:07d}{PESOS:014d}{0:012d}{folio:010d}",
        f"09{1:05d}{1:09d}{PESOS:014d}{0:012d}{folio:010d}",
    ]
    return "".join(f"{record:{LENGTH}}\n" for record in records).encode("cp1252")


def offer_numbered(inbox: Path, *numbers: int) -> None:
    """Put the files of these numbers into an inbox, each with a folio of its own."""
    for number in numbers:
        (inbox / name_of(number)).write_bytes(numbered_file(number, number))


def name_of(number: int) -> str:
    """The name of the file with this number."""
    return f"giros_pacifico_{number}.txt"
