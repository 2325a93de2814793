"""The run history as a run of the command line writes it: each file opened once, each step's events written together.

The files, their tables and their rows are Dagster's own: the UI and the daemon read and write them through Dagster's
classes, at the same time. Dagster opens a file anew for every event and compiles each statement again, which takes
longer than a small month takes to reconcile (docs/decisions/0044).
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import dagster as dg
import sqlalchemy
from dagster import DagsterEventType
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageMetadata
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClass, ConfigurableClassData
from sqlalchemy.exc import OperationalError, SQLAlchemyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dagster import EventLogEntry
    from sqlalchemy.engine import Connection, Engine

CAN_WAIT: Final = frozenset(
    {
        DagsterEventType.ASSET_CHECK_EVALUATION,
        DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
        DagsterEventType.ASSET_MATERIALIZATION,
        DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
        DagsterEventType.LOGS_CAPTURED,
        DagsterEventType.RESOURCE_INIT_STARTED,
        DagsterEventType.RESOURCE_INIT_SUCCESS,
        DagsterEventType.STEP_OUTPUT,
        DagsterEventType.STEP_SUCCESS,
    }
)
"""Events that are written with the next one that cannot wait: what a step gives is followed at once by the start of
the next step, or by the end of the run. Any other is written at once, failures above all."""

_DEFAULT: Final = "DagsterSqliteStorage"
_VERSIONS: Final = sqlalchemy.Table(
    "alembic_version", sqlalchemy.MetaData(), sqlalchemy.Column("version_num", sqlalchemy.String(32), primary_key=True)
)
"""Where Alembic keeps the version of a file's tables."""


def open_for_run(folder: Path) -> dg.DagsterInstance:
    """The instance whose ``dagster.yaml`` is in ``folder``, with this history where it asks for no other storage."""
    ref = InstanceRef.from_dir(str(folder))
    said = ref.storage_data
    if said and said.class_name == _DEFAULT:
        ref = ref._replace(storage_data=ConfigurableClassData(__name__, RunHistory.__name__, said.config_yaml))
    return dg.DagsterInstance.from_ref(ref)


class RunHistory(DagsterStorage[dg.DagsterInstance], ConfigurableClass):
    """Runs and events of one home, in the files where Dagster looks for them. A run has no business with schedules."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        history = Path(base_dir) / "history"
        self._runs, self._events = Runs.from_local(str(history)), Events(str(history / "runs"))
        self._inst_data = inst_data
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """How this was asked for."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> Mapping[str, Any]:
        """What is asked for: the folder, as by Dagster's own."""
        return {"base_dir": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """The storage that is asked for."""
        return cls(config_value["base_dir"], inst_data)

    @property
    def run_storage(self) -> Runs:
        """The runs."""
        return self._runs

    @property
    def event_log_storage(self) -> Events:
        """The events."""
        return self._events

    @property
    def schedule_storage(self) -> None:  # type: ignore[override] # an instance may have none
        """There is none."""


class Runs(SqliteRunStorage):
    """The runs of a home, in a file that stays open."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engine = _engine(conn_string)
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """One transaction."""
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        self._engine.dispose()


class Events(SqliteEventLogStorage):
    """The events of a home: a file a run, and one of what concerns tables, whatever the run."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._lock = threading.RLock()
        self._engines: dict[str, Engine] = {}
        self._pending: list[EventLogEntry] = []
        self._open: dict[str, Connection] = {}
        super().__init__(base_dir, inst_data)

    def store_event(self, event: EventLogEntry) -> None:
        """Write an event, and before it those that waited; or let it wait."""
        with self._lock:
            self._pending.append(event)
            if not (event.dagster_event and event.dagster_event.event_type in CAN_WAIT):
                self._write()

    def dispose(self) -> None:
        """Write what waits and close the files."""
        with self._lock:
            self._write()
            for engine in self._engines.values():
                engine.dispose()
        super().dispose()

    def _write(self) -> None:
        """Write all that waits, in one transaction a file; where that fails all of it waits on."""
        if not self._pending:
            return
        shards = {*(event.run_id for event in self._pending), INDEX_SHARD_NAME}
        try:
            with ExitStack() as transactions:
                self._open = {shard: transactions.enter_context(self._engine(shard).begin()) for shard in shards}
                for event in self._pending:
                    super().store_event(event)
        finally:
            self._open = {}
        self._pending = []

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        """The transaction under way, or a new one, which sees all that was told before."""
        with self._lock:
            if shard in self._open:
                yield self._open[shard]
                return
            self._write()
            with self._engine(shard).begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            engine = _engine(self.conn_string_for_shard(shard))
            if _version(engine) is None:
                self._begin(engine)
            self._engines[shard] = engine
        return self._engines[shard]

    def _begin(self, engine: Engine) -> None:
        """Make the tables of a run, of the version that the file of all runs is of, without looking that up anew."""
        version = _version(self._engine(INDEX_SHARD_NAME))
        try:
            SqlEventLogStorageMetadata.create_all(engine)
            with engine.connect() as connection:
                connection.execute(sqlalchemy.text("PRAGMA journal_mode=WAL"))
                _VERSIONS.create(connection)
                connection.execute(_VERSIONS.insert().values(version_num=version))
                connection.commit()
        except SQLAlchemyError:  # the UI has come in between, as Dagster can cope with
            self._initdb(engine)


def _version(engine: Engine) -> str | None:
    """Of which version the tables of a file are; None where it has none yet."""
    try:
        with engine.connect() as connection:
            return connection.execute(_VERSIONS.select()).scalar_one_or_none()
    except OperationalError:
        return None


def _engine(conn_string: str) -> Engine:
    """One connection a thread at a time, kept open."""
    return sqlalchemy.create_engine(conn_string, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
