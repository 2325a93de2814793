"""One small month run in a process of its own, so that the process may run out of disk, be killed, or meet another."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Final

import pandas as pd

from pipelines.engine import landing, publishing, stages
from pipelines.engine.publishing import Origin, PublishResult
from pipelines.outputs.outbox import write_outbox
from pipelines.readers import naming
from pipelines.readers.layout import Layout
from pipelines.store import locks
from pipelines.store.home import Home
from tests.bad_input.landing import POLICY
from tests.integration.small_month import MONTH, RECEIVED_AT

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

FAILED: Final = 3
"""The exit of a process that could not write."""

PUBLISHED_AT: Final = datetime(2026, 11, 1, 7, tzinfo=UTC)
_WAIT_SECONDS: Final = 600


def prove(home: Home) -> stages.Tables:
    """Land what is new and reconcile the month."""
    landing.land(home, home.inbox, RECEIVED_AT)
    issued = landing.issued(home, None)
    rows = {name: landing.load_known_rows(home, issued, kind) for kind, name in stages.ROW_TABLES.items()}
    known = {**rows, "landed_receipts": issued, "read_rejections": landing.load_rejections(home, issued)}
    return stages.reconcile(known, MONTH, POLICY, publishing.last_published(home, MONTH, POLICY))


def publish(home: Home, proven: Mapping[str, pd.DataFrame]) -> PublishResult:
    """Publish the month, with its outbox."""
    return publishing.publish(home, MONTH, proven, POLICY, Origin("run", "", PUBLISHED_AT), write_outbox)


def run(home: Home) -> None:
    """The whole month; one run of it at a time, as the lock of the month has it."""
    home.prepare()
    with locks.hold(home, f"month-{MONTH}", wait_seconds=_WAIT_SECONDS):
        publish(home, prove(home))


def run_on_a_full_disk(home: Home, largest_bytes: int) -> None:
    """The month where no file may grow beyond some bytes, whoever writes it: every write fails at another place."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_bytes, largest_bytes))
    try:
        run(home)
    except Exception:  # noqa: BLE001 - what it raises is told by other tests; here only what it leaves counts
        sys.exit(FAILED)


def run_until_killed(home: Home, writes: int) -> None:
    """The month in a process that is killed at the moment it has that many files to make durable."""
    fsync, left = os.fsync, [writes]

    def dying(fd: FileDescriptorLike) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(fd)

    os.fsync = dying
    run(home)


def land_poison(home: Home, interpreter: str = sys.executable) -> None:
    """Land files of which one, by its name, takes the whole process with it as soon as it is looked at.

    ``interpreter`` runs the process of its own in which such a file is read at last.
    """
    sys.executable = interpreter
    choose = naming.choose

    def dying(file_name: str, layouts: Iterable[Layout]) -> Layout | None:
        if "poison" in file_name:
            os.kill(os.getpid(), signal.SIGKILL)
        return choose(file_name, layouts)

    naming.choose = dying
    landing.land(home, home.inbox, RECEIVED_AT)


def hold_lock(home: Home, told: Connection) -> None:
    """Hold the lock of the month until killed."""
    with locks.hold(home, f"month-{MONTH}", wait_seconds=0):
        told.send("held")
        signal.pause()
