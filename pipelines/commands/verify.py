"""`quincena verify`: every digest of a home computed again, and the chain followed; what was altered is named."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.status import Status

from pipelines.commands import console
from pipelines.commands.messages import DONE, NO_HOME, NOT_PUBLISHED, Fault
from pipelines.engine.verifying import Verified, verify
from pipelines.outputs import outbox
from pipelines.outputs.labels import say
from pipelines.outputs.labels_publications import INTACT, KINDS, NOT_INTACT, PROBLEM, VERIFYING
from pipelines.store.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipelines.commands.session import Session


def run(session: Session, *, as_json: bool) -> int:
    """Verify the home; the exit: 0, or 1 where something is not as it was written. Raises ``Fault``."""
    home = Home(session.home, session.store)
    if not home.is_begun():
        raise Fault(NO_HOME, path=home.lasting)
    with _watched(session.language) as progress:
        verified = verify(home, partial(outbox.faults, home.outbox), progress)
    if as_json:
        faults = [fault._asdict() for fault in verified.faults]
        console.answer_json({"intact": not faults, "looked_at": verified.looked_at, "faults": faults})
    else:
        _tell(verified, session.language)
    return NOT_PUBLISHED if verified.faults else DONE


def _tell(verified: Verified, language: str) -> None:
    for fault in verified.faults:
        detail = f" ({fault.detail})" if fault.detail else ""
        console.answer(console.text(f"{fault.path}: {say(PROBLEM[fault.problem], language)}{detail}", "red"))
    counts = ", ".join(f"{count:,} {say(KINDS[kind], language)}" for kind, count in verified.looked_at.items())
    words = NOT_INTACT if verified.faults else INTACT
    told = say(words, language, count=len(verified.faults), looked_at=counts)
    console.answer(console.text(told, "bold red" if verified.faults else "bold green"))


@contextmanager
def _watched(language: str) -> Iterator[Callable[[int, int], None] | None]:
    """What shows the progress where somebody watches."""
    if not console.is_terminal():
        yield None
        return
    terminal = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8")
    with terminal, Status("", console=Console(file=terminal)) as status:
        yield lambda done, total: status.update(console.text(say(VERIFYING, language, done=done, total=total)))
