"""Who appears in the cases: made-up people, their identifiers with right check digits, and how a case names them.

``<ana.nss>`` in any value of a case stands for Ana's NSS, ``<ana.curp>`` for her CURP. Many cases share one world while
they are tested: there each has people, lines, banks and companies of its own, told apart by the number of the case.
"""

from __future__ import annotations

import functools
import re
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"


def nss_of(ten_digits: str) -> str:
    """The NSS of ten digits: with its Luhn digit."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(ten_digits)]
    total = sum(value - 9 * (value > 9) for value in doubled)
    return f"{ten_digits}{-total % 10}"


def curp_of(seventeen: str) -> str:
    """The CURP of seventeen characters: with its check digit."""
    total = sum(_LETTERS.index(letter) * (18 - place) for place, letter in enumerate(seventeen))
    return f"{seventeen}{-total % 10}"


Person = dict[str, str]
_BORN: Final = {
    "ana": ("9201840001", "AAPA840101MDFXXN0", "Ana Alba", "12"),
    "beto": ("0402850002", "BEPB850202HDFXXT0", "Beto Bravo", ""),
    "carla": ("1103860003", "CAPC860303MDFXXR0", "Carla Cruz", "7"),
}
_LINE: Final = re.compile("(ANA|BETO|CARLA)(?=[- ]?(?:OCT|NOV|OLD))", re.IGNORECASE)
_INSTITUTION: Final = re.compile(r"\b(AZUL|ROJO|NORTE|SUR)\b")


@functools.cache
def people(number: int) -> dict[str, Person]:
    """Ana, Beto (who has no clinic yet) and Carla, as they are called in the world of case ``number``."""
    serial, letters = 10 * number, f"{chr(ord('B') + number // 20)}{chr(ord('B') + number % 20)}" if number else "XX"
    return {
        who: {
            "nss": nss_of(f"{nss[:6]}{int(nss[6:]) + serial:04d}"),
            "curp": curp_of(f"{curp[:13]}{letters}{curp[15:]}"),
            "full_name": name,
            "umf": umf,
        }
        for who, (nss, curp, name, umf) in _BORN.items()
    }


PEOPLE: Final = people(0)
"""The cast of a case that stands alone, and of the document."""


def code(number: int) -> str:
    """What tells the lines and institutions of one case from those of another; nothing for a case that stands alone."""
    return f"Q{number:03d}" if number else ""


def spelled_out(value: str, number: int = 0) -> str:
    """The value with ``<ana.nss>`` and the like replaced by what they stand for, in the world of case ``number``.

    ``<ana.nss.parted>`` is her NSS in five parts.
    """

    def stands_for(found: re.Match[str]) -> str:
        plain = people(number)[found[1]][found[2]]
        return "-".join([plain[:2], plain[2:4], plain[4:6], plain[6:10], plain[10:]]) if found[3] else plain

    whole = re.sub(r"<(\w+)\.(\w+)(\.parted)?>", stands_for, value)
    return _INSTITUTION.sub(rf"\g<1>{code(number)}", _LINE.sub(rf"\g<1>{code(number)}", whole))
