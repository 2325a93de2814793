"""``report.html``: the month at a glance as one self-contained file that opens anywhere, without a network.

What belongs here: the figures of the page, its charts and tables in both languages, its templates. What does not: a
row of a person. The page shows sums and counts, and says where the rows are. The same tables give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipelines.store.ordered import ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow

LAST_MONTH: Final = "coverage_activations_last_month"
"""The name under which the activations in force of the payment month before may be given; not a table of its own."""


def page(tables: Mapping[str, pyarrow.Table], document: Mapping[str, Any], language: str) -> bytes:
    """The page of the month whose published ``tables`` and certificate ``document`` are given; UTF-8.

    Both languages are in it; ``language`` (es or en) is the one shown first. ``LAST_MONTH`` may be missing: then
    nothing is compared with the month before. Raises ``KeyError`` naming a table that is not given.
    """
    from pipelines.outputs.report import figures, rendering  # noqa: PLC0415 - only who writes a page loads Jinja2

    last_month = ordered(tables, LAST_MONTH) if LAST_MONTH in tables else None
    return rendering.render(figures.gather(tables, document, last_month), language)
