"""Publishing: what was proven becomes the month's tables, its manifest and its outbox, or nothing changes at all.

Only what changed is written. Where nothing did, the publication before it stays in force: no table gets a new version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.engine import landing, offering
from pipelines.engine.decision_history import LOG, continued
from pipelines.engine.sharding.tables import Given
from pipelines.rules import changes
from pipelines.rules.calendar import shift_month
from pipelines.rules.policy import PolicyBook
from pipelines.store import locks, publications, tables
from pipelines.store.home import Home
from pipelines.store.ordered import Ordered
from pipelines.store.pairs import in_turn
from pipelines.store.publications import Publication
from pipelines.store.shown import Shown
from pipelines.store.tables import TableVersion
from schemas.catalog import PUBLISHED
from schemas.digest import sort_rows
from schemas.tables.coverage_activations import CoverageActivation
from schemas.tables.coverage_exceptions import CoverageException

Arrow = dict[str, pyarrow.Table]
Document = dict[str, Any]
OutboxWriter = Callable[[Path, str, Mapping[str, pyarrow.Table], Document], list[Path]]
"""Takes the outbox, the payment month, its tables (with ``BEFORE``, ``LAST_MONTH``), certificate; gives its files."""

BEFORE: Final = "coverage_activations_before"
"""Among the tables of the outbox: the activations of the publication before, where there was one."""

LAST_MONTH: Final = "coverage_activations_last_month"
"""Among the tables of the outbox: the activations in force of the month before, where it was published."""

CHANGES: Final = "coverage_changes"
"""The one table that tells of two publications: a run that changes nothing else makes no publication."""

BY_MONTH: Final = tuple(name for name, published in PUBLISHED.items() if published.scope == "month")
"""The tables that are kept by month."""

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
    proven: Mapping[str, Given],
    policy: PolicyBook,
    origin: Origin,
    write_outbox: OutboxWriter,
    at_once: int = offering.AT_ONCE,
) -> PublishResult:
    """Publish ``month`` out of ``proven`` (every table of ``PUBLISHED``, rows of all months).

    Of tables that lie in pieces at most some ``at_once`` rows are held at one time. Raises ``NotProvenError`` before
    anything is written where the certificate is not whole and good. The caller holds the lock of the month.
    """
    certificate = proven["certificate"]
    _check_proven(certificate if isinstance(certificate, pd.DataFrame) else certificate.read())
    with offering.scratch(home, month) as folder:
        offered, digests = offering.with_digests(month, proven, folder, at_once)
        return _publish(home, month, offered, digests, policy, origin, write_outbox)


def _publish(
    home: Home,
    month: str,
    offered: Mapping[str, Ordered],
    digests: Mapping[str, str],
    policy: PolicyBook,
    origin: Origin,
    write_outbox: OutboxWriter,
) -> PublishResult:
    receipts, certificate = offered["receipts"].whole(), offered["certificate"].whole()
    versions = _publish_whole(home, offered, digests, origin.run_id)
    last = publications.latest(home, month)
    if last and stands(last, receipts, digests, policy):
        publication = last
    else:
        versions |= dict(in_turn(partial(_publish_one, home, offered, digests, month, origin.run_id), BY_MONTH))
        publication = describe(month, last, versions, receipts, certificate, policy, origin)
        publication = replace(
            publication,
            last=publications.link(publications.last_of_all(home)),
            landings=tables.current(home, landing.LANDINGS),
        )
        publications.write(home, publication)
    document = certify(publication, certificate, policy)
    at_rest = beside(home, publication) | ({CHANGES: (publication, CHANGES)} if publication is last else {})
    written = write_outbox(home.outbox, month, Shown(home, offered, digests, at_rest), document)
    changed = tuple(name for name, version in versions.items() if version.changed)
    return PublishResult(publication, publication is not last, changed, tuple(written))


def last_published(home: Home, month: str, policy: PolicyBook) -> changes.Before | None:
    """What changes are told against: the publication in force; None where the month was never published."""
    return as_before(home, publications.latest(home, month), policy)


def as_before(home: Home, publication: Publication | None, policy: PolicyBook) -> changes.Before | None:
    """A publication as changes are told against it."""
    if publication is None:
        return None
    is_same_policy, is_same_code = sameness(publication, policy)
    return changes.Before(
        CoverageActivation.from_arrow(publications.read_table(home, publication, "coverage_activations")),
        CoverageException.from_arrow(publications.read_table(home, publication, "coverage_exceptions")),
        frozenset(publication.inputs),
        is_same_policy,
        is_same_code,
    )


def sameness(publication: Publication, policy: PolicyBook) -> tuple[bool, bool]:
    """Whether a publication is of this policy, and of the code that runs now."""
    return publication.policy_digest == digest_policy(policy), publication.code_version == code_version()


def certify(publication: Publication, certificate: pyarrow.Table, policy: PolicyBook) -> Document:
    """The certificate as a document: a pure function of the inputs, the policy, the code and the number.

    ``before`` names the certificate before it of its month, by number and digest. ``digest`` is the SHA-256 of the rest
    as JSON with sorted keys and no spaces, in UTF-8.
    """
    before = publication.before
    content: Document = {
        "month": publication.month,
        "coverage_month": shift_month(publication.month, 1),
        "publication": publication.number,
        "before": {"publication": before.number, "digest": before.certificate} if before else None,
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


def beside(home: Home, publication: Publication) -> dict[str, tuple[Publication, str]]:
    """The activations that the answers of a month are compared with, where there are any."""
    month = publication.month
    others = {
        BEFORE: publications.fetch(home, month, publication.number - 1),
        LAST_MONTH: publications.latest(home, shift_month(month, -1)),
    }
    return {name: (other, "coverage_activations") for name, other in others.items() if other}


def _check_proven(certificate: pd.DataFrame) -> None:
    failed = certificate.loc[~certificate["passed"], "check"].unique().tolist()
    if certificate.empty or failed:
        message = f"not proven: {', '.join(failed) or 'the certificate is empty'}; nothing was published"
        raise NotProvenError(message)


def _publish_whole(
    home: Home, offered: Mapping[str, Ordered], digests: Mapping[str, str], run_id: str
) -> dict[str, TableVersion]:
    """Publish the tables of the whole home, unless another run has landed more files since: then it publishes them."""
    names = [name for name, published in PUBLISHED.items() if published.scope == "home"]
    with locks.hold(home, "receipts", wait_seconds=_WAIT_SECONDS):
        is_overtaken = len(landing.offered(home, None)) > offered["receipts"].num_rows
        stands = {name: tables.current(home, name) if is_overtaken else None for name in names}
        log = offered[LOG] if is_overtaken else Ordered.of(continued(home, offered[LOG].whole()))
        whole, known = {**offered, LOG: log}, {**digests, LOG: log.digest()}
        return {
            name: stands[name] or tables.publish(home, name, whole[name], run_id=run_id, digest=known[name])
            for name in names
        }


def _publish_one(
    home: Home, offered: Mapping[str, Ordered], digests: Mapping[str, str], month: str, run_id: str, name: str
) -> tuple[str, TableVersion]:
    return name, tables.publish(home, name, offered[name], month, run_id, digests[name])


def inputs_of(receipts: pyarrow.Table) -> tuple[str, ...]:
    """The SHA-256 of every accepted file."""
    accepted = receipts.filter(pc.equal(receipts["outcome"], "accepted"))
    return tuple(sorted(accepted["sha256"].to_pylist()))


def stands(last: Publication, receipts: pyarrow.Table, digests: Mapping[str, str], policy: PolicyBook) -> bool:
    """Whether a publication is of the same inputs, policy and content (all but the changes that it told of)."""
    names = set(BY_MONTH) - {CHANGES}
    return may_stand(last, inputs_of(receipts), policy) and all(
        last.tables[name].digest == digests[name] for name in names
    )


def may_stand(last: Publication, inputs: tuple[str, ...], policy: PolicyBook) -> bool:
    """Whether a publication is of these inputs and this policy, and has every table: ``stands`` but for the content."""
    is_alike = (last.inputs, last.policy_digest) == (inputs, digest_policy(policy))
    return is_alike and set(BY_MONTH) <= set(last.tables)


def describe(
    month: str,
    last: Publication | None,
    versions: Mapping[str, TableVersion],
    receipts: pyarrow.Table,
    certificate: pyarrow.Table,
    policy: PolicyBook,
    origin: Origin,
) -> Publication:
    """The publication that would follow ``last`` with these tables, its certificate included."""
    of_month = {name: version for name, version in versions.items() if PUBLISHED[name].scope == "month"}
    described = Publication(
        month=month,
        number=last.number + 1 if last else 1,
        published_at=origin.published_at,
        run_id=origin.run_id,
        reason=origin.reason,
        code_version=code_version(),
        tables=dict(versions),
        inputs=inputs_of(receipts),
        policy_digest=digest_policy(policy),
        content_digest=publications.digest_of(of_month),
        policy=tuple(asdict(entry) for entry in policy.entries),
        known_at=pc.max(receipts["received_at"]).as_py(),
        before=publications.link(last),
    )
    document = certify(described, certificate, policy)
    return replace(described, certificate_digest=document["digest"])


def _digest(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
