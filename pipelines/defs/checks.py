"""The five proofs as Dagster checks: what was expected, what was found, and where they differ (CONTRACT §11)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import dagster as dg

from pipelines.rules.proofs import PROOFS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

SHOWN_SCOPES: Final = 20
"""How many failing scopes a check shows; the figures are of all."""

SPECS: Final = [
    dg.AssetCheckSpec(
        name,
        asset="certificate",
        blocking=True,
        description=" ".join((proof.__doc__ or "").split()),
    )
    for name, proof in PROOFS.items()
]

_ANOTHER_CURRENCY: Final = re.compile(r"^(bank_transfer|remittance) (?!MXN )")


def results(certificate: pd.DataFrame) -> list[dg.AssetCheckResult]:
    """One result a proof, in the order of the contract, out of ``CertificateLine`` rows."""
    return [_result(name, certificate[certificate["check"].eq(name)]) for name in PROOFS]


def stop_on_failure(found: Iterable[dg.AssetCheckResult]) -> None:
    """End the run where a proof failed: a blocking check alone does not stop its own asset."""
    failed = [result.check_name for result in found if not result.passed]
    if failed:
        description = f"Nothing was published: {', '.join(map(str, failed))} failed; the last good publication stands"
        raise dg.Failure(description, allow_retries=False)


def _result(name: str, lines: pd.DataFrame) -> dg.AssetCheckResult:
    failed = lines[~lines["passed"]]
    # Amounts in another currency are never summed with pesos (CONTRACT §5).
    summed = lines[~lines["scope"].str.match(_ANOTHER_CURRENCY.pattern)]
    return dg.AssetCheckResult(
        check_name=name,
        asset_key="certificate",
        passed=failed.empty,
        metadata={
            "expected": int(summed["expected"].sum()),
            "found": int(summed["found"].sum()),
            "figures": len(lines),
            "figures_that_differ": len(failed),
            **({"differences": _differences(failed)} if len(failed) else {}),
        },
    )


def _differences(failed: pd.DataFrame) -> dg.TableMetadataValue:
    shown = failed.head(SHOWN_SCOPES)
    told = zip(shown["scope"].map(told_scope), shown["expected"], shown["found"], strict=True)
    records = [
        dg.TableRecord({"scope": scope, "expected": int(expected), "found": int(found)})
        for scope, expected, found in told
    ]
    columns = [dg.TableColumn("scope"), dg.TableColumn("expected", "int"), dg.TableColumn("found", "int")]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))


def told_scope(scope: str) -> str:
    """A scope as it may be told: a currency that is not pesos is text out of a file, so all after it is left out."""
    match = _ANOTHER_CURRENCY.match(scope)
    return f"{match[1]} in another currency" if match else scope
