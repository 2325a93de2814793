"""Proofs of payment (CEP) as the central bank might write them, made up: each says its facts twice."""

from __future__ import annotations

SEAL = "c2VsbG8gaW52ZW50YWRvIHBhcmEgcHJ1ZWJhcw=="
CERTIFICATE = "00000100000100099999"
FACTS = {
    "TipoPago": "1",
    "FechaOperacion": "2026-10-14",
    "FechaAbono": "2026-10-14",
    "Hora": "14:02:11",
    "ClaveSPEI": "90099",
    "Ordenante.BancoEmisor": "BANCO AZUL",
    "Ordenante.Nombre": "ELENA VARA",
    "Ordenante.TipoCuenta": "40",
    "Ordenante.Cuenta": "099180000000001011",
    "Ordenante.RFC": "NA",
    "Beneficiario.BancoReceptor": "BANCO ROJO",
    "Beneficiario.Nombre": "PROGRAMA DE COBERTURA",
    "Beneficiario.TipoCuenta": "40",
    "Beneficiario.Cuenta": "099180000000009097",
    "Beneficiario.RFC": "NA",
    "Beneficiario.Concepto": "PAGO IMSS LINEA 2611AAAA0001",
    "Beneficiario.IVA": "0.00",
    "Beneficiario.MontoPago": "1250.00",
}
ONLY_SIGNED = ("TipoPago", "FechaAbono")


def facts(said: dict[str, str]) -> dict[str, str]:
    return FACTS | {name: value for name, value in said.items() if name in FACTS}


def signed(**said: str) -> str:
    """The signed string: days DDMMYYYY, the hour without colons, the empty fields of other types, the certificate."""
    written = facts(said)
    for name in ("FechaOperacion", "FechaAbono"):
        written[name] = "".join(reversed(written[name].split("-")))
    written["Hora"] = written["Hora"].replace(":", "")
    tail = ["NA"] * 4 + ["0.00"] + ["NA"] * 10
    return f"||{'|'.join([*written.values(), *tail, CERTIFICATE])}||{SEAL}"


def proof(string: str | None = None, head: str = '<?xml version="1.0" encoding="UTF-8"?>', **said: str) -> bytes:
    """A proof that says ``said`` in its elements, and in its signed string too unless ``string`` is another one."""
    written = facts(said)
    more = {
        "sello": SEAL,
        "numeroCertificado": CERTIFICATE,
        "cadenaCDA": signed(**said) if string is None else string,
        "claveRastreo": "MBAN01002610140001",
    }
    more |= {name: value for name, value in said.items() if name in more}
    top = {name: value for name, value in written.items() if "." not in name and name not in ONLY_SIGNED} | more
    return (
        f"{head}\n<SPEI_Tercero{_attributes(top)}>\n"
        f"  <Beneficiario{_attributes(_of('Beneficiario', written))}/>\n"
        f"  <Ordenante{_attributes(_of('Ordenante', written))}/>\n</SPEI_Tercero>\n"
    ).encode()


def _of(part: str, written: dict[str, str]) -> dict[str, str]:
    return {name.partition(".")[2]: value for name, value in written.items() if name.startswith(f"{part}.")}


def _attributes(said: dict[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in said.items())
