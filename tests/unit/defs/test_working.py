from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest

from pipelines.defs.location import ASSETS
from pipelines.defs.tables import count_takers
from pipelines.defs.working import Shelf, WorkingTableMissingError
from schemas.catalog import WORKING
from schemas.table import TableSchemaError
from schemas.tables.certificate import CertificateLine

ROWS = 100_000


def certificate(rows: int = 2) -> pd.DataFrame:
    """Lines of a certificate, each of its own scope."""
    lines = pd.DataFrame({"scope": pd.Series(range(rows)).astype("str")})
    told = lines.assign(check="rows", expected=1, found=1, passed=True, month="2026-10")
    return CertificateLine.conform(told.astype({"check": "str", "month": "str"}))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf("2026-10")


def test_each_stage_takes_the_table_that_was_put_there(shelf: Shelf) -> None:
    shelf.put("certificate", certificate(), takers=2)
    for _ in range(2):
        pd.testing.assert_frame_equal(shelf.take("certificate")["certificate"], certificate())


def test_a_table_passes_without_a_copy_of_its_values(shelf: Shelf) -> None:
    table = certificate(ROWS)
    before = pyarrow.total_allocated_bytes()
    shelf.put("certificate", table, takers=2)
    taken = shelf.take("certificate")["certificate"]
    assert pyarrow.total_allocated_bytes() - before < ROWS
    assert np.shares_memory(taken["expected"].to_numpy(), table["expected"].to_numpy())


def test_a_table_is_let_go_with_the_last_stage_that_takes_it(shelf: Shelf) -> None:
    before = pyarrow.total_allocated_bytes()
    shelf.put("certificate", certificate(ROWS), takers=2)
    shelf.take("certificate")
    assert pyarrow.total_allocated_bytes() - before > ROWS
    shelf.take("certificate")
    assert pyarrow.total_allocated_bytes() - before < ROWS
    with pytest.raises(WorkingTableMissingError):
        shelf.take("certificate")


def test_a_table_that_no_stage_takes_is_not_kept(shelf: Shelf) -> None:
    before = pyarrow.total_allocated_bytes()
    shelf.put("certificate", certificate(ROWS), takers=0)
    assert pyarrow.total_allocated_bytes() - before < ROWS


def test_what_one_stage_does_to_a_table_no_other_stage_sees(shelf: Shelf) -> None:
    shelf.put("certificate", certificate(), takers=2)
    spoilt = shelf.take("certificate")["certificate"]
    spoilt["expected"] = 7
    spoilt.loc[0, "scope"] = "spoilt"
    spoilt["more"] = 1
    pd.testing.assert_frame_equal(shelf.take("certificate")["certificate"], certificate())


def test_what_the_maker_does_to_a_table_afterwards_no_stage_sees(shelf: Shelf) -> None:
    made = certificate()
    shelf.put("certificate", made, takers=1)
    made.loc[0, "scope"] = "spoilt"
    pd.testing.assert_frame_equal(shelf.take("certificate")["certificate"], certificate())


def test_the_values_of_a_table_cannot_be_written_to_past_pandas(shelf: Shelf) -> None:
    shelf.put("certificate", certificate(), takers=1)
    with pytest.raises(ValueError, match="read-only"):
        shelf.take("certificate")["certificate"]["expected"].to_numpy()[0] = 7


def test_a_table_that_is_not_as_its_model_says_is_not_kept(shelf: Shelf) -> None:
    with pytest.raises(TableSchemaError, match="CertificateLine: expected is float64"):
        shelf.put("certificate", certificate().astype({"expected": "float64"}), takers=1)
    with pytest.raises(WorkingTableMissingError):
        shelf.take("certificate")


def test_a_table_that_was_not_made_is_named_with_its_month_and_what_to_do(shelf: Shelf) -> None:
    shelf.put("certificate", certificate(), takers=1)
    with pytest.raises(WorkingTableMissingError, match=r"table payments of 2026-10 .* materialize all assets"):
        shelf.take("certificate", "payments")
    assert shelf.take("certificate")["certificate"].shape == certificate().shape


def test_takers_are_counted_by_stage_not_by_table() -> None:
    takers = count_takers(ASSETS)
    assert set(WORKING) - set(takers) == {"parts"}
    assert takers["registrant_rows"] == len(("register", "compare", "prove"))
    assert takers["coverage_changes"] == len(("publish",))
