"""What suggestions are chosen from: pairs of a waiting payment and a line it is like, each with why and how (§7).

A candidate row holds positions, not texts: ``payment`` (in the waiting payments), ``line`` (in the lines that may be
meant) and, of a sum, up to three more (−1 for none); ``basis`` by its position in ``BASES``; ``likeness`` before the
penalties; ``kind``, ``place``, ``wrote`` and ``meant`` as in :mod:`pipelines.rules.likeness`; ``written``, the position
of the written text that is like the line; ``group``, the row of the crowd (:mod:`pipelines.rules.crowds`) that it
tells only while that is small, −1 for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from pipelines.rules import likeness

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

BASES: Final = (
    "look_alike",
    "transposition",
    "one_character",
    "cut_off",
    "near_nss",
    "near_curp",
    "family_sum",
    "name_and_amount",
)
"""What a likeness stands on; of two as strong for one line, the first is told."""

LINES: Final = ["line", "second", "third", "fourth"]
CANDIDATE: Final[dict[str, str]] = {
    "payment": "int32", "line": "int32", "second": "int32", "third": "int32", "fourth": "int32", "basis": "int8",
    "likeness": "int16", "kind": "int8", "place": "int32", "wrote": "uint8", "meant": "uint8", "written": "int32",
    "group": "int32",
}  # fmt: skip

NAMED, SUMMED = 6, 7
"""Kinds of difference beyond those of one text: ``place`` is the score of the name, or the number of lines."""


class Waiting(NamedTuple):
    """Payments that a person must decide on, in order of ``payment_id``, and what they say; lines they may mean.

    ``payments``: payment_id, amount_centavos, sender_name, payer, and ``names_line``, ``names_person``: whether a step
    of matching found a line, or a registrant, that it names exactly. ``claims``: text, capture_line, nss, curp and
    ``payment``, the position of its payment. ``lines``: capture_line, nss, amount_due_centavos of lines issued and
    due within the window, in any order, with ``due`` (month number), ``registrant`` (position, −1 for none) and
    ``is_paid``: all there are, or a block of them in which all lines of each of its registrants are.
    ``registrants``: nss, curp, full_name.
    """

    payments: pd.DataFrame
    claims: pd.DataFrame
    lines: pd.DataFrame
    registrants: pd.DataFrame


class Told(NamedTuple):
    """Candidates, the written texts that their ``written`` points to, the crowds that their ``group`` does."""

    candidates: pd.DataFrame
    texts: pyarrow.LargeStringArray
    crowds: pd.DataFrame


def candidates(number: int, **given: NDArray[Any] | pd.Series[Any] | int) -> pd.DataFrame:
    """``number`` candidate rows; what is not given is 0, and −1 for a further line and for the group."""
    absent = dict.fromkeys([*LINES[1:], "group"], -1)
    columns = {name: given.get(name, absent.get(name, 0)) for name in CANDIDATE}
    rows = pd.DataFrame({name: np.asarray(value) for name, value in columns.items()}, index=range(number))
    return rows.astype(CANDIDATE)


def spread(payment: NDArray[np.int64], written: NDArray[np.int64], pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of texts and keys as pairs of payments and keys: ``payment[i]`` wrote the text ``written[i]``."""
    order = np.argsort(written, kind="stable")
    texts = written[order]
    first = np.searchsorted(texts, pairs["written"].to_numpy(), side="left")
    number = np.searchsorted(texts, pairs["written"].to_numpy(), side="right") - first
    rows = pairs.loc[np.repeat(pairs.index.to_numpy(), number)].reset_index(drop=True)
    return rows.assign(payment=payment[order][likeness.expand(first, number)])
