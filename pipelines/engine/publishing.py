"""Publishing: what was proven becomes the month's tables, its manifest and its outbox, or nothing changes at all.

Only what changed is written. Where nothing did, the publication before it stays in force: no table gets a new version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow

from pipelines.engine import landing
from pipelines.rules.calendar import shift_month
from pipelines.rules.policy import PolicyBook
from pipelines.store import locks, publications, tables
from pipelines.store.home import Home
from pipelines.store.publications import Publication
from pipelines.store.tables import TableVersion
from schemas.catalog import PUBLISHED
from schemas.digest import content_digest, sort_rows
from schemas.tables.coverage_activations import CoverageActivation

Arrow = dict[str, pyarrow.Table]
Document = dict[str, Any]
OutboxWriter = Callable[[Path, str, Mapping[str, pyarrow.Table], Document], list[Path]]
"""Takes the outbox, the payment month, its tables (with ``BEFORE``) and the certificate document; gives its files."""

BEFORE: Final = "coverage_activations_before"
"""Among the tables of the outbox: the activations of the publication before, where there was one."""

CHANGES: Final = "coverage_changes"
"""The one table that tells of two publications: a run that changes nothing else makes no publication."""

_WAIT_SECONDS: Final = 600.0


class NotProvenError(RuntimeError):
    """A certificate with a failed line, or none, was offered for publication."""


@dataclass(frozen=True)
class Origin:
    """What a publication says of the run that made it; none of it is part of the content."""

    run_id: str
    reason: str
    published_at: datetime


@dataclass(frozen=True)
class PublishResult:
    """The publication in force, whether this run made it, tables with a new version, files of the outbox."""

    publication: Publication
    is_new: bool
    changed_tables: tuple[str, ...]
    outbox: tuple[Path, ...]


def publish(
    home: Home,
    month: str,
    proven: Mapping[str, pd.DataFrame],
    policy: PolicyBook,
    origin: Origin,
    write_outbox: OutboxWriter,
) -> PublishResult:
    """Publish ``month`` out of ``proven`` (every table of ``PUBLISHED``, rows of all months).

    Raises ``NotProvenError`` before anything is written where the certificate is not whole and good. The caller holds
    the lock of the month.
    """
    _check_proven(proven["certificate"])
    offered = {name: _slice(name, month, proven[name]) for name in PUBLISHED}
    whole = _publish_whole(home, offered, origin.run_id)
    inputs = _inputs(proven["receipts"])
    last = publications.latest(home, month)
    if last and _stands(last, offered, inputs, digest_policy(policy)):
        publication, versions = last, whole
        offered[CHANGES] = publications.read_table(home, last, CHANGES)
    else:
        by_month = [name for name, published in PUBLISHED.items() if published.scope == "month"]
        versions = whole | {name: tables.publish(home, name, offered[name], month, origin.run_id) for name in by_month}
        publication = _publication(last, month, versions, inputs, policy, origin)
        publications.write(home, publication)
    document = certify(publication, offered["certificate"], policy)
    before = _activations(home, publications.fetch(home, month, publication.number - 1))
    written = write_outbox(home.outbox, month, offered if before is None else {**offered, BEFORE: before}, document)
    changed = tuple(name for name, version in versions.items() if version.changed)
    return PublishResult(publication, publication is not last, changed, tuple(written))


def last_activations(home: Home, month: str) -> pd.DataFrame | None:
    """The ``CoverageActivation`` rows of the publication in force; None where the month was never published."""
    activations = _activations(home, publications.latest(home, month))
    return None if activations is None else CoverageActivation.from_arrow(activations)


def certify(publication: Publication, certificate: pyarrow.Table, policy: PolicyBook) -> Document:
    """The certificate as a document: a pure function of the inputs, the policy, the code and the number.

    ``digest`` is the SHA-256 of the rest as JSON with sorted keys and no spaces, in UTF-8.
    """
    content: Document = {
        "month": publication.month,
        "coverage_month": shift_month(publication.month, 1),
        "publication": publication.number,
        "checks": sort_rows(certificate).drop_columns(["month"]).to_pylist(),
        "inputs": list(publication.inputs),
        "policy": asdict(policy.governing(publication.month)),
        "policy_digest": publication.policy_digest,
        "code_version": publication.code_version,
        "tables": {
            name: {"digest": version.digest, "rows": version.rows}
            for name, version in sorted(publication.tables.items())
            if PUBLISHED[name].scope == "month"
        },
        "content_digest": publication.content_digest,
    }
    return {**content, "digest": _digest(content)}


def digest_policy(policy: PolicyBook) -> str:
    """SHA-256 of every dated entry; comments and order of the file do not count."""
    return _digest([asdict(entry) for entry in policy.entries])


def code_version() -> str:
    """The version of this distribution; ``uninstalled`` where it runs from a folder that was never set up."""
    try:
        return metadata.version("quincena")
    except metadata.PackageNotFoundError:
        return "uninstalled"


def _activations(home: Home, publication: Publication | None) -> pyarrow.Table | None:
    return publications.read_table(home, publication, "coverage_activations") if publication else None


def _check_proven(certificate: pd.DataFrame) -> None:
    failed = certificate.loc[~certificate["passed"], "check"].unique().tolist()
    if certificate.empty or failed:
        message = f"not proven: {', '.join(failed) or 'the certificate is empty'}; nothing was published"
        raise NotProvenError(message)


def _slice(name: str, month: str, frame: pd.DataFrame) -> pyarrow.Table:
    """The rows to publish in canonical order: of the month, or all of a table of the whole home."""
    published = PUBLISHED[name]
    rows = frame if published.scope == "home" else frame[frame["month"].eq(month)]
    return sort_rows(published.model.to_arrow(rows))


def _publish_whole(home: Home, offered: Mapping[str, pyarrow.Table], run_id: str) -> dict[str, TableVersion]:
    """Publish the tables of the whole home, unless another run has landed more files since: then it publishes them."""
    names = [name for name, published in PUBLISHED.items() if published.scope == "home"]
    with locks.hold(home, "receipts", wait_seconds=_WAIT_SECONDS):
        is_overtaken = len(landing.offered(home, None)) > offered["receipts"].num_rows
        stands = {name: tables.current(home, name) if is_overtaken else None for name in names}
        return {name: stands[name] or tables.publish(home, name, offered[name], run_id=run_id) for name in names}


def _inputs(receipts: pd.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(receipts.loc[receipts["outcome"].eq("accepted"), "sha256"]))


def _stands(last: Publication, offered: Arrow, inputs: tuple[str, ...], policy_digest: str) -> bool:
    """Whether a publication is of the same inputs, policy and content (all but the changes that it told of)."""
    if (last.inputs, last.policy_digest) != (inputs, policy_digest):
        return False
    by_month = {name for name, published in PUBLISHED.items() if published.scope == "month"}
    names = by_month - {CHANGES}
    return by_month <= set(last.tables) and all(
        last.tables[name].digest == content_digest(offered[name]) for name in names
    )


def _publication(
    last: Publication | None,
    month: str,
    versions: dict[str, TableVersion],
    inputs: tuple[str, ...],
    policy: PolicyBook,
    origin: Origin,
) -> Publication:
    of_month = {name: version for name, version in versions.items() if PUBLISHED[name].scope == "month"}
    return Publication(
        month=month,
        number=last.number + 1 if last else 1,
        published_at=origin.published_at,
        run_id=origin.run_id,
        reason=origin.reason,
        code_version=code_version(),
        tables=versions,
        inputs=inputs,
        policy_digest=digest_policy(policy),
        content_digest=publications.digest_of(of_month),
    )


def _digest(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
