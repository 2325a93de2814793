"""The Dagster code location of one home: assets, checks, job, schedule, sensor and resources together."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import dagster as dg

from pipelines.defs import automation
from pipelines.defs.assets import land, prove, publish, read, reconcile, suggest
from pipelines.defs.resources import Premises, Programme
from pipelines.defs.tables import count_takers
from pipelines.outputs.labels import DEFAULT_LANGUAGE

ASSETS: Final = [
    asset
    for asset in dg.load_assets_from_modules([land, read, reconcile, suggest, prove, publish])
    if isinstance(asset, dg.AssetsDefinition)
]
"""Every stage."""

REPOSITORY: Final = Path(__file__).resolve().parents[2]
POLICY: Final = REPOSITORY / "policy.toml"
"""The policy where no other is named."""


def build(home: Path, policy: Path, inbox: str = "", language: str = DEFAULT_LANGUAGE) -> dg.Definitions:
    """Everything that Dagster knows of the programme kept in ``home`` and ruled by ``policy``.

    ``inbox`` is the folder or URL of its files where that is not inbox/ of the home, ``language`` the one in which the
    outbox speaks.
    """
    return dg.Definitions(
        assets=ASSETS,
        jobs=[automation.MONTH],
        schedules=[automation.nightly],
        sensors=[automation.new_files],
        resources=resources(home, policy, inbox, language),
        executor=dg.in_process_executor,
    )


def resources(home: Path, policy: Path, inbox: str = "", language: str = DEFAULT_LANGUAGE) -> dict[str, object]:
    """The resources of one home."""
    return {
        "premises": Premises(home_path=str(home), policy_path=str(policy), inbox=inbox),
        "programme": Programme(home_path=str(home), policy_path=str(policy), inbox=inbox, language=language),
        "takers": count_takers(ASSETS),
    }
