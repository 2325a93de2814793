from __future__ import annotations

import pandas as pd

from pipelines.rules import naming
from tests.spec.case import Area, Lookup
from tests.spec.cast import PEOPLE, spelled_out


def _lines(text: str, lines: str) -> str:
    known = pd.Series(lines.split(", "), dtype="str")
    named = naming.named_lines(naming.tokenise(pd.Series([text], dtype="str")), known)
    return ", ".join(known.iloc[sorted(named.found)]) or "nobody"


def _people(text: str, column: str) -> str:
    keys = pd.Series([person[column] for person in PEOPLE.values()], dtype="str")
    tokens = naming.tokenise(pd.Series([spelled_out(text)], dtype="str"))
    named = naming.named_keys(tokens, keys, len(keys.iloc[0]))
    return ", ".join(list(PEOPLE)[place].capitalize() for place in sorted(set(named.found))) or "nobody"


AREA = Area(
    "Whom a text names",
    "a–z count as A–Z; every character outside A–Z and 0–9 separates. What remains are the tokens of the text.",
    (
        Lookup(
            "A capture line in a text",
            "§7",
            "It equals a token of the text, or up to eight consecutive tokens run together; never a part of a token.",
            ("text", "registry lines", "named"),
            (
                ("ABCD12345678", "ABCD12345678", "ABCD12345678"),
                ("abcd12345678", "ABCD12345678", "ABCD12345678"),
                ("ABCD-1234 5678", "ABCD12345678", "ABCD12345678"),
                ("XABCD12345678", "ABCD12345678", "nobody"),
                ("ABCD123456789", "ABCD12345678", "nobody"),
                ("pago línea ABCD1234.5678, gracias", "ABCD12345678", "ABCD12345678"),
                ("ñABCD12345678ñ", "ABCD12345678", "ABCD12345678"),
                ("1 2 3 4 5 6 7 8", "12345678", "12345678"),
                ("1 2 3 4 5 6 7 8 9", "123456789", "nobody"),
                ("1 2 3 4 5 6 7 89", "123456789", "123456789"),
                ("0 1 2 3 4 5 6 7 8", "12345678, 01234567", "12345678, 01234567"),
                ("ABCD1234 pago 5678", "ABCD12345678", "nobody"),
                ("5678 ABCD1234", "ABCD12345678", "nobody"),
                ("ABCD12345678 ABCD12345678", "ABCD12345678", "ABCD12345678"),
                ("ABCD12345678 EFGH12345678", "ABCD12345678, EFGH12345678", "ABCD12345678, EFGH12345678"),
                ("ABCD1234 5678", "ABCD1234, ABCD12345678", "ABCD1234, ABCD12345678"),
                ("", "ABCD12345678", "nobody"),
                ("ñ ¡! –", "ABCD12345678", "nobody"),
            ),
            _lines,
            es="línea de captura",
        ),
        Lookup(
            "An NSS in a text",
            "§7",
            "A single token with a right check digit that is registered.",
            ("text", "looked up", "named"),
            (
                ("pago <ana.nss>", "nss", "Ana"),
                ("NSS:<ana.nss>.", "nss", "Ana"),
                ("<ana.nss> y <beto.nss>", "nss", "Ana, Beto"),
                ("<ana.nss>0", "nss", "nobody"),
                ("9201 840 001 8", "nss", "nobody"),
                ("12345678903", "nss", "nobody"),
                ("", "nss", "nobody"),
            ),
            _people,
            es="número de seguridad social",
        ),
        Lookup(
            "A CURP in a text",
            "§7",
            "A single token with a right check digit that is registered.",
            ("text", "looked up", "named"),
            (
                ("CURP <beto.curp>", "curp", "Beto"),
                ("X<beto.curp>", "curp", "nobody"),
                ("<carla.curp>/<ana.curp>", "curp", "Ana, Carla"),
            ),
            _people,
            es="CURP",
        ),
    ),
)
