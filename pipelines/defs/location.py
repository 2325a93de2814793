"""The Dagster code location of one home: assets, checks, job, schedule, sensor and resources together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import dagster as dg

from pipelines.defs import automation
from pipelines.defs.assets import land, prove, publish, read, reconcile, suggest
from pipelines.defs.resources import Premises, Programme
from pipelines.defs.tables import count_takers
from pipelines.outputs.labels import DEFAULT_LANGUAGE
from pipelines.store.places.address import parse

ASSETS: Final = [
    asset
    for asset in dg.load_assets_from_modules([land, read, reconcile, suggest, prove, publish])
    if isinstance(asset, dg.AssetsDefinition)
]
"""Every stage."""

REPOSITORY: Final = Path(__file__).resolve().parents[2]
POLICY: Final = REPOSITORY / "policy.toml"
"""The policy where no other is named."""


def build(
    home: Path,
    policy: Path,
    inbox: str = "",
    language: str = DEFAULT_LANGUAGE,
    engine: Mapping[str, Any] = MappingProxyType({}),
    store: str = "",
) -> dg.Definitions:
    """Everything that Dagster knows of the programme kept in ``home`` and ruled by ``policy``.

    ``inbox`` is the folder or URL of its files where that is not inbox/ of the home, ``language`` the one in which the
    outbox speaks, ``engine`` on what the stages run where a run does not say, as ``Programme`` takes it, ``store`` the
    URL with what has to last where that is not the home.
    """
    return dg.Definitions(
        assets=ASSETS,
        jobs=[automation.MONTH],
        schedules=[automation.nightly],
        sensors=[automation.new_files],
        resources=resources(home, policy, inbox, language, engine, store),
        executor=dg.in_process_executor,
    )


def resources(
    home: Path,
    policy: Path,
    inbox: str = "",
    language: str = DEFAULT_LANGUAGE,
    engine: Mapping[str, Any] = MappingProxyType({}),
    store: str = "",
) -> dict[str, object]:
    """The resources of one home; raises ``StoreAddressError`` before an address with a secret is shown anywhere."""
    places: dict[str, Any] = {
        "home_path": str(home),
        "policy_path": str(policy),
        "inbox": inbox,
        "store": str(parse(store)) if store else "",
    }
    return {
        "premises": Premises(**places),
        "programme": Programme(**places, language=language, **engine),
        "takers": count_takers(ASSETS),
    }
