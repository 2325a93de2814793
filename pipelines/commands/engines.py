"""On what months run, as it is asked for on the command line."""

from __future__ import annotations

from pipelines.commands.messages import BAD_ENGINE, Fault
from pipelines.engine.sharding.settings import Settings, SettingsError, checked, settings


def asked(engine: str, shards: int, memory: str, scheduler: str, workers: int) -> Settings:
    """The settings; raises ``Fault`` where the stages cannot run on what is asked for."""
    try:
        return checked(settings(engine, shards, memory, scheduler, workers))
    except SettingsError as error:
        raise Fault(BAD_ENGINE, detail=error) from None
