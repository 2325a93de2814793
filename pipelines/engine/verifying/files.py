"""Files of a home against the digests that were noted when they were written: originals, landed rows, tables."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from pipelines.engine import landing
from pipelines.engine.verifying.faults import Fault
from pipelines.store import originals as kept
from pipelines.store import seals
from pipelines.store.places.base import UnreachedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipelines.engine.verifying.chain import Known
    from pipelines.store.home import Home
    from pipelines.store.places.base import Place

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
    except UnreachedError:
        raise
    except Exception:  # noqa: BLE001 - an altered log may fail its reader in any way
        return Log(frozenset(), frozenset(), (Fault(f"tables/{landing.LANDINGS}", "unreadable"),))
    named, sound = rows["sha256"].ne(""), rows["refusal"].eq("") & rows["layout"].ne("")
    pairs = rows.loc[named & sound, ["layout", "sha256"]]
    return Log(frozenset(rows.loc[named, "sha256"]), frozenset(pairs.itertuples(index=False, name=None)))


def originals(home: Home, log: Log) -> list[Check]:
    """Every original that was landed, and every file beside them."""
    expected = {kept.path_of(home, sha256) for sha256 in log.originals}
    return [partial(_original, home, path) for path in sorted(expected | set(home.originals.files()), key=_key)]


def landed(home: Home, log: Log) -> list[Check]:
    """The rows that were read from every original, by the list of digests beside them, and every file beside those."""
    stems = {home.landed / layout / sha256 for layout, sha256 in log.read}
    found = home.landed.files()
    stems |= {_stem(path) for path in found}
    beside: dict[Place, set[Place]] = {stem: set() for stem in stems}
    for path in found:
        beside[_stem(path)].add(path)
    return [partial(_landed, stem, beside[stem]) for stem in sorted(stems, key=_key)]


def tables(home: Home, known: Known) -> list[Check]:
    """Every file of every table that its list of seals names, and the lists themselves."""
    checks: list[Check] = []
    found = home.tables.folders()
    for table in found:
        folder = home.tables / table
        sealed = seals.read(folder)
        checks.append(partial(_table, folder, sealed, known.versions.get(table, -1)))
        checks += [partial(_sealed, folder, name, digest) for name, digest in sealed.digests.items()]
    missing = [name for name in known.versions if name not in found]
    return [*checks, *(partial(iter, (Fault(f"tables/{name}", "missing"),)) for name in missing)]


def _original(home: Home, path: Place) -> Iterator[Fault]:
    if not path.exists():
        yield Fault(path.key, "missing")
    elif not _SHA256.fullmatch(path.name) or kept.path_of(home, path.name) != path:
        yield Fault(path.key, "extra")
    elif path.sha256() != path.name:
        yield Fault(path.key, "altered")


def _landed(stem: Place, found: set[Place]) -> Iterator[Fault]:
    """``found`` are the files that begin with the stem."""
    listed = stem.parent / f"{stem.name}.sha256"
    parts = [stem.parent / f"{stem.name}.{part}" for part in _PARTS]
    if listed not in found:
        yield Fault(listed.key, "missing")
        return
    digests = {path: path.sha256() if path in found else "" for path in parts}
    said = listed.read_bytes().decode("utf-8", "replace").splitlines(keepends=True)
    lines = {path: f"{digest}  {path.name}\n" for path, digest in digests.items()}
    yield from (Fault(path.key, "missing") for path, digest in digests.items() if not digest)
    wrong = [path for path, digest in digests.items() if digest and lines[path] not in said]
    for path in wrong:
        yield Fault(path.key, "disagrees", listed.key)
    if len(said) != len(parts) and not wrong:
        yield Fault(listed.key, "altered")
    yield from (Fault(path.key, "extra") for path in found - {listed, *parts})


def _table(folder: Place, sealed: seals.Sealed, published: int) -> Iterator[Fault]:
    """The list of a table: all that its commits brought, up to the last one published or noted, is in it."""
    listed = (folder / seals.LIST).key
    yield from (Fault(listed, "altered", f"line {number}") for number in sealed.broken)
    if not seals.is_pointer_sound(folder):
        yield Fault((folder / seals.pointer()).key, "altered")
    for name in seals.brought(folder, max([published, *map(seals.version_of, seals.noted(sealed))])):
        if name not in sealed.digests:
            yield Fault((folder / name).key, "unsealed", listed)


def _sealed(folder: Place, name: str, digest: str) -> Iterator[Fault]:
    path, listed = folder / name, folder / seals.LIST
    if not path.exists():
        yield Fault(path.key, "missing", listed.key)
    elif path.sha256() != digest:
        yield Fault(path.key, "disagrees", listed.key)


def _stem(path: Place) -> Place:
    return path.parent / path.name.partition(".")[0]


def _key(path: Place) -> str:
    return path.key
