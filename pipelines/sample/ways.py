"""The ways a payer names a line or a person, and the rule of CONTRACT §7 that each leads to, by construction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelines.sample import lines
from pipelines.sample.text import Ints, Text, picked, repeated, spaced

BANK, REMITTANCE = "bank_transfer", "remittance"
DIRECT = ("concept", "exact", "normalised", "message")  # the ways that name the line itself
_FRAMES = (
    ("PAGO IMSS LINEA ", ""), ("", ""), ("SPEI RECIBIDO ", " CUOTA MENSUAL"), ("LC:", "/MIGRANTES"),
    ("pago cuota ", "."), ("CUOTA DE MI MAMÁ, LÍNEA: ", " GRACIAS"),
)  # fmt: skip
_THANKS = ("", "GRACIAS", "CUOTA IMSS", "Para la señora, con cariño", 'dice "urgente"')


def framed(rng: np.random.Generator, text: Text) -> Text:
    """Text inside the words that payers and banks put around it. No word of them is one character long at its side."""
    frame = rng.integers(0, len(_FRAMES), len(text))
    return picked([before for before, _ in _FRAMES], frame) + text + picked([after for _, after in _FRAMES], frame)


def line_text(rng: np.random.Generator, cases: pd.DataFrame) -> Text:
    """The line of each case, spelled one way or another."""
    return lines.spelled(cases["line"], rng.integers(0, lines.STYLES, len(cases)))


def naming(channel: str, count: int, **columns: Text | str) -> pd.DataFrame:
    """What a payment says: channel, text (concept or message), line_field, nss_field, curp_field, rule; or nothing."""
    blank = {"channel": channel, "text": "", "line_field": "", "nss_field": "", "curp_field": "", "rule": ""}
    columns_of = {**blank, **columns}
    return pd.DataFrame({name: _column(value, count) for name, value in columns_of.items()})


def _column(value: Text | str, count: int) -> Text:
    return repeated(value, count) if isinstance(value, str) else value.reset_index(drop=True)


def _thanks(rng: np.random.Generator, count: int) -> Text:
    return picked(_THANKS, rng.integers(0, len(_THANKS), count))


def _in_text(channel: str, rule: str, *named: str) -> Callable[[np.random.Generator, pd.DataFrame], pd.DataFrame]:
    def say(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
        parts = [line_text(rng, cases) if name == "line" else _labelled(name, cases) for name in named]
        return naming(channel, len(cases), text=framed(rng, spaced(parts)), rule=rule)

    return say


def _labelled(name: str, cases: pd.DataFrame) -> Text:
    return name.upper() + " " + cases[name].reset_index(drop=True)


def _exact(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
    text = _thanks(rng, len(cases))
    return naming(REMITTANCE, len(cases), text=text, line_field=cases["written"], rule="exact")


def _normalised(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
    other = (cases["style"].to_numpy() + rng.integers(1, lines.STYLES, len(cases))) % lines.STYLES
    written = lines.spelled(cases["line"], other)
    return naming(REMITTANCE, len(cases), text=_thanks(rng, len(cases)), line_field=written, rule="normalised")


def _hyphened(column: Text, style: Ints) -> Text:
    pieces = column.str.slice(0, 4) + "-" + column.str.slice(4, 8) + " " + column.str.slice(8)
    return column.where(pd.Series(style == 0), pieces)


def _in_fields(rule: str, *named: str) -> Callable[[np.random.Generator, pd.DataFrame], pd.DataFrame]:
    def say(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
        style = rng.integers(0, 3, len(cases))
        fields = {f"{name}_field": _hyphened(cases[name].reset_index(drop=True), style) for name in named}
        return naming(REMITTANCE, len(cases), text=_thanks(rng, len(cases)), rule=rule, **fields)

    return say


def _nobody_named(channel: str) -> Callable[[np.random.Generator, pd.DataFrame], pd.DataFrame]:
    def say(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
        return naming(channel, len(cases), text=_thanks(rng, len(cases)))

    return say


def _almost(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
    """In turn: the line without its end, with another last character, with a letter stuck to its front."""
    del rng
    line, turn = cases["line"].reset_index(drop=True), np.arange(len(cases)) % 3
    last = pd.Series("A", index=line.index).where(line.str.slice(19) != "A", "B")
    changed = line.str.slice(0, 19) + last
    wrong = line.str.slice(0, 19).where(pd.Series(turn == 0), changed).where(pd.Series(turn != 2), "X" + line)  # noqa: PLR2004
    return naming(BANK, len(cases), text="PAGO IMSS " + wrong + " CUOTA", rule="")


def _wrong_digit(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
    """An NSS whose check digit is wrong, in the field: it names nobody."""
    del rng
    nss = cases["nss"].reset_index(drop=True)
    digit = pd.Series("1", index=nss.index).where(nss.str.slice(10) != "1", "2")
    return naming(REMITTANCE, len(cases), nss_field=nss.str.slice(0, 10) + digit)


WAYS: dict[str, Callable[[np.random.Generator, pd.DataFrame], pd.DataFrame]] = {
    "concept": _in_text(BANK, "text", "line"),
    "message": _in_text(REMITTANCE, "text", "line"),
    "concept_and_nss": _in_text(BANK, "text", "line", "nss"),
    "exact": _exact,
    "normalised": _normalised,
    "nss_text": _in_text(BANK, "nss", "nss"),
    "nss_message": _in_text(REMITTANCE, "nss", "nss"),
    "curp_text": _in_text(BANK, "curp", "curp"),
    "both_text": _in_text(BANK, "nss", "curp", "nss"),
    "nss_field": _in_fields("nss", "nss"),
    "curp_field": _in_fields("curp", "curp"),
    "both_fields": _in_fields("nss", "nss", "curp"),
    "nobody_bank": _nobody_named(BANK),
    "nobody_remittance": _nobody_named(REMITTANCE),
    "almost": _almost,
    "wrong_digit": _wrong_digit,
}


def said(rng: np.random.Generator, cases: pd.DataFrame, *ways: str) -> pd.DataFrame:
    """What each case's payment says, the ways taken in turn by position; rows in the order of the cases."""
    turn = np.arange(len(cases)) % len(ways)
    places = [np.flatnonzero(turn == way) for way in range(len(ways))]
    spoken = [WAYS[way](rng, cases.iloc[place]) for way, place in zip(ways, places, strict=True)]
    order = np.argsort(np.concatenate(places), kind="stable")
    return pd.concat(spoken, ignore_index=True).iloc[order].reset_index(drop=True)
