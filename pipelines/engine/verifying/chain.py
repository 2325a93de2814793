"""The chain: manifests, certificates, and the content of the tables that they name (CONTRACT §11)."""

from __future__ import annotations

import json
import re
from functools import partial
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from pipelines.engine import publishing
from pipelines.engine.verifying.faults import Fault
from pipelines.rules import decision_chain
from pipelines.rules.calendar import shift_month
from pipelines.rules.policy import Policy, PolicyBook
from pipelines.store import publications
from pipelines.store import tables as at_rest
from pipelines.store.places.base import UnreachedError
from pipelines.store.publications import ManifestDamagedError, Publication
from schemas.catalog import PUBLISHED
from schemas.tables.decision_log import DecisionLogEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipelines.engine.verifying.files import Log
    from pipelines.store.home import Home
    from pipelines.store.tables import TableVersion

    Check = Callable[[], Iterable[Fault]]

_MANIFEST: Final = re.compile(r"[0-9]{4,}\.json")
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class Known(NamedTuple):
    """Every publication that can be read, by month and number, and the last version of each table they name."""

    publications: tuple[Publication, ...]
    versions: dict[str, int]
    faults: tuple[Fault, ...]


def read(home: Home) -> Known:
    """Every manifest of the home."""
    found: list[Publication] = []
    faults: list[Fault] = []
    for path in home.publications.files():
        if not (_MANIFEST.fullmatch(path.name) and _MONTH.fullmatch(path.parent.name)):
            faults += [Fault(path.key, "extra")] if not path.name.startswith(".") else []
            continue
        try:
            publication = publications.fetch(home, path.parent.name, int(path.name.partition(".")[0]))
        except ManifestDamagedError:
            faults.append(Fault(path.key, "altered"))
            continue
        found += [publication] if publication else []
    versions: dict[str, int] = {}
    for publication in found:
        for version in _named(publication):
            versions[version.name] = max(versions.get(version.name, -1), version.version)
    return Known(tuple(found), versions, tuple(faults))


def links(home: Home, known: Known, log: Log) -> list[Check]:
    """Each month's numbers and chain, and each publication by itself."""
    by_month = {month: list(found) for month, found in groupby(known.publications, lambda one: one.month)}
    by_name = {(one.month, one.number): publications.link(one) for one in known.publications}
    checks: list[Check] = [partial(_month, home, month, found) for month, found in by_month.items()]
    for publication in known.publications:
        checks.append(partial(_publication, home, publication, log))
        checks.append(partial(_last, home, publication, by_name))
    return checks


def contents(home: Home, known: Known) -> list[Check]:
    """The rows of every version of every table that a manifest names, each once, and of the log of landings."""
    named: dict[tuple[str, str, int, str], TableVersion] = {}
    for publication in known.publications:
        for version in _named(publication):
            named[version.name, version.month or "", version.version, version.digest] = version
    return [*(partial(_content, home, version) for version in named.values()), partial(_decisions, home)]


def _named(publication: Publication) -> list[TableVersion]:
    """Every table that a publication vouches for."""
    return [*publication.tables.values(), *([publication.landings] if publication.landings else [])]


def outboxes(home: Home, known: Known, outbox_faults: Callable[[str], list[str]]) -> list[Check]:
    """The answers of every month published, and everything beside them."""
    in_force = {publication.month: publication for publication in known.publications}
    checks: list[Check] = [partial(_outbox, home, one, outbox_faults) for one in in_force.values()]
    return [*checks, partial(_beside, home, set(in_force))]


def _month(home: Home, month: str, found: list[Publication]) -> Iterator[Fault]:
    """Numbers from 1 without a gap, each naming the one before it by the digests of manifest and certificate."""
    numbers = {publication.number for publication in found}
    for number in range(1, max(numbers)):
        if number not in numbers and not (home.publications / month / f"{number:04d}.json").exists():
            yield Fault(_name(month, number), "missing")
    if found[0].number == 1 and found[0].before:
        yield Fault(_name(month, 1), "unchained")
    for one, following in pairwise(found):
        if following.number == one.number + 1 and following.before != publications.link(one):
            yield Fault(_name(month, following.number), "unchained", _name(month, one.number))


