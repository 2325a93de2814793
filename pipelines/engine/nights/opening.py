"""Whether a month can be worked out as a night, and what a whole run leaves for the nights after it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pipelines.engine import memory
from pipelines.engine.nights import base as bases
from pipelines.engine.nights.months import NightMonth, night
from schemas.remembered import forget

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    import pandas as pd

    from pipelines.engine.figures import Figures
    from pipelines.engine.nights.notes import Grounds
    from pipelines.engine.sharding.jobs import Job
    from pipelines.engine.sharding.months import ShardedMonth
    from pipelines.engine.sharding.settings import Settings
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication


class GivenUpError(RuntimeError):
    """A night stumbled over something. The text names its kind alone: that of an error may quote a row."""


def opened(
    home: Home,
    month: str,
    policy: PolicyBook,
    grounds: Grounds,
    issued: pd.DataFrame,
    settings: Settings,
    held: ExitStack,
) -> NightMonth | None:
    """The month as a night, until ``held`` ends; None where there is no base for one.

    Raises ``GivenUpError`` where there is one, and the month has to be worked out whole all the same.
    """
    folder = home.work / month / "night"
    held.callback(partial(shutil.rmtree, folder, ignore_errors=True))
    alone = replace(settings, engine="local", shards=0)
    try:
        base = bases.find(home, month, policy, grounds)
        return night(home, base, issued, folder, lambda rows: alone.shards_for(rows) == 1) if base else None
    except Exception as doubt:  # noqa: BLE001 - whatever it is, a whole run says what is wrong, or mends it
        raise GivenUpError(type(doubt).__name__) from None
    finally:
        forget()
        memory.give_back()


def leave(
    home: Home, month: ShardedMonth, publication: Publication, grounds: Grounds, told: Mapping[str, Figures]
) -> None:
    """Let what a whole run laid down be the base of the nights after it; a full disk only costs the base."""

    def keep(job: Job) -> None:
        with suppress(OSError):
            bases.keep(home, job, publication, grounds, told)

    month.leave = keep
