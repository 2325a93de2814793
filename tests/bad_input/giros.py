"""Files of fixed width as Giros Pacífico writes them, whole by construction, so that a test may spoil one thing."""

from __future__ import annotations

from typing import Final

from pipelines.readers.layout import FixedRecord, FixedWidth
from pipelines.readers.layout_files import layout_for

DETAIL: Final = {
    "Estado": "PG",
    "Hora": "12:00:00",
    "Remitente": "Elena Vara",
    "Importe USD": "00000006760",
    "Tipo de cambio": "18.5000",
    "Comisión MXN": "000000000",
}


def giros(number: int = 1, centavos: tuple[int, ...] = (125_000,), **header: str) -> list[str]:
    """The records of file ``number`` with a detail of each amount; folios go on from file to file."""
    said = _said()
    folios = [1000 * number + place for place in range(len(centavos))]
    details = [
        _record(said.detail, said, {**DETAIL, "Folio": f"{folio:012d}", "Importe MXN": f"{amount:012d}"})
        for folio, amount in zip(folios, centavos, strict=True)
    ]
    counts = {"Remesas del lote": len(folios), "Remesas": len(folios), "Lotes": 1}
    sums = {"Importe del lote": sum(centavos), "Importe total": sum(centavos), "Comisión del lote": 0}
    hashes = {"Suma de folios del lote": sum(folios), "Suma de folios": sum(folios), "Comisión total": 0}
    totals = {name: str(total) for name, total in {**counts, **sums, **hashes}.items()}
    first = {"Empresa": "GIROS PACIFICO", "Uso": "P", "Fecha del archivo": "20261016", "Consecutivo": str(number)}
    return [
        _record(said.header, said, first | header),
        _record(said.batch, said, {"Liquidación": f"LIQ-{number}", "Fecha": "20261015"}),
        *details,
        _record(said.batch_trailer, said, totals),
        _record(said.trailer, said, totals),
    ]


def spoilt(records: list[str], place: int, name: str, text: str) -> list[str]:
    """The records with another text, of the same width or filled up with zeros, in one field of one of them."""
    said = _said()
    kinds = (said.header, said.batch, said.detail, said.batch_trailer, said.trailer)
    kind = next(kind for kind in kinds if records[place].startswith(kind.code))
    first, length = kind.fields[name]
    changed = records[place][: first - 1] + text.rjust(length, "0") + records[place][first - 1 + length :]
    return [*records[:place], changed, *records[place:][1:]]


def content(records: list[str]) -> bytes:
    return "\n".join([*records, ""]).encode("cp1252")


def _said() -> FixedWidth:
    layout = layout_for("giros_pacifico_x.txt")
    assert layout is not None
    assert layout.fixed_width is not None
    return layout.fixed_width


def _record(kind: FixedRecord, said: FixedWidth, values: dict[str, str]) -> str:
    record = [" "] * said.length
    record[: len(kind.code)] = kind.code
    for name, (first, length) in kind.fields.items():
        text = values.get(name, "")
        filled = text.rjust(length, "0") if text.isdigit() and name != "Folio" else text.ljust(length)
        record[first - 1 : first - 1 + length] = filled
    return "".join(record)
