from __future__ import annotations

from typing import Any

import pytest

from pipelines.readers import read_file
from tests.unit.readers.cep_files import FACTS, ONLY_SIGNED, proof, signed

COMPARED = [name for name in FACTS if name not in ONLY_SIGNED and name != "Beneficiario.MontoPago"]


def refusal(content: bytes) -> str:
    found = read_file("cep_x.xml", content)
    assert found.rows is None
    return found.refusal


def one(**said: str) -> dict[str, Any]:
    found = read_file("cep_x.xml", proof(**said))
    assert (found.refusal, found.rejections.to_pylist()) == ("", [])
    assert found.rows is not None
    (row,) = found.rows.to_pylist()
    told: dict[str, Any] = row
    return told


def rejected(**said: str) -> tuple[str, str]:
    found = read_file("cep_x.xml", proof(**said))
    assert found.refusal == ""
    (rejection,) = found.rejections.to_pylist()
    return rejection["column"], rejection["rule"]


def test_a_proof_is_one_credit() -> None:
    row = one()
    assert (row["operating_date"].isoformat(), row["sender_bank"]) == ("2026-10-14", "0099")
    assert row["credited_at"].isoformat() == "2026-10-14T20:02:11+00:00"
    names = ("tracking_key", "amount_centavos", "currency", "concept", "status", "sender_account", "row")
    assert [row[name] for name in names] == [
        "MBAN01002610140001",
        125_000,
        "MXN",
        "PAGO IMSS LINEA 2611AAAA0001",
        "credited",
        "099180000000001011",
        2,
    ]


def test_an_evening_payment_keeps_its_day_beside_the_bank_s_next_operating_day() -> None:
    row = one(FechaAbono="2026-10-15", FechaOperacion="2026-10-16", Hora="18:02:30")
    assert row["operating_date"].isoformat() == "2026-10-16"
    assert row["credited_at"].isoformat() == "2026-10-16T00:02:30+00:00"
    assert row["credited_written_on"].isoformat() == "2026-10-15"


@pytest.mark.parametrize(("written", "centavos"), [("9858.7", 985_870), ("12", 1_200), ("0.01", 1)])
def test_an_amount_may_leave_out_zeros_at_its_end(written: str, centavos: int) -> None:
    assert one(**{"Beneficiario.MontoPago": written})["amount_centavos"] == centavos


def test_what_is_not_available_is_empty() -> None:
    said = {"Beneficiario.Cuenta": "NA", "Beneficiario.TipoCuenta": "-1", "Beneficiario.Nombre": "NA"}
    assert one(**said)["receiver_account"] == ""
    assert one(**{"Beneficiario.Concepto": "-1"})["concept"] == "-1"


def test_both_concepts_of_a_payment_are_its_concept() -> None:
    assert one(**{"Beneficiario.Concepto": "UNO / DOS"})["concept"] == "UNO / DOS"


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("40", "099180000000001012"),
        ("3", "4000000000000002"),
        ("10", "5500000001"),
        ("40", "09918XXXXXXXXX1011"),
        ("40", "٠99180000000001011"),
        ("-1", "NA"),
        ("40", ""),
    ],
)
def test_without_a_clabe_of_the_sender_the_bank_is_not_known(kind: str, account: str) -> None:
    said = {"Ordenante.TipoCuenta": kind, "Ordenante.Cuenta": account}
    assert rejected(**said) == ("Ordenante.Cuenta", "sender_bank")


@pytest.mark.parametrize("kind", ["0", "16", "17", "18", "23", "24", "017"])
def test_a_proof_of_a_return_is_no_payment(kind: str) -> None:
    assert rejected(TipoPago=kind) == ("TipoPago", "reversal")


@pytest.mark.parametrize("name", [*COMPARED, "numeroCertificado", "sello"])
def test_a_fact_that_differs_from_the_signed_string_refuses_the_proof_and_is_not_shown(name: str) -> None:
    told = refusal(proof(signed(), **{name: "OTRO777"}))
    assert f"column {name}: found another fact than in the signed string; expected the same in both" in told
    assert "777" not in told
    assert FACTS.get(name, "-") not in told.replace(name, "")


