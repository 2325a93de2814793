from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from pipelines.readers import ReadFile, read_file
from pipelines.readers.layout_files import layouts

FORMATS = Path(__file__).parents[2] / "fixtures" / "formats"
FILES = sorted(path for part in ("valid", "malformed") for path in FORMATS.glob(f"*/{part}/*"))


def plain(table: pyarrow.Table) -> list[dict[str, Any]]:
    """The rows with dates and instants as ISO 8601 and without the digest of the file."""
    return [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in table.drop_columns("sha256").to_pylist()
    ]


def said(found: ReadFile) -> dict[str, Any]:
    if found.refusal:
        return {"layout": found.layout, "refusal": found.refusal}
    assert found.rows is not None
    return {
        "layout": found.layout,
        "kind": found.kind,
        "data_rows": found.data_rows,
        "amount_centavos": found.amount_centavos,
        "months": list(found.months),
        **({"hold": found.hold} if found.hold else {}),
        **({"series": found.series, "number": found.number} if found.series else {}),
        "rows": plain(found.rows),
        "rejections": plain(found.rejections),
    }


def expected_of(path: Path) -> Path:
    return path.parent.parent / "expected" / f"{path.name}.json"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_a_file_of_the_format_gives_what_is_expected_of_it(path: Path) -> None:
    assert said(read_file(path.name, path.read_bytes())) == json.loads(expected_of(path).read_text("utf-8"))


def test_every_layout_has_its_folder_of_files_and_every_folder_its_layout() -> None:
    assert {folder.name for folder in FORMATS.iterdir() if folder.is_dir()} == {layout.name for layout in layouts()}


@pytest.mark.parametrize("name", [layout.name for layout in layouts()])
def test_every_folder_has_valid_and_malformed_files_and_what_is_expected_of_each(name: str) -> None:
    files = {part: {path.name for path in (FORMATS / name / part).iterdir()} for part in ("valid", "malformed")}
    assert files["valid"]
    assert files["malformed"]
    expected = {path.name for path in (FORMATS / name / "expected").iterdir()}
    assert expected == {f"{file}.json" for part in files.values() for file in part}


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name == "valid"], ids=lambda path: path.name)
def test_a_valid_file_has_rows_and_no_rejection(path: Path) -> None:
    found = read_file(path.name, path.read_bytes())
    assert found.rejections.num_rows == 0
    assert found.data_rows > 0


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parent.name == "malformed"], ids=lambda path: path.name
)
def test_a_malformed_file_is_refused_or_has_rejections(path: Path) -> None:
    found = read_file(path.name, path.read_bytes())
    assert found.refusal or found.rejections.num_rows
