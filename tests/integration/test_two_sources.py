"""One transfer seen in a bank's export and in the payer's proof (CEP): one payment, or a held one, never two."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pyarrow
import pytest

from pipelines.readers import ROW_MODELS, read_file
from pipelines.rules.identity import Identified, identify
from tests.unit.readers.cep_files import proof

MORNING = datetime(2026, 10, 15, 14, tzinfo=UTC)
HEADER = (
    "Cuenta|Fecha de Operación|Fecha|Referencia|Descripción|Cod. Transac|Sucursal|Depósitos|Retiros|Saldo"
    "|Movimiento|Descripción Detallada|Cheque"
)
DETAIL = (
    "SPEI RECIBIDO, BCO:0099 BANCO AZUL HR LIQ: 14:02:11 DEL CLIENTE ELENA VARA DE LA CLABE 099180000000001011"
    " CON RFC ND CVE RAST: MBAN01002610140001 REFERENCIA: 0141026 CONCEPTO: PAGO IMSS LINEA 2611AAAA0001"
)
EXPORT = f"0012345678|14/10/2026|14/10/2026|0141026|ABONO|001|0100|$1,250.00|-|$1,250.00|77|{DETAIL}|0"


def rows(name: str, content: bytes) -> pd.DataFrame:
    found = read_file(name, content)
    assert (found.refusal, found.rejections.num_rows) == ("", 0)
    assert found.rows is not None
    moments = pyarrow.array([MORNING] * found.rows.num_rows, pyarrow.timestamp("us", "UTC"))
    whole = found.rows.append_column("file_name", pyarrow.array([name] * found.rows.num_rows))
    return ROW_MODELS["bank_transfers"].conform(
        ROW_MODELS["bank_transfers"].from_arrow(
            whole.append_column("received_at", moments).select(ROW_MODELS["bank_transfers"].arrow_schema().names)
        )
    )


def identified(*said: bytes) -> Identified:
    export = rows("banorte_2026-10.txt", f"{HEADER}\n{EXPORT}\n".encode("cp1252"))
    proofs = [rows("cep_1.xml", content) for content in said]
    none = ROW_MODELS["remittances"].from_arrow(ROW_MODELS["remittances"].arrow_schema().empty_table())
    return identify(pd.concat([export, *proofs], ignore_index=True), none)


def test_a_transfer_in_the_export_and_as_a_proof_is_one_payment() -> None:
    found = identified(proof())
    assert found.facts["natural_key"].tolist() == ["2026-10-14|0099|MBAN01002610140001"]
    assert found.facts["is_conflicting"].tolist() == [False]
    assert sorted(found.rows["role"]) == ["payment", "repeat"]


@pytest.mark.parametrize(
    "said",
    [
        {"Beneficiario.MontoPago": "1250.01"},
        {"Hora": "14:02:12"},
        {"FechaAbono": "2026-10-13"},
        {"Beneficiario.Concepto": "PAGO 2611AAAA0002"},
    ],
)
def test_a_proof_of_other_facts_is_held_with_the_export_and_counts_once(said: dict[str, str]) -> None:
    found = identified(proof(**said))
    assert found.facts["is_conflicting"].tolist() == [True]
    assert sorted(found.rows["role"]) == ["conflict", "payment"]


def test_a_proof_handed_in_twice_counts_once() -> None:
    found = identified(proof(), proof() + b"\n")
    assert len(found.facts) == 1
    assert sorted(found.rows["role"]) == ["payment", "repeat", "repeat"]
