"""Verify: every digest of a home computed again, and the chain of certificates followed (CONTRACT §13).

What is looked at: ``files`` the originals, the landed rows, and every file of every table; ``chain`` the manifests,
certificates and the content of every table they name. Nothing is changed, and nothing is trusted for having been read
before. The outbox is looked at by who writes it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import chain as chained
from typing import TYPE_CHECKING

from pipelines.engine.verifying import chain, files
from pipelines.engine.verifying.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.store.home import Home

    Check = Callable[[], Iterable[Fault]]

__all__ = ["Fault", "Verified", "verify"]


@dataclass(frozen=True)
class Verified:
    """How many things of each kind were looked at, and what was found: none where the home is as it was written."""

    looked_at: dict[str, int]
    faults: tuple[Fault, ...]


def verify(
    home: Home, outbox_faults: Callable[[str], list[str]], progress: Callable[[int, int], None] | None = None
) -> Verified:
    """Look at the whole home; ``outbox_faults`` names the altered files of the answers of a payment month.

    ``progress`` is called with checks done and checks in all. As many files are read at once as there are processors.
    """
    log = files.read_log(home)
    known = chain.read(home)
    checks: dict[str, list[Check]] = {
        "originals": files.originals(home, log),
        "landed": files.landed(home, log),
        "tables": [*files.tables(home, known), *chain.contents(home, known)],
        "publications": chain.links(home, known, log),
        "outbox": chain.outboxes(home, known, outbox_faults),
    }
    found = [*log.faults, *known.faults, *_run(list(chained.from_iterable(checks.values())), progress)]
    return Verified({kind: len(of_kind) for kind, of_kind in checks.items()}, tuple(sorted(set(found))))


def _run(checks: list[Check], progress: Callable[[int, int], None] | None) -> list[Fault]:
    """What the checks find, with all processors: reading and hashing happen outside Python's lock."""
    found: list[Fault] = []
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        asked = [workers.submit(_listed, check) for check in checks]
        for done, answer in enumerate(as_completed(asked), start=1):
            found += answer.result()
            if progress:
                progress(done, len(checks))
    return found


def _listed(check: Check) -> list[Fault]:
    return list(check())
