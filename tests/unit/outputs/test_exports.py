from __future__ import annotations

from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from pipelines.outputs.exports import ExportFormatError, is_export, write_table

TABLE = pyarrow.table({"nss": ["00260100102", "00260200415"], "amount_centavos": [145000, 1]})


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".xlsx", ".CSV"])
def test_the_same_table_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    one, other = tmp_path / f"one{ending}", tmp_path / f"other{ending}"
    write_table(TABLE, one)
    write_table(pyarrow.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)]), other)
    assert one.read_bytes() == other.read_bytes()
    assert is_export(one)


def test_parquet_is_read_back_with_its_types(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "t.parquet")
    assert parquet.read_table(tmp_path / "t.parquet").equals(TABLE)


def test_another_ending_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ExportFormatError, match=r"found the ending '\.ods', expected one of \.parquet, \.csv, \.xlsx"):
        write_table(TABLE, tmp_path / "t.ods")
    assert list(tmp_path.iterdir()) == []
    assert not is_export(tmp_path / "t.ods")
