"""One call of a step, and what becomes of its error where it was taken by another process."""

from __future__ import annotations

import pickle
import traceback
from typing import TYPE_CHECKING, Any, Final

from schemas.remembered import forget

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.engine.sharding.jobs import Job

    Answer = tuple[Any, Exception | None]
    """What a step gave, or its error."""

_FRAMES: Final = "frames"


def alone(step: Callable[[Job, int], Any], job: Job, number: int) -> Any:  # noqa: ANN401 - whatever the step gives
    """One call of a step, after which nothing of its rows is remembered."""
    try:
        return step(job, number)
    finally:
        forget()


def attempted(step: Callable[[Job, int], Any], job: Job, number: int) -> Answer:
    """What the step gives, or its error, to be raised where the run is: text and all, it would be told here else."""
    try:
        return alone(step, job, number), None
    except Exception as error:  # noqa: BLE001 - raised again where the run is
        return None, sendable(error)


def sendable(error: Exception) -> Exception:
    """The error, with the places that it came through; its kind alone where it cannot be handed on."""
    vars(error)[_FRAMES] = frames(error)
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - written here just now
    except Exception:  # noqa: BLE001 - an error may be anything, and so may be what stands against sending it
        other = RuntimeError(type(error).__name__)
        vars(other)[_FRAMES] = frames(error)
        return other
    return error.with_traceback(None)


def frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The places that an error came through, the innermost last, also where that was in another process."""
    return [*traceback.extract_tb(error.__traceback__), *vars(error).get(_FRAMES, ())]
