"""`quincena run --as-of`: a month as it was known at a moment, written into a folder and published nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipelines.commands import console
from pipelines.commands.messages import (
    AS_OF_KEEPS_NO_RUN,
    AS_OF_LANDS_NOTHING,
    AS_OF_NEEDS_OUTPUT,
    BAD_OUTPUT,
    BAD_POLICY,
    DONE,
    NO_HOME,
    NO_POLICY,
    NOT_PROVEN,
    NOT_PUBLISHED,
    OUTPUT_NEEDS_AS_OF,
    Fault,
)
from pipelines.commands.months import instant, months
from pipelines.engine.rebuilding import Rebuilt, rebuild
from pipelines.outputs import exports
from pipelines.outputs.labels import say
from pipelines.outputs.labels_publications import OTHER_POLICY, REBUILT_ALONE, REBUILT_EQUAL, REBUILT_OTHER
from pipelines.outputs.outbox import canonical_json
from pipelines.rules.policy import PolicyBook, PolicyError, parse_policy
from pipelines.store.files import write_atomically
from pipelines.store.home import Home

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from pipelines.commands.session import Session
    from pipelines.engine.sharding.settings import Settings

CERTIFICATE: Final = "certificate.json"
_ENDINGS: Final = (".parquet", ".csv")
_REFUSED: Final = {
    "received_at": AS_OF_LANDS_NOTHING,
    "inbox": AS_OF_LANDS_NOTHING,
    "reason": AS_OF_KEEPS_NO_RUN,
}
"""Option that would say nothing here → what is told of it."""


def run(
    session: Session,
    written: str,
    as_of: str | None,
    output: Path | None,
    settings: Settings,
    named: Collection[str],
    *,
    as_json: bool,
) -> int:
    """Rebuild each month; its files go into ``output``, of a range into a folder for each month. Raises ``Fault``.

    The policy is the one of today. Nothing is landed: what waits in the inbox was not received. ``named``: the options
    that were typed; of those that say nothing here none may be.
    """
    if as_of is None:
        raise Fault(OUTPUT_NEEDS_AS_OF)
    if output is None:
        raise Fault(AS_OF_NEEDS_OUTPUT)
    for option, refusal in _REFUSED.items():
        if option in named:
            raise Fault(refusal, option=f"--{option.replace('_', '-')}")
    span, moment, home = months(written), instant(as_of, "--as-of"), Home(session.home, session.store)
    policy = read_policy(session.policy, span[0])
    if not home.is_begun():
        raise Fault(NO_HOME, path=home.lasting)
    if output.exists() and not output.is_dir():
        raise Fault(BAD_OUTPUT, path=output, detail="not a directory")
    exits = []
    for month in span:
        folder = output / month if len(span) > 1 else output
        with rebuild(home, month, moment, policy, settings) as rebuilt:
            if rebuilt.is_proven:
                _write(rebuilt, folder)
        _tell(session, rebuilt, moment, folder, as_json=as_json)
        exits.append(DONE if rebuilt.is_proven else NOT_PUBLISHED)
    return max(exits)


def read_policy(path: Path, first: str) -> PolicyBook:
    """The policy, which must govern the ``first`` month and with it the later ones; raises ``Fault``."""
    try:
        policy = parse_policy(path.read_text("utf-8"))
        policy.governing(first)
    except (OSError, UnicodeDecodeError):
        raise Fault(NO_POLICY, path=path) from None
    except PolicyError as error:
        raise Fault(BAD_POLICY, NOT_PUBLISHED, path=path, detail=error) from None
    return policy


def _write(rebuilt: Rebuilt, folder: Path) -> None:
    for name, table in rebuilt.tables.items():
        for ending in _ENDINGS:
            exports.write_table(table, folder / f"{name}{ending}", name)
    write_atomically(folder / CERTIFICATE, canonical_json(rebuilt.document))


def _tell(session: Session, rebuilt: Rebuilt, moment: datetime, folder: Path, *, as_json: bool) -> None:
    number = rebuilt.published.number if rebuilt.published else None
    if not rebuilt.is_same_policy:
        digest = rebuilt.document["policy_digest"]
        console.message(console.text(say(OTHER_POLICY, session.language, number=number, digest=digest), "yellow"))
    if not rebuilt.is_proven:
        failed = int((~rebuilt.certificate["passed"]).sum())
        console.message(console.text(say(NOT_PROVEN, session.language, month=rebuilt.month, count=failed), "bold red"))
    if as_json:
        console.answer_json(_document(rebuilt, moment, folder, number))
    elif rebuilt.is_proven:
        words = REBUILT_ALONE if number is None else REBUILT_EQUAL if rebuilt.is_equal else REBUILT_OTHER
        values = {"month": rebuilt.month, "as_of": moment.isoformat(), "number": number, "path": folder}
        console.answer(console.text(say(words, session.language, **values)))


def _document(rebuilt: Rebuilt, moment: datetime, folder: Path, number: int | None) -> dict[str, Any]:
    return {
        "month": rebuilt.month,
        "as_of": moment,
        "proven": rebuilt.is_proven,
        "publication": number,
        "equal": rebuilt.is_equal,
        "same_policy": rebuilt.is_same_policy,
        "policy_digest": rebuilt.document["policy_digest"],
        "content_digest": rebuilt.document["content_digest"],
        "certificate_digest": rebuilt.document["digest"],
        "output": str(folder) if rebuilt.is_proven else None,
    }
