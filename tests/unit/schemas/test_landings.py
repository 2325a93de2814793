from __future__ import annotations

from datetime import UTC, datetime

import pyarrow

from schemas.tables.landings import Landing

MORNING = datetime(2026, 11, 1, 6, tzinfo=UTC)


def test_an_entry_written_before_a_column_was_there_reads_as_empty_text_and_zero() -> None:
    old = pyarrow.table(
        {
            "file_name": ["a.csv"],
            "received_at": pyarrow.array([MORNING], pyarrow.timestamp("us", "UTC")),
            "series": pyarrow.array([None], pyarrow.string()),
            "rows": pyarrow.array([None], pyarrow.int64()),
        }
    )
    (entry,) = Landing.conform(Landing.from_log(old)).to_dict("records")
    assert (entry["file_name"], entry["received_at"]) == ("a.csv", MORNING)
    assert (entry["series"], entry["notes"], entry["rows"], entry["number"]) == ("", "", 0, 0)
