"""`quincena sample`: a made-up inbox with the truth beside it."""

from __future__ import annotations

from pathlib import Path

from pipelines.commands import console
from pipelines.commands.messages import BAD_SAMPLE, SAMPLED, Fault
from pipelines.commands.months import months
from pipelines.commands.session import Session
from pipelines.outputs import amounts
from pipelines.outputs.labels import say
from pipelines.sample import generate


def sample(session: Session, output: Path, month: str, registrants: int, seed: int) -> None:
    """Write ``inbox/`` and ``truth/`` under ``output``; raises ``Fault``."""
    span = months(month)
    try:
        made = generate(output, span[0], span[-1], registrants, seed)
    except ValueError as error:
        raise Fault(BAD_SAMPLE, detail=error) from None
    figures = {
        "files": f"{made.files:,}",
        "payments": f"{made.payments:,}",
        "amount": amounts.shown(made.centavos),
        "path": output,
    }
    console.message(console.text(say(SAMPLED, session.language, **figures)))
