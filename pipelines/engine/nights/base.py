"""What a whole run in shards leaves for the nights after it: its rows by world, and what they made (ADR 0041).

It lies in ``work`` of the home, is never changed, and is believed only where every file of it is what was written and
the publication, the policy, the program and the files it was made of are still those. Without it a month is worked out
whole, which lays down another one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from pipelines.engine.nights.notes import Grounds
from pipelines.engine.sharding.jobs import PAYING, Job, Spilled
from pipelines.store import publications
from pipelines.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipelines.engine.figures import Figures
    from pipelines.rules.policy import PolicyBook
    from pipelines.store.home import Home
    from pipelines.store.publications import Publication

STEPS: Final = ("rows", "worlds", "named", "told", "settling_facts", "settling_claims", "rejected_lines", "payers")
"""Steps whose files are kept, beside what every shard sees."""

TABLES: Final = (
    *("registrants", "capture_lines", "claims", "payments", "findings", "payment_standings", "matches"),
    *("line_standings", "registry_rejections", "decision_rejections"),
)
"""Tables of the shards that are kept: what is in no publication, and what suggestions look at."""

KINDS: Final = ("registrants", "capture_lines", *PAYING)
"""Kinds of pieces that are of the month itself."""

_FORM: Final = 1
_READERS: Final = 4


@dataclass(frozen=True)
class Base:
    """A whole run: the job of which its files remain, the publication that it made, and the figures that it told."""

    job: Job
    publication: Publication
    figures: Mapping[str, Figures]


def keep(home: Home, job: Job, publication: Publication, stands_on: Grounds, figures: Mapping[str, Figures]) -> None:
    """Let what ``job`` laid down be the base of its month. It is taken away from the folder of the job."""
    folder = _folder(home, job.month)
    shutil.rmtree(folder, ignore_errors=True)
    _prune(job)
    folder.parent.mkdir(parents=True, exist_ok=True)
    job.folder.rename(folder)
    content = {
        "form": _FORM,
        "grounds": asdict(stands_on),
        "publication": publication.number,
        "manifest": publications.digest_of_manifest(publication),
        "shards": job.shards,
        "kinds": [piece.kind for piece in job.pieces],
        "figures": {name: dict(told) for name, told in figures.items()},
        "files": _digests(folder),
    }
    write_atomically(_list(folder), _encoded(content))


def find(home: Home, month: str, policy: PolicyBook, stands_on: Grounds) -> Base | None:
    """The base of a month, if it was made by the same program and policy and is what was laid down."""
    folder = _folder(home, month)
    try:
        content = _list(folder).read_bytes()
        said: dict[str, Any] = json.loads(content)
        if _encoded({name: value for name, value in said.items() if name != "digest"}) != content:
            return None
        grounds, made = Grounds(**said["grounds"]), publications.fetch(home, month, said["publication"])
        is_ours = (grounds.program, grounds.policy) == (stands_on.program, stands_on.policy)
        if not is_ours or made is None or publications.digest_of_manifest(made) != said["manifest"]:
            return None
        if _digests(folder) != said["files"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    pieces = tuple(Spilled(kind, folder) for kind in said["kinds"])
    return Base(Job(folder, said["shards"], month, policy, pieces, None), made, said["figures"])


def _prune(job: Job) -> None:
    """Remove what no night looks at."""
    kept = [number for number, piece in enumerate(job.pieces) if piece.kind in KINDS]
    names = {f"{number}.arrow" for number in kept}
    for path in job.folder.iterdir():
        if path.name not in {*STEPS, "shared", "shards"}:
            shutil.rmtree(path, ignore_errors=True)
    for step in ("rows", "worlds", "named", "told"):
        for path in (job.folder / step).glob("*.arrow"):
            if path.name not in names:
                path.unlink()
    for path in (job.folder / "shards").rglob("*.arrow"):
        if path.stem not in TABLES:
            path.unlink()


def _digests(folder: Path) -> dict[str, str]:
    paths = sorted(folder.rglob("*.arrow"))
    with ThreadPoolExecutor(_READERS) as readers:
        found = list(readers.map(_digest, paths))
    return {path.relative_to(folder).as_posix(): digest for path, digest in zip(paths, found, strict=True)}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder(home: Home, month: str) -> Path:
    return home.work / "standing" / month


def _list(folder: Path) -> Path:
    return folder / "base.json"


def _encoded(content: dict[str, Any]) -> bytes:
    digest = hashlib.sha256(_canonical(content)).hexdigest()
    return _canonical({**content, "digest": digest})


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
