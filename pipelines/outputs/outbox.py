"""The outbox of a coverage month: what is handed to analysts, programs and clinics (CONTRACT §13)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pipelines.outputs import exports, folders, rosters
from pipelines.rules.calendar import shift_month

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow

ACTIVATIONS: Final = "coverage_activations"
BEFORE: Final = "coverage_activations_before"
"""The name under which the activations of the publication before are given; not a table of its own."""

_ENDINGS: Final = (".parquet", ".csv", ".xlsx")


def folder_of(outbox: Path, month: str) -> Path:
    """Where the answers of payment month ``month`` stand: the folder of its coverage month."""
    return outbox / shift_month(month, 1)


def write_outbox(
    outbox: Path, month: str, tables: Mapping[str, pyarrow.Table], certificate_document: Mapping[str, Any]
) -> list[Path]:
    """Put the answers of payment month ``month`` into the folder of its coverage month, all of them or none.

    ``tables`` has ``coverage_activations``, ``coverage_changes`` and, unless this is the first publication, ``BEFORE``:
    the activations published before, which tell the clinics of those revoked. Gives the files of the folder, the
    rosters of the clinics last. Equal answers touch nothing. Raises ``OSError`` with the folder as it was.
    """
    activations = tables[ACTIVATIONS]
    files = {f"{ACTIVATIONS}{ending}": exports.encode(activations, ending, ACTIVATIONS) for ending in _ENDINGS}
    files["certificate.json"] = canonical_json(certificate_document)
    for name, roster in rosters.by_clinic(activations, tables["coverage_changes"], tables.get(BEFORE)).items():
        files[f"clinics/{name}.csv"] = exports.encode(roster, ".csv")
    folder = folder_of(outbox, month)
    with folders.alone(outbox):
        folders.replace(folder, files)
    return [folder / name for name in files]


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """The one form of a document: UTF-8, keys sorted, no space between, one line."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()
