"""The Dagster code location: the programme whose home ``QUINCENA_HOME`` names (``var`` where it is not set)."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.defs.location import POLICY, build
from pipelines.engine.sharding.settings import of_environment
from pipelines.outputs.labels import spoken

defs = build(
    home=Path(os.environ.get("QUINCENA_HOME", "var")),
    policy=Path(os.environ.get("QUINCENA_POLICY", POLICY)),
    inbox=os.environ.get("QUINCENA_INBOX", ""),
    language=spoken(os.environ.get("QUINCENA_LANG", "")),
    engine=of_environment(os.environ),
    store=os.environ.get("QUINCENA_STORE", ""),
)
