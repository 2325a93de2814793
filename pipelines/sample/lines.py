"""Capture lines (líneas de captura): twenty characters, one a registrant and month, and the registry of them (§3)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.sample.text import (
    ALPHABET,
    DAY,
    SECOND,
    Ints,
    Text,
    chosen,
    day_text,
    first_day,
    from_codes,
    in_fours,
    instant_text,
    month_text,
    pesos,
    picked,
)

LEVELS = np.array([110_550, 125_675, 142_010, 168_399, 201_947], dtype=np.int64)  # centavos
PLAIN = 0
STYLES = 4  # plain, hyphens, spaces, lower case
_SCRAMBLE, _SHIFT, _SIXTH = 1_103_515_245, 12_345, 36**6


def codes(rng: np.random.Generator, serials: Ints, due_months: Ints) -> Text:
    """Lines `LC`, coverage year and month, a scrambled serial (all different), eight characters at random."""
    scrambled = (serials * _SCRAMBLE + _SHIFT) % _SIXTH
    powers = 36 ** np.arange(5, -1, -1, dtype=np.int64)
    tail = np.column_stack([scrambled[:, None] // powers % 36, rng.integers(0, 36, (len(serials), 8))])
    coverage = month_text(due_months + 1)
    return "LC" + coverage.str.slice(2, 4) + coverage.str.slice(5, 7) + from_codes(ALPHABET[tail])


def spelled(line: Text, style: Ints) -> Text:
    """Each line as someone writes it: as issued by the system, in fours with hyphens or spaces, in lower case."""
    return chosen(style, line, in_fours(line, "-"), in_fours(line, " "), line.str.lower())


def issue(rng: np.random.Generator, people: pd.DataFrame, serials: Ints, due_month: int) -> pd.DataFrame:
    """One line each, due in a month: the people's columns and line, style, written, due_centavos, due_month."""
    due_months = np.full(len(people), due_month, dtype=np.int64)
    line = codes(rng, serials, due_months)
    style = np.where(rng.random(len(people)) < 0.8, PLAIN, rng.integers(1, STYLES, len(people)))  # noqa: PLR2004
    return people.reset_index(drop=True).assign(
        line=line,
        style=style,
        written=spelled(line, style),
        due_centavos=rng.choice(LEVELS, len(people)),
        due_month=due_months,
    )


def updated_at(issued: pd.DataFrame) -> Ints:
    """Microseconds UTC of each line's newest ordinary row: in the month before it is due."""
    days = first_day(issued["due_month"].to_numpy()) - 20
    return np.asarray(days * DAY + issued["person"].to_numpy() % 80_000 * SECOND, dtype=np.int64)


def rows(issued: pd.DataFrame, updated: Ints, *, status: str = "issued", part: str = "lista") -> pd.DataFrame:
    """Rows of the registry files: the columns of §3, then `part` (which file) and `rejected`."""
    due_months = issued["due_month"].to_numpy()
    issued_on = first_day(due_months) - 25
    columns = {
        "capture_line": issued["written"].reset_index(drop=True),
        "nss": issued["nss"].reset_index(drop=True),
        "coverage_month": month_text(due_months + 1),
        "amount_due": pesos(issued["due_centavos"].to_numpy()),
        "issued_on": day_text(issued_on),
        "expires_on": day_text(issued_on + 60).where(pd.Series(issued["person"].to_numpy() % 3 > 0), ""),
        "status": status,
        "updated_at": instant_text(updated, -(issued["person"].to_numpy() % 2) * 6),
    }
    return pd.DataFrame(columns).assign(part=part, rejected=False)


def superseded(issued: pd.DataFrame) -> pd.DataFrame:
    """Older rows, of other amounts and spelling, for some lines: they must not come back."""
    chosen = issued.iloc[np.flatnonzero(issued["person"].to_numpy() % 200 < 3)]  # noqa: PLR2004
    older = chosen.assign(due_centavos=chosen["due_centavos"] + 7_700, written=chosen["line"])
    return rows(older, updated_at(chosen) - 3 * DAY, part="cambios")


def defective(issued: pd.DataFrame, tag: str) -> pd.DataFrame:
    """Up to three rows that must be rejected: a check digit, a line too short, an amount with a separator."""
    sound = issued.head(3)
    cycle = np.arange(len(sound))
    written = picked([f"LD{tag}0000000001", "LD-7", f"LD{tag}0000000003"], cycle)
    broken = rows(sound, updated_at(sound)).assign(capture_line=written, rejected=True)
    broken["nss"] = broken["nss"].where(pd.Series(cycle != 0), "12345678904")
    broken["amount_due"] = broken["amount_due"].where(pd.Series(cycle != 2), "1,105.50")  # noqa: PLR2004
    return broken
