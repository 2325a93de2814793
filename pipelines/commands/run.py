"""`quincena run`: land what is new, reconcile months one after the other through Dagster, publish, tell."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.commands import console, engines, report
from pipelines.commands.messages import (
    BAD_INBOX,
    BAD_POLICY,
    CHANGING,
    DONE,
    NO_INBOX,
    NO_POLICY,
    NOT_PROVEN,
    NOT_PUBLISHED,
    RUN_FAILED,
    RUN_ID,
    Fault,
)
from pipelines.commands.messages_store import in_words
from pipelines.commands.months import instant, months
from pipelines.commands.progress import watching
from pipelines.commands.session import Session
from pipelines.defs.running import Engine, RunRequest, RunResult, run_month
from pipelines.outputs.labels import say
from pipelines.outputs.outbox import folder_of
from pipelines.outputs.summary import Summary, sums, told
from pipelines.rules.policy import PolicyError, parse_policy
from pipelines.store.home import Home
from pipelines.store.inbox import UnreadableError, canonical
from pipelines.store.shown import Shown

if TYPE_CHECKING:
    from pipelines.store.publications import Publication


_INTERRUPTED: Final = "DagsterExecutionInterruptedError"
"""How a run says that a person stopped it; the months after it are not begun."""


def run(
    session: Session,
    month: str,
    inbox: str | None,
    received_at: str | None,
    reason: str,
    engine: Engine,
    *,
    afresh: bool,
    as_json: bool,
) -> int:
    """Run every month of the range in order and tell of each; the exit of CONTRACT §13.

    A month that cannot be published does not stop the ones after it. Raises ``Fault`` before any file is read.
    """
    span = months(month)
    moment = instant(received_at) if received_at else datetime.now(UTC)
    _check_policy(session.policy)
    engines.asked(**asdict(engine))
    where = _address(inbox) if inbox else None
    exits = [_run_one(session, one, where, moment, reason, engine, afresh=afresh, as_json=as_json) for one in span]
    return max(exits, default=DONE)


def _check_policy(path: Path) -> None:
    """Stop here, in a sentence, before Dagster makes a run of it."""
    try:
        parse_policy(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise Fault(NO_POLICY, path=path) from None
    except PolicyError as error:
        raise Fault(BAD_POLICY, NOT_PUBLISHED, path=path, detail=error) from None


def _address(inbox: str) -> str:
    """The folder or URL, looked at here so that no run is made of one that cannot be used or has a password in it."""
    try:
        where = canonical(inbox)
    except UnreadableError as error:
        raise Fault(BAD_INBOX, detail=error) from None
    if "://" not in where and not Path(where).is_dir():
        raise Fault(NO_INBOX, path=inbox)
    return where


def _run_one(
    session: Session,
    month: str,
    inbox: str | None,
    moment: datetime,
    reason: str,
    engine: Engine,
    *,
    afresh: bool,
    as_json: bool,
) -> int:
    request = RunRequest(
        home=session.home,
        store=session.store,
        month=month,
        inbox=inbox,
        received_at=moment,
        reason=reason,
        policy=session.policy.absolute(),
        language=session.language,
        engine=engine,
        afresh=afresh,
    )
    with watching(month, session.language) as watch:
        result = run_month(request, watch.hear)
    if result.error.endswith(_INTERRUPTED):
        raise KeyboardInterrupt
    summary = _summary(session, result) if result.publication and result.success else None
    if as_json:
        console.answer_json(report.document(result, summary, _outbox(session, month), watch.seconds))
    elif summary:
        console.answer(*report.render(result, summary, _outbox(session, month), session.language))
    _tell(session, result)
    return DONE if summary else NOT_PUBLISHED


def _tell(session: Session, result: RunResult) -> None:
    """What is said beside the answer: why a month was not published, which files were still being copied."""
    if result.landing and result.landing.changing:
        console.message(
            console.text(say(CHANGING, session.language, names=", ".join(result.landing.changing)), "yellow")
        )
    if result.success:
        return
    if result.failed_checks:
        said = say(NOT_PROVEN, session.language, month=result.month, count=len(result.failed_checks))
        console.message(console.text(said, "bold red"), report.failed_proofs(result.failed_checks, session.language))
    else:
        detail = in_words(result.error, session.language)
        said = say(RUN_FAILED, session.language, month=result.month, detail=detail)
        console.message(console.text(said, "bold red"))
    if result.run_id:
        console.message(console.text(say(RUN_ID, session.language, run_id=result.run_id)))


def _summary(session: Session, result: RunResult) -> Summary:
    """What the run knows of its tables; where it made none, they are looked at."""
    home, publication = Home(session.home, session.store), _published(result)
    tables = Shown(home, {}, {}, {name: (publication, name) for name in publication.tables})
    landed = result.landing.landed if result.landing else None
    new = set() if landed is None else set(zip(landed["file_name"], landed["sha256"], strict=True))
    found = result.sums or sums(tables)
    return told(result.month, found, tables["receipts"], new)


def _published(result: RunResult) -> Publication:
    assert result.publication is not None  # noqa: S101 - the caller looked
    return result.publication


def _outbox(session: Session, month: str) -> list[Path]:
    """The files of the outbox of the month, the rosters as one folder."""
    folder = folder_of(Home(session.home, session.store).outbox, month)
    return sorted(folder.iterdir()) if folder.is_dir() else []
