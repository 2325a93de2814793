"""Waiting for asynchronous connections: one background loop for all of them, and a limit on every wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from fsspec.asyn import get_loop

ANSWER_SECONDS: Final = 60.0
"""How long one answer of a server may take."""

_Result = TypeVar("_Result")


def wait(answer: Awaitable[_Result], seconds: float = 0.0) -> _Result:
    """What ``answer`` gives, run on the background loop; raises ``TimeoutError`` where it takes too long.

    Too long is ``seconds``, or ``ANSWER_SECONDS`` where none are given.
    """
    future = asyncio.run_coroutine_threadsafe(_limited(answer, seconds or ANSWER_SECONDS), get_loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()  # an interrupted wait leaves no work behind
        raise


async def _limited(answer: Awaitable[_Result], seconds: float) -> _Result:
    async with asyncio.timeout(seconds):
        return await answer
