"""The public samples of payment proofs (CEP): what each says is what reading gives, or the named rejection.

The folder of samples stands beside the repository; where it is absent, these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from pipelines.readers import ReadFile, read_file

SAMPLES: Final = Path(__file__).resolve().parents[3] / "shared" / "samples" / "cep"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of public samples is not there")
READ: Final = {
    "cep_tipo_01.xml": ("BiB202411081016248360", "0166", 341_495, "CONCEPTO PAGO TIPO 1", "16:53:36"),
    "cep_tipo_03.xml": (
        "BiB2024110810162418193",
        "0166",
        1_080_262,
        "CONCEPTO 3 PAGO 1 / CONCEPTO 3 PAGO 2",
        "16:54:14",
    ),
    "cep_tipo_04.xml": ("RASPEIOAT202411081015742432", "0021", 1_718_723, "CONCEPTO TIPO 4", "17:19:10"),
    "cep_tipo_09.xml": (
        "RASPEIOAT202411081215739794",
        "0021",
        2_977_866,
        "CONCEPTO 9 PAGO 1 / CONCEPTO 9 PAGO 2",
        "17:40:38",
    ),
    "cep_tipo_31.xml": ("6022135", "0059", 659_315, "CONCEPTO TIPO 31", "16:25:34"),
}
NO_SENDER: Final = {"cep_tipo_10.xml": "20912.98", "cep_tipo_11.xml": "9858.7"}


def read(name: str) -> ReadFile:
    return read_file(name, (SAMPLES / name).read_bytes())


def test_every_sample_is_known_here() -> None:
    assert {path.name for path in SAMPLES.glob("*.xml")} == {*READ, *NO_SENDER}


@pytest.mark.parametrize("name", READ)
def test_a_proof_with_the_senders_clabe_is_its_payment(name: str) -> None:
    found = read(name)
    assert (found.refusal, found.rejections.num_rows, found.layout) == ("", 0, "cep")
    assert found.rows is not None
    (row,) = found.rows.to_pylist()
    told = [row[column] for column in ("tracking_key", "sender_bank", "amount_centavos", "concept")]
    assert (*told, row["credited_at"].strftime("%H:%M:%S")) == READ[name]
    assert row["operating_date"].isoformat() == "2024-11-08"


@pytest.mark.parametrize("name", NO_SENDER)
def test_a_proof_that_names_no_sender_is_rejected(name: str) -> None:
    found = read(name)
    assert found.refusal == ""
    assert found.rejections.select(["column", "rule"]).to_pylist() == [
        {"column": "Ordenante.Cuenta", "rule": "sender_bank"}
    ]


@pytest.mark.parametrize("name", [*READ, *NO_SENDER])
def test_a_changed_amount_is_refused_with_both_figures(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    found = read_file(name, content.replace(b'MontoPago="', b'MontoPago="1'))
    assert "stated; expected" in found.refusal
    assert "as in the signed string" in found.refusal