def test_an_amount_that_differs_from_the_signed_string_is_refused_with_both_figures() -> None:
    told = refusal(proof(signed(), **{"Beneficiario.MontoPago": "12500.00"}))
    assert "found 12,500.00 stated; expected 1,250.00, as in the signed string" in told


@pytest.mark.parametrize("amount", ["", "-1.00", "1,250.00", "1e3", "NA"])
def test_an_amount_that_is_none_refuses_the_proof(amount: str) -> None:
    assert "found no amount stated" in refusal(proof(**{"Beneficiario.MontoPago": amount}))


@pytest.mark.parametrize(("first", "second"), [("6", "06"), ("06", "6"), ("-1", "NA")])
def test_a_type_of_account_is_the_same_however_it_is_written(first: str, second: str) -> None:
    string = signed(**{"Beneficiario.TipoCuenta": second})
    found = read_file("cep_x.xml", proof(string, **{"Beneficiario.TipoCuenta": first}))
    assert (found.refusal, found.data_rows) == ("", 1)


def test_an_amount_is_the_same_with_and_without_its_last_zero() -> None:
    found = read_file("cep_x.xml", proof(signed(), **{"Beneficiario.MontoPago": "1250.0"}))
    assert (found.refusal, found.amount_centavos) == ("", 125_000)


def test_a_bar_in_a_name_never_moves_the_facts_behind_it_unnoticed() -> None:
    assert "in the signed string" in refusal(proof(**{"Ordenante.Nombre": "ELENA|VARA"}))


@pytest.mark.parametrize("hour", ["24:00:00", "14:60:00", "", "NA"])
def test_an_hour_that_is_none_rejects_the_row(hour: str) -> None:
    assert rejected(Hora=hour)[0] == "Hora"


def test_a_day_that_does_not_exist_rejects_the_row() -> None:
    assert rejected(FechaOperacion="2026-02-30") == ("FechaOperacion", "date")


@pytest.mark.parametrize("amount", ["0.00", "10.001"])
def test_an_amount_that_is_no_payment_in_centavos_rejects_the_row(amount: str) -> None:
    assert rejected(**{"Beneficiario.MontoPago": amount}) == ("Beneficiario.MontoPago", "amount")


@pytest.mark.parametrize("key", ["", "NA", "A|B"])
def test_without_a_sound_tracking_key_the_row_is_rejected(key: str) -> None:
    assert rejected(claveRastreo=key)[0] == "claveRastreo"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (proof("||1|2||sello"), "column cadenaCDA: found 2 facts; expected at least 19"),
        (proof(""), "column cadenaCDA: found 1 fact;"),
        (proof().replace(b' claveRastreo="MBAN01002610140001"', b""), "column claveRastreo: found no such attribute"),
        (proof().replace(b' IVA="0.00"', b""), "column Beneficiario.IVA: found no such attribute"),
        (proof().replace(b"<Ordenante", b"<Otro"), "found 0 Ordenante elements; expected exactly one"),
        (proof().replace(b"<Ordenante", b"<Beneficiario"), "found 0 Ordenante elements"),
        (
            proof().replace(b"SPEI_Tercero", b"SPEI_Otro"),
            "element SPEI_Otro; expected an element SPEI_Tercero",
        ),
        (proof(head='<!DOCTYPE a [<!ENTITY b "c">]>'), "(DOCTYPE)"),
        (proof().replace(b"ELENA", b"&elena;"), "broken"),
        (proof()[:-5], "ends too early or is broken"),
        (proof().replace(b"<Ordenante", b"<a>" * 300 + b"<Ordenante"), "elements nested without end"),
        (b"", "an empty file"),
        (b" " * ((1 << 20) + 1), "at most 1,048,576 bytes"),
    ],
)
def test_what_is_no_whole_proof_is_refused(content: bytes, told: str) -> None:
    assert told in refusal(content)
