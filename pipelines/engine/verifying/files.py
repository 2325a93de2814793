"""Files of a home against the digests that were noted when they were written: originals, landed rows, tables."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from pipelines.engine import landing
from pipelines.engine.verifying.faults import Fault
from pipelines.store import originals as kept
from pipelines.store import seals
from pipelines.store.files import TEMPORARY_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pipelines.engine.verifying.chain import Known
    from pipelines.store.home import Home

    Check = Callable[[], Iterable[Fault]]

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PARTS: Final = ("rows.parquet", "rejections.parquet")


class Log(NamedTuple):
    """What was landed: SHA-256 of the originals, (layout, SHA-256) of what was read from them."""

    originals: frozenset[str]
    read: frozenset[tuple[str, str]]
    faults: tuple[Fault, ...] = ()


def read_log(home: Home) -> Log:
    """The log of landings; where it cannot be read, what stands on disk is looked at by itself."""
    try:
        rows = landing.offered(home, None)
    except Exception:  # noqa: BLE001 - an altered log may fail its reader in any way
        return Log(frozenset(), frozenset(), (Fault(f"tables/{landing.LANDINGS}", "unreadable"),))
    named, sound = rows["sha256"].ne(""), rows["refusal"].eq("") & rows["layout"].ne("")
    pairs = rows.loc[named & sound, ["layout", "sha256"]]
    return Log(frozenset(rows.loc[named, "sha256"]), frozenset(pairs.itertuples(index=False, name=None)))


def originals(home: Home, log: Log) -> list[Check]:
    """Every original that was landed, and every file beside them."""
    expected = {kept.path_of(home, sha256) for sha256 in log.originals}
    return [partial(_original, home, path) for path in sorted(expected | set(_files_under(home.originals)))]


def landed(home: Home, log: Log) -> list[Check]:
    """The rows that were read from every original, by the list of digests beside them, and every file beside those."""
    stems = {home.landed / layout / sha256 for layout, sha256 in log.read}
    stems |= {path.with_name(path.name.partition(".")[0]) for path in _files_under(home.landed)}
    return [partial(_landed, home, stem) for stem in sorted(stems)]


def tables(home: Home, known: Known) -> list[Check]:
    """Every file of every table that its list of seals names, and the lists themselves."""
    checks: list[Check] = []
    for folder in sorted(path for path in home.tables.glob("*") if path.is_dir()):
        sealed = seals.read(folder)
        checks.append(partial(_table, home, folder, sealed, known.versions.get(folder.name, -1)))
        checks += [partial(_sealed, home, folder, name, digest) for name, digest in sealed.digests.items()]
    missing = [name for name in known.versions if not (home.tables / name).is_dir()]
    return [*checks, *(partial(iter, (Fault(f"tables/{name}", "missing"),)) for name in missing)]


def _original(home: Home, path: Path) -> Iterator[Fault]:
    if not path.exists():
        yield Fault(_told(home, path), "missing")
    elif not _SHA256.fullmatch(path.name) or kept.path_of(home, path.name) != path:
        yield Fault(_told(home, path), "extra")
    elif seals.digest_of(path) != path.name:
        yield Fault(_told(home, path), "altered")


def _landed(home: Home, stem: Path) -> Iterator[Fault]:
    listed = stem.with_name(f"{stem.name}.sha256")
    parts = [stem.with_name(f"{stem.name}.{part}") for part in _PARTS]
    if not listed.exists():
        yield Fault(_told(home, listed), "missing")
        return
    digests = {path: seals.digest_of(path) if path.exists() else "" for path in parts}
    said = listed.read_bytes().decode("utf-8", "replace").splitlines(keepends=True)
    lines = {path: f"{digest}  {path.name}\n" for path, digest in digests.items()}
    yield from (Fault(_told(home, path), "missing") for path, digest in digests.items() if not digest)
    wrong = [path for path, digest in digests.items() if digest and lines[path] not in said]
    for path in wrong:
        yield Fault(_told(home, path), "disagrees", _told(home, listed))
    if len(said) != len(parts) and not wrong:
        yield Fault(_told(home, listed), "altered")
    extra = set(stem.parent.glob(f"{stem.name}.*")) - {listed, *parts}
    yield from (Fault(_told(home, path), "extra") for path in extra)


def _table(home: Home, folder: Path, sealed: seals.Sealed, published: int) -> Iterator[Fault]:
    """The list of a table: all that its commits brought, up to the last one published or noted, is in it."""
    listed = _told(home, folder / seals.LIST)
    yield from (Fault(listed, "altered", f"line {number}") for number in sealed.broken)
    if not seals.is_pointer_sound(folder):
        yield Fault(_told(home, folder / seals.pointer()), "altered")
    for name in seals.brought(folder, max([published, *map(seals.version_of, seals.noted(sealed))])):
        if name not in sealed.digests:
            yield Fault(_told(home, folder / name), "unsealed", listed)


def _sealed(home: Home, folder: Path, name: str, digest: str) -> Iterator[Fault]:
    path, listed = folder / name, _told(home, folder / seals.LIST)
    if not path.is_file():
        yield Fault(_told(home, path), "missing", listed)
    elif seals.digest_of(path) != digest:
        yield Fault(_told(home, path), "disagrees", listed)


def _files_under(folder: Path) -> Iterator[Path]:
    """Every file but those that are being written."""
    paths = (path for path in folder.rglob("*") if not path.is_dir())
    return (path for path in paths if not path.name.endswith(TEMPORARY_SUFFIX))


def _told(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()
