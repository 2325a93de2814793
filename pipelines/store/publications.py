"""Publications: the manifest of a month names the version of every table that belongs together.

Tables are committed one after the other; the manifest is written last, in one step. Who reads through a manifest sees
one consistent publication, also when a process died between two tables: what it had committed by then is in no
manifest. Numbers begin at 1 and increase by one within a month. Every manifest carries its own digest, and the digests
of the publication before it of its month and of the one made last in the whole home (docs/decisions/0023).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pipelines.store import tables
from pipelines.store.tables import TableDamagedError, TableVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow

    from pipelines.store.home import Home
    from pipelines.store.ordered import Ordered
    from pipelines.store.places.base import Place


_MANIFEST: Final = re.compile(r"([0-9]+)\.json")
_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")


class PublicationConflictError(RuntimeError):
    """Another process published the month in the meantime; the caller starts again from its publication."""


class ManifestDamagedError(RuntimeError):
    """A manifest cannot be read."""


@dataclass(frozen=True)
class Link:
    """A publication as a later one names it: the digests of its certificate and of its manifest."""

    month: str
    number: int
    certificate: str
    manifest: str


@dataclass(frozen=True)
class Publication:
    """One publication of one month: the tables that belong together and what they were made from.

    ``policy`` has every dated entry; ``known_at`` is when the last file that it knew was received; ``before`` links to
    the publication before it of its month, ``last`` to the one made last in the home. ``landings`` is the log of
    landings as it stood: no table of the publication, and sealed by it all the same.
    """

    month: str
    number: int
    published_at: datetime
    run_id: str
    reason: str
    code_version: str
    tables: Mapping[str, TableVersion]
    inputs: tuple[str, ...]
    policy_digest: str
    content_digest: str
    policy: tuple[Mapping[str, Any], ...] = ()
    known_at: datetime | None = None
    certificate_digest: str = ""
    before: Link | None = None
    last: Link | None = None
    landings: TableVersion | None = None


def digest_of(versions: Mapping[str, TableVersion]) -> str:
    """The content digest of tables together: equal if and only if every one of them has equal content."""
    lines = [f"{name} {versions[name].digest}\n" for name in sorted(versions)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def numbers(home: Home, month: str) -> list[int]:
    """The numbers of a month's publications, first to last."""
    named = (_MANIFEST.fullmatch(name) for name in (home.publications / month).names())
    return sorted(int(match[1]) for match in named if match)


def latest(home: Home, month: str) -> Publication | None:
    """The publication in force of a month; None where it was never published."""
    found = numbers(home, month)
    return fetch(home, month, found[-1]) if found else None


def fetch(home: Home, month: str, number: int) -> Publication | None:
    """A publication by its number; None where there is none. Raises ``ManifestDamagedError``."""
    try:
        content = _path(home, month, number).read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _decode(content, month, number)
    except (ValueError, KeyError, TypeError):
        message = f"the manifest of publication {number} of {month} was altered and cannot be read"
        raise ManifestDamagedError(message) from None


def months(home: Home) -> list[str]:
    """The months that have a publication, first to last."""
    return [month for month in home.publications.folders() if _MONTH.fullmatch(month) and numbers(home, month)]


def last_of_all(home: Home) -> Publication | None:
    """The publication made last in the home, of whatever month; None where there is none."""
    found = [publication for month in months(home) if (publication := latest(home, month))]
    return max(found, key=lambda publication: (publication.published_at, publication.month), default=None)


def link(publication: Publication | None) -> Link | None:
    """What a later publication keeps of this one."""
    if publication is None:
        return None
    digest = digest_of_manifest(publication)
    return Link(publication.month, publication.number, publication.certificate_digest, digest)


def digest_of_manifest(publication: Publication) -> str:
    """SHA-256 of a manifest without its own digest."""
    return hashlib.sha256(_lines(_fields(publication))).hexdigest()


def write(home: Home, publication: Publication) -> None:
    """Make a publication real.

    Its number must be the next one: raises ``PublicationConflictError`` where it is not, or where another process
    wrote that number first (compare and swap on the manifest before it).
    """
    following = max(numbers(home, publication.month), default=0) + 1
    if publication.number == following:
        try:
            path = _path(home, publication.month, publication.number)
            path.write(_encode(publication), read_only=True, exclusive=True)
        except FileExistsError:
            pass
        else:
            return
    message = f"publication {publication.number} of {publication.month}: another process published in the meantime"
    raise PublicationConflictError(message)


def read_table(home: Home, publication: Publication, name: str) -> pyarrow.Table:
    """The rows of a table as this publication gave them.

    Raises ``KeyError`` for a table that is not in it, and ``TableDamagedError`` where the rows are not those it names.
    """
    return read_slices(home, publication, name).whole()


def read_slices(home: Home, publication: Publication, name: str) -> Ordered:
    """As :func:`read_table`, slice by slice."""
    named = publication.tables[name]
    found = tables.current(home, name, named.month, named.version)
    rows = (
        tables.read_slices(home, name, named.month, named.version) if found and found.digest == named.digest else None
    )
    if rows is None:
        message = f"table {name} is damaged: not what publication {publication.number} of {publication.month} names"
        raise TableDamagedError(message)
    return rows


def _path(home: Home, month: str, number: int) -> Place:
    return home.publications / month / f"{number:04d}.json"


def _encode(publication: Publication) -> bytes:
    return _lines({**_fields(publication), "digest": digest_of_manifest(publication)})


def _fields(publication: Publication) -> dict[str, Any]:
    fields = asdict(publication)
    for name in ("published_at", "known_at"):
        moment = getattr(publication, name)
        fields[name] = moment and moment.astimezone(UTC).isoformat()
    if publication.landings is None:
        # Publications of before it was kept have no such field: their bytes, and digests, are to stay what they are.
        del fields["landings"]
    return fields


def _lines(fields: dict[str, Any]) -> bytes:
    return (json.dumps(fields, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _decode(content: bytes, month: str, number: int) -> Publication:
    """Raises ``ValueError`` and its like where the bytes are not those of this publication's manifest."""
    fields: dict[str, Any] = json.loads(content)
    digest = fields.pop("digest", None)
    decoded = Publication(
        **{
            **fields,
            "published_at": datetime.fromisoformat(fields["published_at"]),
            "known_at": datetime.fromisoformat(fields["known_at"]) if fields.get("known_at") else None,
            "tables": {name: TableVersion(**version) for name, version in fields["tables"].items()},
            "inputs": tuple(fields["inputs"]),
            "policy": tuple(fields.get("policy", ())),
            **{name: Link(**fields[name]) if fields.get(name) else None for name in ("before", "last")},
            "landings": TableVersion(**fields["landings"]) if fields.get("landings") else None,
        }
    )
    # One of a version that kept no digest has nothing to compare with; verification tells of it.
    is_whole = digest is None or _encode(decoded) == content
    if not is_whole or (decoded.month, decoded.number) != (month, number):
        message = "a manifest of another publication"
        raise ValueError(message)
    return decoded
