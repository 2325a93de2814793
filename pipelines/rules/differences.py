"""What differs between a payment and a line it is like, in words of a fixed form (CONTRACT §7, §12).

``character 7: O for 0`` (written O, the line has 0) · ``character 7 missing`` · ``character 7 surplus`` ·
``characters 5-6 transposed`` · ``cut off after 20 of 27`` · ``name 93 of 100`` · ``sum of 3 lines`` · then, where they
apply, ``amount +12.00`` (paid less due, in pesos) · ``month +1`` (the line's less the payment's) · ``paid already`` ·
``registrant not registered`` (no decision can choose the line yet).
Joined by ``; ``. They name characters of identifiers, never a whole one, and no names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from pipelines.rules.candidates import NAMED, SUMMED
from pipelines.rules.likeness import CUT, LOOKS, MISSING, SURPLUS, SWAPPED, UNWRITTEN
from schemas.octets import as_array

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow

NOT_REGISTERED: Final = "registrant not registered"
"""Of a line, or of one of a sum, that no decision can choose before its registrant is registered."""

_WORDS: dict[int, Callable[[int, int, int], str]] = {
    MISSING: lambda place, _, __: f"character {place} missing",
    SURPLUS: lambda place, _, __: f"character {place} surplus",
    SWAPPED: lambda place, _, __: f"characters {place}-{place + 1} transposed",
    CUT: lambda place, _, meant: f"cut off after {place} of {meant}",
    NAMED: lambda place, _, __: f"name {place} of 100",
    SUMMED: lambda place, _, __: f"sum of {place} lines",
}


def told_differences(
    best: pd.DataFrame, texts: pyarrow.LargeStringArray, lines: pyarrow.LargeStringArray
) -> pd.Series[str]:
    """For each weighed candidate, what differs; ``texts`` and ``lines`` are what its positions point to."""
    columns = ["kind", "place", "wrote", "meant"]
    distinct = best[columns].drop_duplicates().reset_index(drop=True)
    worded = distinct.assign(words=[_word(*codes) for codes in distinct.itertuples(index=False)])
    told = best[columns].merge(worded, how="left", on=columns)["words"].astype("str")
    looks = best["kind"].eq(LOOKS).to_numpy()
    told[looks] = pd.Series(_look_alikes(best[looks], texts, lines), dtype="str").array
    amount = best["amount"].abs()
    pesos = (amount // 100).astype("str") + "." + (amount % 100).astype("str").str.zfill(2)
    sign = pd.Series(np.where(best["amount"].gt(0), "+", "-"), dtype="str")
    told += ("; amount " + sign + pesos).where(best["amount"].ne(0), "")
    away = {number: f"; month {number:+d}" if number else "" for number in best["months"].unique()}
    paid = pd.Series(np.where(best["is_paid"], "; paid already", ""), dtype="str")
    unknown = pd.Series(np.where(best["is_registered"], "", f"; {NOT_REGISTERED}"), dtype="str")
    return told + best["months"].map(away).astype("str") + paid + unknown


def _word(kind: int, place: int, wrote: int, meant: int) -> str:
    if kind in _WORDS:
        return _WORDS[kind](place, wrote, meant)
    letter = chr(meant).replace(UNWRITTEN, "Ñ")
    return f"character {place}: {chr(wrote)} for {letter}"


def _look_alikes(best: pd.DataFrame, texts: pyarrow.LargeStringArray, lines: pyarrow.LargeStringArray) -> list[str]:
    """Every place where one look-alike stands for the other."""
    wrote = as_array(texts).take(best["written"].to_numpy()).to_pylist()
    meant = lines.take(best["line"].to_numpy()).to_pylist()
    return [_places(ours, theirs) for ours, theirs in zip(wrote, meant, strict=True)]


def _places(wrote: str, meant: str) -> str:
    pairs = enumerate(zip(wrote, meant, strict=True), start=1)
    return "; ".join(f"character {place}: {ours} for {theirs}" for place, (ours, theirs) in pairs if ours != theirs)
