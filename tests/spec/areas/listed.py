"""Every area, in the order in which they are read and published."""

from __future__ import annotations

from typing import Final

from tests.spec.areas import (
    allocation,
    buckets,
    calendar,
    changes,
    coverage,
    dating,
    decisions,
    flags,
    holds,
    identity,
    matching,
    naming,
    proofs,
    registry,
    settlement,
    suggestions,
)

MODULES: Final = (
    calendar,
    registry,
    identity,
    dating,
    settlement,
    naming,
    matching,
    holds,
    buckets,
    decisions,
    allocation,
    suggestions,
    flags,
    coverage,
    changes,
    proofs,
)
AREAS: Final = tuple(module.AREA for module in MODULES)
