"""What every command is told: the home, its store, the policy, the language."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipelines.outputs.labels import spoken


@dataclass(frozen=True)
class Session:
    """The options before the command."""

    home: Path
    policy: Path
    language: str
    store: str = ""


def default_policy() -> Path:
    """The ``policy.toml`` of the working folder, else the one that came with the programme."""
    here = Path("policy.toml")
    return here if here.is_file() else Path(__file__).resolve().parents[2] / "policy.toml"


def language_of_environment() -> str:
    """The language to speak before the options are read."""
    return spoken(os.environ.get("QUINCENA_LANG", ""))