def _last(
    home: Home, publication: Publication, by_name: dict[tuple[str, int], publications.Link | None]
) -> Iterator[Fault]:
    """The publication made last in the home before this one is there, and is the one that this one names."""
    said = publication.last
    if said is None:
        return
    named = _name(said.month, said.number)
    if (said.month, said.number) in by_name:
        if by_name[said.month, said.number] != said:
            yield Fault(_name(publication.month, publication.number), "unchained", named)
    elif not (home.lasting / named).exists():
        yield Fault(named, "missing", _name(publication.month, publication.number))


def _publication(home: Home, publication: Publication, log: Log) -> Iterator[Fault]:
    """Its digests of policy, content and certificate, computed again, and its inputs among what was landed."""
    told = _name(publication.month, publication.number)
    policy = PolicyBook(tuple(Policy(**entry) for entry in publication.policy))
    of_month = {name: one for name, one in publication.tables.items() if PUBLISHED[name].scope == "month"}
    if not publication.certificate_digest:
        yield Fault(told, "unsealed")
        return
    if publishing.digest_policy(policy) != publication.policy_digest:
        yield Fault(told, "altered", "policy_digest")
    if publications.digest_of(of_month) != publication.content_digest:
        yield Fault(told, "altered", "content_digest")
    try:
        certificate = publications.read_table(home, publication, "certificate")
    except UnreachedError:
        raise
    except Exception:  # noqa: BLE001 - told with the contents
        return
    if publishing.certify(publication, certificate, policy)["digest"] != publication.certificate_digest:
        yield Fault(told, "altered", "certificate_digest")
    if not log.faults:
        absent = sorted(set(publication.inputs) - log.originals)
        yield from (Fault(told, "disagrees", f"input {sha256} is not among the files landed") for sha256 in absent)


def _content(home: Home, version: TableVersion) -> Iterator[Fault]:
    try:
        found = at_rest.current(home, version.name, version.month, version.version)
        if found and found.digest == version.digest:
            at_rest.read(home, version.name, version.month, version.version)
            return
    except UnreachedError:
        raise
    except Exception:  # noqa: BLE001 - an altered log may fail its reader in any way
        yield Fault(f"tables/{version.name}", "unreadable", f"version {version.version}")
        return
    yield Fault(f"tables/{version.name}", "disagrees", f"version {version.version} is not what was published")


def _decisions(home: Home) -> Iterator[Fault]:
    """The log of decisions holds together, each entry by the digest of the one before it (CONTRACT §8)."""
    try:
        stored = at_rest.read(home, "decision_log")
        found = decision_chain.faults(DecisionLogEntry.from_arrow(stored)) if stored else []
    except UnreachedError:
        raise
    except Exception:  # noqa: BLE001 - told with the contents
        return
    yield from (Fault("tables/decision_log", "unchained", told) for told in found)


def _outbox(home: Home, publication: Publication, outbox_faults: Callable[[str], list[str]]) -> Iterator[Fault]:
    month = shift_month(publication.month, 1)
    folder = home.outbox / month
    if home.store and not folder.exists():
        # Of a store that several machines work on, each has the answers that it made itself.
        return
    for name in outbox_faults(publication.month):
        path = folder / name if (folder / name).exists() or not (home.outbox / name).exists() else home.outbox / name
        yield Fault(path.relative_to(home.root).as_posix(), "altered" if path.exists() else "missing")
    certificate = folder / "certificate.json"
    if certificate.exists() and _digest_in(certificate.read_bytes()) != publication.certificate_digest:
        yield Fault(
            certificate.relative_to(home.root).as_posix(), "superseded", _name(publication.month, publication.number)
        )


def _digest_in(certificate: bytes) -> str:
    try:
        return str(json.loads(certificate)["digest"])
    except (ValueError, KeyError, TypeError):
        return ""


def _beside(home: Home, published: set[str]) -> Iterator[Fault]:
    """What stands in the outbox and is of no month published."""
    expected = {shift_month(month, 1) for month in published}
    for path in sorted(home.outbox.glob("*")) if home.outbox.is_dir() else []:
        if path.name not in expected and not path.name.startswith("."):
            yield Fault(path.relative_to(home.root).as_posix(), "extra")


def _name(month: str, number: int) -> str:
    return f"publications/{month}/{number:04d}.json"
