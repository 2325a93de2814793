"""Seals of a table: the SHA-256 of every file that its commits brought, noted in the table's folder right after them.

A commit cannot carry the digests of its own files, and a flipped bit that no reader looks at, in the log or in a page
that is not used, is found by nothing else. The list has the form of ``sha256sum``; lines are only ever added to it. A
process that dies between commit and note leaves the last versions without seals: the next commit notes them. What is
checked of those is their content, by the digest that they carry.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

import pyarrow
from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.store.places.base import Place

LIST: Final = "_seals.sha256"
"""The list, in the folder of its table."""

_LOG: Final = "_delta_log"
_CHECKPOINT: Final = ".checkpoint.parquet"
_LAST: Final = f"{_LOG}/_last_checkpoint"
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S[^\n]*)")
_COMMIT: Final = re.compile(r"[0-9]{20}\.json")


class Sealed(NamedTuple):
    """What a list says: file → SHA-256, and the numbers of lines that are not of its form."""

    digests: dict[str, str]
    broken: list[int]


def seal(folder: Place) -> None:
    """Note the files of every commit that is not noted yet. Safe beside other writers; raises ``OSError``."""

    def lacking(noted_before: bytes) -> bytes:
        names = _new_files(folder, parse(noted_before).digests)
        return "".join(f"{(folder / name).sha256()}  {name}\n" for name in names).encode()

    (folder / LIST).extend(lacking)


def read(folder: Place) -> Sealed:
    """What the list of a table says; nothing where there is none."""
    try:
        return parse((folder / LIST).read_bytes())
    except FileNotFoundError:
        return Sealed({}, [])


def parse(content: bytes) -> Sealed:
    """The lines of a list; a last one without its end is broken as well."""
    *lines, rest = content.decode("utf-8", "replace").split("\n")
    matches = [*(_LINE.fullmatch(line) for line in lines), *([None] if rest else [])]
    return Sealed(
        {match[2]: match[1] for match in matches if match},
        [number for number, match in enumerate(matches, start=1) if not match],
    )


def commits(folder: Place) -> list[str]:
    """The names of a table's commits, first to last, as the list has them."""
    return [f"{_LOG}/{name}" for name in (folder / _LOG).names() if _COMMIT.fullmatch(name)]


def noted(sealed: Sealed) -> list[str]:
    """The commits that a list has."""
    return [name for name in sealed.digests if _COMMIT.fullmatch(name.removeprefix(f"{_LOG}/"))]


def brought(folder: Place, last: int) -> Iterator[str]:
    """The names of all files that the commits up to version ``last`` brought, as a whole list has them.

    A commit that cannot be read names no files; its own digest tells of it.
    """
    for commit in commits(folder):
        if version_of(commit) <= last:
            with suppress(ValueError, KeyError, TypeError):
                yield from _added(folder / commit)
            yield commit
    yield from (name for name in _checkpoints(folder) if int(name.rpartition("/")[2].partition(".")[0]) <= last)


def commit_name(version: int) -> str:
    """The name of the commit that brought a version."""
    return f"{_LOG}/{version:020d}.json"


def version_of(commit: str) -> int:
    """The version that a commit brought, by its name."""
    return int(commit.rpartition("/")[2].removesuffix(".json"))


def is_pointer_sound(folder: Place) -> bool:
    """Whether the pointer to the last checkpoint, the one file written anew, says what that checkpoint is."""
    path = folder / _LAST
    if not path.exists():
        return True
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
        checkpoint = folder / _LOG / f"{said['version']:020d}.checkpoint.parquet"
        content = checkpoint.buffer()
        adds = parquet.read_table(pyarrow.BufferReader(content), columns=["add"])["add"]
        found = {"size": len(adds), "sizeInBytes": content.size}
        return said == {"version": said["version"], **found, "numOfAddFiles": _with_path(adds.to_pylist())}
    except (OSError, ValueError, KeyError, TypeError):
        return False


def pointer() -> str:
    """The name of that pointer."""
    return _LAST


def _with_path(adds: list[dict[str, Any] | None]) -> int:
    return sum(1 for add in adds if add and add["path"] is not None)


def _new_files(folder: Place, known: dict[str, str]) -> Iterator[str]:
    """Commits not in the list, each after the files that it added; then checkpoints."""
    for commit in commits(folder):
        if commit not in known:
            yield from (name for name in _added(folder / commit) if name not in known)
            yield commit
    yield from (name for name in _checkpoints(folder) if name not in known)


def _added(commit: Place) -> list[str]:
    actions = map(json.loads, commit.read_bytes().splitlines())
    return [unquote(action["add"]["path"]) for action in actions if "add" in action]


def _checkpoints(folder: Place) -> list[str]:
    return [f"{_LOG}/{name}" for name in (folder / _LOG).names() if name.endswith(_CHECKPOINT)]
