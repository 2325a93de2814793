"""The outbox of a coverage month: what is handed to analysts, programs and clinics (CONTRACT §13)."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pipelines.outputs import exports, folders, program, reconciliation, report, rosters, workbook
from pipelines.outputs.labels import DEFAULT_LANGUAGE
from pipelines.rules.calendar import shift_month
from pipelines.store.files import write_atomically
from pipelines.store.ordered import ordered
from pipelines.store.shown import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pyarrow

    from pipelines.outputs.folders import Content

    Tables = Mapping[str, pyarrow.Table]
    Material = Callable[[list[str], list[str]], Tables]

ACTIVATIONS: Final = "coverage_activations"
BEFORE: Final = "coverage_activations_before"
"""The name under which the activations of the publication before are given; not a table of its own."""

_ENDINGS: Final = (".parquet", ".csv")
_CLINICS: Final = "clinics/"
ELSEWHERE: Final = f"{ACTIVATIONS}.parquet, {ACTIVATIONS}.csv, clinics/"
"""Where all activations are, also when no workbook holds them."""

_BESIDE_THE_CERTIFICATE: Final = ("receipts", "rejections", BEFORE, report.LAST_MONTH)
"""Tables that are shown, and that the certificate of the month has no digest of."""


def folder_of(outbox: Path, month: str) -> Path:
    """Where the answers of payment month ``month`` stand: the folder of its coverage month."""
    return outbox / shift_month(month, 1)


def write_outbox(
    outbox: Path,
    month: str,
    tables: Tables,
    certificate_document: Mapping[str, Any],
    language: str = DEFAULT_LANGUAGE,
    more: Material | None = None,
) -> list[Path]:
    """Put the answers of payment month ``month`` into the folder of its coverage month, all of them or none.

    ``tables`` are those published and, unless this is the first publication, ``BEFORE``: the activations published
    before, which tell the clinics of those revoked. ``more`` gives the tables of ``reconciliation.MATERIAL`` for the
    payments and NSS asked for. Gives the files of the folder. Where it holds the answers already, of this language and
    this program, nothing is encoded and nothing touched. Raises ``OSError`` with the folder as it was.
    """
    folder, key = folder_of(outbox, month), _key(tables, certificate_document, language)
    with folders.alone(outbox):
        folders.heal(outbox)
        record = _record(outbox, month)
        if record.get("key") != key or faults(outbox, month):
            with _scratch(outbox, month) as scratch:
                files = _files(tables, certificate_document, language, more, scratch)
                record = _remember(outbox, month, key, folders.replace(folder, files).digests)
    return [folder / name for name in record["files"]]


def written(
    outbox: Path, month: str, tables: Tables, certificate_document: Mapping[str, Any], language: str = DEFAULT_LANGUAGE
) -> list[Path] | None:
    """The files that :func:`write_outbox` would leave as they are; None where it would write any."""
    with folders.alone(outbox):
        folders.heal(outbox)
        record = _record(outbox, month)
        if record.get("key") != _key(tables, certificate_document, language) or faults(outbox, month):
            return None
    return [folder_of(outbox, month) / name for name in record["files"]]


def faults(outbox: Path, month: str) -> list[str]:
    """Names of files of the month that are not what was written: altered, missing or added; empty: all are.

    The record of what was written is the file ``.<coverage month>.json`` of the outbox; where it is missing or altered
    itself, it is named alone.
    """
    record = _record(outbox, month)
    if not record:
        return [_record_path(outbox, month).name]
    found, written = folders.digests_of(folder_of(outbox, month)), record["files"]
    return sorted(name for name in {*found, *written} if found.get(name) != written.get(name))


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """The one form of a document: UTF-8, keys sorted, no space between, one line."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()


def _files(
    tables: Tables, document: Mapping[str, Any], language: str, more: Material | None, scratch: Path
) -> Iterator[tuple[str, Content]]:
    """Relative name and content of every file; the rosters of the clinics last."""
    activations, changed = ordered(tables, ACTIVATIONS), ordered(tables, "coverage_changes")
    for ending in _ENDINGS:
        yield f"{ACTIVATIONS}{ending}", partial(exports.write, activations, ending)
    yield f"{ACTIVATIONS}.xlsx", _later(workbook.encode_or_tell, activations, ACTIVATIONS, ELSEWHERE)
    yield reconciliation.FILE, _later(reconciliation.encode, tables, document, language, more)
    yield "report.html", _later(report.page, tables, document, language)
    yield "certificate.json", canonical_json(document)
    before = ordered(tables, BEFORE) if BEFORE in tables else None
    for name, roster in rosters.files(activations, changed, before, scratch):
        yield f"{_CLINICS}{name}.csv", roster


def _later(encode: Callable[..., bytes], *arguments: Any) -> Content:  # noqa: ANN401 - whatever it takes
    """What writes a file: it is encoded when it is its turn, and others are written meanwhile."""
    return lambda sink: sink.write(encode(*arguments))


@contextmanager
def _scratch(outbox: Path, month: str) -> Iterator[Path]:
    """A folder for what is put in order; one that a dead process left is healed away."""
    folder = folders.passing(outbox / f"{shift_month(month, 1)}.scratch")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _key(tables: Tables, document: Mapping[str, Any], language: str) -> str:
    """What the files are a function of, as one digest; the certificate tells the tables of the month.

    The certificate says which program made the publication; which one writes its answers is told beside it.
    """
    shown = {name: digest_of(tables, name) for name in _BESIDE_THE_CERTIFICATE if name in tables}
    said = {"document": dict(document), "language": language, "program": program.digest(), "shown": shown}
    return _digest(canonical_json(said))


def _remember(outbox: Path, month: str, key: str, digests: Mapping[str, str]) -> dict[str, Any]:
    """Record what was written, beside the folder: rosters by name, the others in their order."""
    names = sorted(digests, key=lambda name: name.removesuffix(".csv") if name.startswith(_CLINICS) else "")
    content: dict[str, Any] = {"key": key, "files": {name: digests[name] for name in names}}
    record = {**content, "digest": _digest(canonical_json(content))}
    # Not canonical: the files are told in the order in which people look at them.
    write_atomically(_record_path(outbox, month), (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode())
    return record


def _record(outbox: Path, month: str) -> dict[str, Any]:
    """What was recorded; empty where there is no record, or an altered one."""
    try:
        record: dict[str, Any] = json.loads(_record_path(outbox, month).read_bytes())
        content = {"key": record["key"], "files": record["files"]}
        return record if record["digest"] == _digest(canonical_json(content)) else {}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}


def _record_path(outbox: Path, month: str) -> Path:
    return outbox / f".{shift_month(month, 1)}.json"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
