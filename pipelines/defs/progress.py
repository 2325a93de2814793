"""Progress: what stage a run has reached and what it found, told to whoever listens in the same process."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from pipelines.engine.landing import LandingReport
    from pipelines.outputs.summary import Sums

STAGES: Final = (
    *("land", "read", "identify", "settle", "match", "allocate", "flag", "suggest", "cover", "prove", "publish"),
)
"""The stages of a month in order; Dagster's asset groups have these names."""


class StageEvent(NamedTuple):
    """A stage of ``month`` began, advanced (``done`` of ``total`` files landed) or ended."""

    month: str
    stage: str
    state: Literal["started", "advanced", "finished"]
    done: int = 0
    total: int = 0


@dataclass
class Heard:
    """What a run told of itself that its history does not hold: what landing did, the certificate, what was summed."""

    listener: Callable[[StageEvent], None] | None
    landing: LandingReport | None = None
    certificate: pd.DataFrame | None = None
    sums: Sums | None = None


_heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


@contextmanager
def listening(listener: Callable[[StageEvent], None] | None) -> Iterator[Heard]:
    """Let ``listener`` hear of the stages that run in this thread, and keep what they find."""
    heard = Heard(listener)
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def tell(event: StageEvent) -> None:
    """Tell of a stage; nobody need listen."""
    heard = _heard.get()
    if heard and heard.listener:
        heard.listener(event)


def tell_landing(report: LandingReport) -> None:
    """Tell what landing did."""
    heard = _heard.get()
    if heard:
        heard.landing = report


def tell_certificate(certificate: pd.DataFrame) -> None:
    """Tell the ``CertificateLine`` rows of the run."""
    heard = _heard.get()
    if heard:
        heard.certificate = certificate


def tell_sums(sums: Sums) -> None:
    """Tell the figures of the tables that were published."""
    heard = _heard.get()
    if heard:
        heard.sums = sums
