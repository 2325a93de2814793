"""Steps on a Dask cluster: this machine's, or that of a scheduler. What workers share is the folder of the job."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pipelines.engine import memory
from pipelines.engine.sharding.settings import checked
from pipelines.engine.sharding.steps import attempted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pipelines.engine.sharding.jobs import Job, Runner
    from pipelines.engine.sharding.settings import Settings
    from pipelines.engine.sharding.steps import Answer


_OF_WORKERS: Final = {
    # Memory is kept, not given back at a threshold of the cluster: to get it again costs a fifth of the CPU.
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, **memory.KEEPING},
    "distributed.worker.profile.enabled": False,
    # So long after any death a worker that is away just then would be given up, also if a later death took it.
    "distributed.deploy.lost-worker-timeout": "4 hours",
}

_LOOK_SECONDS: Final = 15.0
_LOOKS: Final = 20
"""How often no worker is found, one look after the other, before a step is given up."""


class NoWorkersError(RuntimeError):
    """The cluster has no worker left, and none came."""


class OnCluster:
    """Runs every step on a worker; that of a worker that died is run again on another."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - a `distributed.Client`, which only this engine loads
        self._client = client

    def map(self, step: Callable[[Job, int], Any], job: Job, numbers: Iterable[int]) -> list[Any]:
        """What ``step`` gives for each number, in order; the first error of a step is raised here.

        Raises ``NoWorkersError`` where nobody is there to do it for minutes.
        """
        futures = self._client.map(_attempted, list(numbers), step=step, job=job, pure=False)
        self._wait(futures)
        found = self._client.gather(futures)
        for error in (failure for _, failure in found if failure is not None):
            raise error
        return [given for given, _ in found]

    def end(self) -> None:
        """The workers are those of the cluster."""

    def _wait(self, futures: list[Any]) -> None:
        from distributed import wait  # noqa: PLC0415 - local runs never load it

        missed = 0
        while missed < _LOOKS:
            try:
                wait(futures, timeout=_LOOK_SECONDS)
            except TimeoutError:
                missed = 0 if self._client.nthreads() else missed + 1
            else:
                return
        message = "the cluster has no worker left; start workers, then run the month again"
        raise NoWorkersError(message)


@contextmanager
def on_cluster(settings: Settings, folder: Path) -> Iterator[Runner]:
    """The cluster of the scheduler that is named, or one of this machine that ends with the month."""
    checked(settings)
    import dask  # noqa: PLC0415 - local runs never load it
    from distributed import Client, LocalCluster  # noqa: PLC0415 - as dask

    if settings.scheduler:
        with Client(settings.scheduler) as client:
            yield OnCluster(client)
        return
    # Its memory is bounded by the size of the shards; a worker that is stopped for a peak would be stopped again.
    with (
        dask.config.set(_OF_WORKERS),
        LocalCluster(
            n_workers=settings.processes,
            threads_per_worker=1,
            processes=True,
            memory_limit=None,
            dashboard_address="127.0.0.1:0",
            local_directory=str(folder),
            silence_logs=50,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield OnCluster(client)


def _attempted(number: int, step: Callable[[Job, int], Any], job: Job) -> Answer:
    return attempted(step, job, number)
