"""Words, figures and dates as one language writes them.

Mexican Spanish and English group thousands with a comma and part decimals with a point alike, so figures are written
once for both; dates, months and shares are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.outputs import labels_report
from pipelines.outputs.amounts import shown
from pipelines.outputs.labels import Words, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class Speech:
    """One language: ``es`` or ``en``."""

    language: str

    def say(self, words: Words, **values: object) -> str:
        """The text with its blanks filled."""
        return say(words, self.language, **values)

    def head(self, words: Words) -> str:
        """The words of a term at the head of a row."""
        text = self.say(words)
        return text[:1].upper() + text[1:]

    def name(self, catalogue: Mapping[str, Words], code: str) -> str:
        """The words of a code at the head of a row; a code that has none is shown as it is."""
        return self.head(catalogue[code]) if code in catalogue else code

    def money(self, centavos: int, currency: str = "MXN") -> str:
        """``$1,450.00``."""
        return shown(centavos, currency)

    def count(self, number: int) -> str:
        """``1,000,000``."""
        return f"{number:,}"

    def share(self, part: int, whole: int) -> str:
        """``12.5 %`` (es), ``12.5%`` (en), rounded down; what is not whole never reads 100, ``–`` without a whole."""
        if not whole:
            return "–"
        percent, tenth = divmod(1000 * part // whole, 10)
        space = "\N{NO-BREAK SPACE}" if self.language == "es" else ""
        return f"{percent}.{tenth}{space}%"

    def day(self, day: date) -> str:
        """``15 de octubre de 2026``, ``15 October 2026``."""
        return self.say(labels_report.DAY, day=day.day, month=self._month(day.month), year=day.year)

    def short_day(self, day: date) -> str:
        """``15 de octubre``, ``15 October``."""
        return self.say(labels_report.SHORT_DAY, day=day.day, month=self._month(day.month))

    def month(self, month: str) -> str:
        """``2026-10`` → ``octubre de 2026``, ``October 2026``."""
        return self.say(labels_report.MONTH, month=self._month(int(month[5:7])), year=month[:4])

    def _month(self, number: int) -> str:
        return self.say(labels_report.MONTHS).split()[number - 1]
