"""Suggestions: which lines a waiting payment might be meant for (CONTRACT §7, §12)."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, Whole, count, month, text
from schemas.table import Table


class Suggestion(Table):
    """One line, or sum of lines, that a payment might be meant for; it confirms nothing."""

    _key: ClassVar[tuple[str, ...]] = ("payment_id", "rank")

    payment_id: Text = text("Channel and natural key joined by |")
    capture_line: Text = text("Line that the payment is like; the lines of a sum joined by +", "línea de captura")
    likeness: Whole = count("How alike, from 1 to 1000")
    differs: Text = text("What differs, in the words of CONTRACT §7's suggestions, joined by ;")
    rank: Whole = count("Place among the suggestions of the payment, from 1")
    basis: Text = text(
        "What the likeness stands on",
        allowed=(
            "look_alike",
            "transposition",
            "one_character",
            "cut_off",
            "near_nss",
            "near_curp",
            "family_sum",
            "name_and_amount",
        ),
    )
    others: Whole = count("Other candidates of the payment exactly as alike, shown or not")
    month: Text = month("Month of the payment")
