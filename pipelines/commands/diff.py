"""`quincena diff`: what changed between two publications of a month, and why.

It answers with NSS and payments on stdout: who asks wants them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipelines.commands import console
from pipelines.commands.messages import DONE, NO_SUCH_VERSION, NOT_PUBLISHED, NOT_PUBLISHED_YET, SAME_VERSION, Fault
from pipelines.commands.months import one_month
from pipelines.engine.comparing import compare
from pipelines.outputs import comparison
from pipelines.store import publications
from pipelines.store.home import Home

if TYPE_CHECKING:
    from pipelines.commands.session import Session
    from pipelines.engine.comparing import Comparison
    from pipelines.store.publications import Publication


_TABLES: Final = ("coverage", "payments", "money", "lines", "files", "decisions")


def diff(session: Session, month: str, first: int, second: int, *, as_json: bool) -> int:
    """Tell what the later of two publications changed against the earlier; raises ``Fault``."""
    home, asked = Home(session.home, session.store), one_month(month)
    if first == second:
        raise Fault(SAME_VERSION, found=first)
    before, after = (_publication(home, asked, number) for number in sorted((first, second)))
    compared = compare(home, before, after)
    if as_json:
        console.answer_json(_document(compared))
    else:
        tables = {name: getattr(compared, name) for name in _TABLES}
        console.answer(*comparison.render(before, after, tables, compared.policy, session.language))
    return DONE


def _publication(home: Home, month: str, number: int) -> Publication:
    numbers = publications.numbers(home, month)
    if not numbers:
        raise Fault(NOT_PUBLISHED_YET, NOT_PUBLISHED, month=month, home=home.lasting)
    found = publications.fetch(home, month, number)
    if found is None:
        raise Fault(NO_SUCH_VERSION, month=month, found=number, last=numbers[-1])
    return found


def _document(compared: Comparison) -> dict[str, Any]:
    """The comparison as one JSON object; amounts in centavos."""
    return {
        "month": compared.after.month,
        **{side: _said(getattr(compared, side)) for side in ("before", "after")},
        "policy": [change._asdict() for change in compared.policy],
        **{name: getattr(compared, name).to_dict("records") for name in _TABLES},
    }


def _said(publication: Publication) -> dict[str, Any]:
    names = ("number", "published_at", "run_id", "reason", "code_version", "policy_digest", "content_digest")
    return {name: getattr(publication, name) for name in names}
