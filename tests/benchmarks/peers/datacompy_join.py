"""The join alone, with datacompy: every payment that carries a line against the registry, line and amount.

datacompy compares two tables and knows nothing of files, texts, rules or buckets. What comes before its join is given
to it for nothing: no field is checked, rows stand as they come, and a line in a text is taken out by the one pattern
that the made-up lines have. Its answer is a count, ``join.json``, and not the tables of the contract.
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from datacompy import PolarsCompare

from tests.benchmarks.peers import canonical as known

LINE = "(LC[0-9]{4}[A-Z0-9]{14})"


def main() -> None:
    """Read, compare, count."""
    asked = known.asked(__doc__)
    lines = _read(asked.inbox, "capture_lines").select(
        capture_line=_normal(pl.col("capture_line")), amount=pl.col("amount_due")
    )
    bank = _read(asked.inbox, "bank_transfers").select(text="concept", amount="amount")
    remittances = _read(asked.inbox, "remittances").select(
        text=pl.when(pl.col("capture_line") != "").then("capture_line").otherwise("message"), amount="pay_amount"
    )
    payments = (
        pl.concat([bank, remittances])
        .select(_normal(pl.col("text")).str.extract(LINE).alias("capture_line"), "amount")
        .drop_nulls("capture_line")
    )
    compared = PolarsCompare(
        payments.unique("capture_line"),
        lines.unique("capture_line"),
        ["capture_line"],
        df1_name="payments",
        df2_name="lines",
    )
    told = {
        "payments": payments.height,
        "lines": lines.height,
        "both": compared.intersect_rows.height,
        "only_payments": compared.df1_unq_rows.height,
        "only_lines": compared.df2_unq_rows.height,
        "same_amount": compared.count_matching_rows(),
    }
    (asked.output / "join.json").write_text(json.dumps(told) + "\n")


def _read(inbox: Path, kind: str) -> pl.DataFrame:
    frames = []
    for path in known.files(inbox, kind):
        try:
            texts = pl.read_csv(path, infer_schema=False)
        except pl.exceptions.ComputeError:
            continue
        frames.append(texts.select(*known.FIELDS[kind]).fill_null(""))
    return pl.concat(frames)


def _normal(field: pl.Expr) -> pl.Expr:
    return field.str.replace_all("[^A-Za-z0-9]", "").str.to_uppercase()


if __name__ == "__main__":
    main()
