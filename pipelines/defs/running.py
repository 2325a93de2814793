"""Runs for the command line: one month through Dagster in this process, and what the Dagster UI needs to show it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.defs import history
from pipelines.defs.location import POLICY, REPOSITORY, build
from pipelines.defs.partitions import FIRST_MONTH, TIMEZONE
from pipelines.defs.progress import Heard, StageEvent, listening
from pipelines.defs.resources import load_policy
from pipelines.engine.landing import LandingReport
from pipelines.engine.sharding.settings import DEFAULT_MEMORY
from pipelines.outputs.labels import DEFAULT_LANGUAGE
from pipelines.outputs.summary import Sums
from pipelines.rules.calendar import shift_month
from pipelines.rules.policy import PolicyError
from pipelines.store import publications
from pipelines.store.files import write_atomically
from pipelines.store.home import Home
from pipelines.store.inbox import canonical
from pipelines.store.publications import Publication

SOURCE_TAG: Final = "quincena/source"
REASON_TAG: Final = "reason"


@dataclass(frozen=True)
class Engine:
    """On what the stages run, as ``Programme`` takes it; an empty one is the local engine, as the memory asks for."""

    engine: str = "local"
    shards: int = 0
    memory: str = DEFAULT_MEMORY
    scheduler: str = ""
    workers: int = 0


@dataclass(frozen=True)
class RunRequest:
    """One month to run. ``received_at`` is an aware instant (None: now), ``inbox`` a folder or URL (None: the home's).

    ``store`` is the URL with what has to last (empty: the home has it too).
    ``wait_seconds`` is how long to wait while another run of the month is under way, ``language`` the outbox's;
    ``afresh``: work everything out again, whatever is known to be unchanged.
    """

    home: Path
    month: str
    inbox: str | Path | None = None
    received_at: datetime | None = None
    reason: str = ""
    policy: Path = POLICY
    wait_seconds: int = 10
    language: str = DEFAULT_LANGUAGE
    engine: Engine = field(default_factory=Engine)
    store: str = ""
    afresh: bool = False


class FailedCheck(NamedTuple):
    """One figure of a proof that failed."""

    check: str
    scope: str
    expected: int
    found: int


@dataclass(frozen=True)
class RunResult:
    """What came of a run. Without success nothing was published, and ``error`` says why."""

    month: str
    success: bool
    run_id: str
    failed_checks: tuple[FailedCheck, ...]
    error: str
    publication: Publication | None
    is_new: bool
    changed_tables: tuple[str, ...]
    outbox: tuple[Path, ...]
    landing: LandingReport | None
    sums: Sums | None = None


def run_month(request: RunRequest, progress: Callable[[StageEvent], None] | None = None) -> RunResult:
    """Land, reconcile and publish one month; the run is kept in the home's run history, where the UI shows it.

    Raises ``HomePathError`` where the home cannot stand, ``StoreAddressError`` and ``UnreachedError`` where its store
    cannot be used, ``PolicyError`` where no policy governs the month and ``UnreadableError`` where the inbox's address
    cannot be used: none makes a run. Whatever goes wrong later is in the result.
    """
    _check_month(request)
    home = Home(request.home.absolute(), request.store)
    home.prepare()
    with history.open_for_run(_configured(home)) as instance, listening(progress) as heard:
        job = build(home.root, request.policy, store=home.store).resolve_job_def("month")
        with dg.partition_loading_context(effective_dt=_end_of(request.month)):
            ended = job.execute_in_process(
                run_config=_config(request),
                instance=instance,
                partition_key=request.month,
                raise_on_error=False,
                tags={REASON_TAG: request.reason, SOURCE_TAG: "command line"},
            )
    return _result(home, request.month, ended, heard)


def open_instance(home: Home) -> dg.DagsterInstance:
    """The run history of a home. The repository's instance policy is copied there unless the home has its own."""
    return dg.DagsterInstance.from_config(str(_configured(home)))


def _configured(home: Home) -> Path:
    own = home.dagster / "dagster.yaml"
    if not own.exists():
        write_atomically(own, (REPOSITORY / "dagster.yaml").read_bytes())
    return home.dagster


def ui_environment(home: Path, policy: Path = POLICY, store: str = "") -> dict[str, str]:
    """The environment in which :func:`ui_command` shows this home and runs its months."""
    prepared = Home(home.absolute(), store)
    prepared.prepare()
    with open_instance(prepared):
        return {
            **os.environ,
            "DAGSTER_HOME": str(prepared.dagster),
            "QUINCENA_HOME": str(prepared.root),
            "QUINCENA_POLICY": str(policy.absolute()),
            "QUINCENA_STORE": store,
        }


def ui_command(port: int = 3000) -> list[str]:
    """The command that starts the Dagster UI and its daemon for this machine alone: the UI has no login."""
    command = [sys.executable, "-m", "dagster", "dev", "--module-name", "pipelines.definitions"]
    return [*command, "--host", "127.0.0.1", "--port", str(port)]


def _check_month(request: RunRequest) -> None:
    load_policy(request.policy).governing(request.month)
    if request.month < FIRST_MONTH:
        message = f"{request.month} is before {FIRST_MONTH}, the first month that can be run"
        raise PolicyError(message)


def _config(request: RunRequest) -> dict[str, Any]:
    land = {
        "inbox": canonical(request.inbox) if request.inbox else "",
        "received_at": request.received_at.isoformat() if request.received_at else "",
    }
    # What there is to tell is told by the command line; the run history has it all.
    quiet = {"console": {"config": {"log_level": "CRITICAL"}}}
    programme = {
        "home_path": str(request.home.absolute()),
        "store": request.store,
        "policy_path": str(request.policy.absolute()),
        "wait_seconds": request.wait_seconds,
        "language": request.language,
        "afresh": request.afresh,
        **asdict(request.engine),
    }
    return {
        "ops": {"land": {"config": land}},
        "resources": {"programme": {"config": programme}},
        "loggers": quiet,
    }


def _end_of(month: str) -> datetime:
    """An instant at which ``month`` is in progress: the command line runs any month, whatever the clock says."""
    following = datetime.fromisoformat(f"{shift_month(month, 1)}-01").replace(tzinfo=ZoneInfo(TIMEZONE))
    return following - timedelta(days=1)


def _result(home: Home, month: str, ended: dg.ExecuteInProcessResult, heard: Heard) -> RunResult:
    told = _told(ended)
    return RunResult(
        month=month,
        success=ended.success,
        run_id=ended.run_id,
        failed_checks=_failed_checks(heard),
        error="" if ended.success else _error(ended),
        publication=publications.fetch(home, month, told["publication"]) if ended.success else None,
        is_new=bool(told.get("is_new")),
        changed_tables=tuple(told.get("changed_tables", ())),
        outbox=tuple(home.outbox / name for name in told.get("outbox", ())),
        landing=heard.landing,
        sums=heard.sums if ended.success else None,
    )


def _told(ended: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """The metadata of the publication made or kept."""
    made = ended.get_asset_materialization_events()
    events = [event for event in made if event.asset_key == dg.AssetKey("publication")]
    return {key: entry.value for key, entry in events[-1].materialization.metadata.items()} if events else {}


def _failed_checks(heard: Heard) -> tuple[FailedCheck, ...]:
    if heard.certificate is None:
        return ()
    failed = heard.certificate.loc[~heard.certificate["passed"], list(FailedCheck._fields)]
    return tuple(FailedCheck(*row) for row in failed.itertuples(index=False))


def _error(ended: dg.ExecuteInProcessResult) -> str:
    """The innermost message of the first failure."""
    for event in ended.all_events:
        if event.is_failure:
            failure = getattr(event.event_specific_data, "user_failure_data", None)
            if failure and failure.description:
                return str(failure.description)
            error = getattr(event.event_specific_data, "error", None)
            while error and error.cause:
                error = error.cause
            if error:
                return str(error.message).removeprefix("dagster._core.definitions.events.Failure: ").strip()
    return "the run ended without saying why"
