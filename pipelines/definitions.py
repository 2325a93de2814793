"""The Dagster code location: the programme whose home ``QUINCENA_HOME`` names (``var`` where it is not set)."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.defs.location import POLICY, build

defs = build(
    home=Path(os.environ.get("QUINCENA_HOME", "var")),
    policy=Path(os.environ.get("QUINCENA_POLICY", POLICY)),
    inbox=os.environ.get("QUINCENA_INBOX", ""),
)
