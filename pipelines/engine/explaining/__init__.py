"""Explain (CONTRACT §13): what was decided of a payment, a line or a registrant, from where, and what would confirm it.

The tables published say what was decided. Why is told by the rules themselves: they are asked again, over the few rows
that concern what is explained, and their answers are written down; no rule is told twice. Everything is given as plain
documents of codes and values; ``outputs.explanation`` puts them into words.
"""

from __future__ import annotations

from pipelines.engine.explaining.explain import Ambiguous, NotPublishedError, Unknown, explain

__all__ = ["Ambiguous", "NotPublishedError", "Unknown", "explain"]
