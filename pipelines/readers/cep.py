"""CEP, the central bank's proof of one SPEI payment: an XML element whose signed string says its facts again.

Every fact that stands in both is compared. The seal over the signed string needs the certificate of the bank that
credited the payment and is **not** verified, and the tracking key stands outside of that string: a proof is evidence
handed in, not a statement of the account (docs/operations.md says when to take one).

Term: comprobante electrónico de pago.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow

from pipelines.readers import decimals, xml_source
from pipelines.readers.raw import RawRows
from pipelines.readers.refusal import Refused, counted, shown
from schemas.identifiers import clabe
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from pipelines.readers.layout import Layout

_ROOT: Final = "SPEI_Tercero"
_REMEDY: Final = "download the proof again from the central bank's page"
_NONE: Final = "NA"
_SIGNED: Final = (
    "TipoPago",
    "FechaOperacion",
    "FechaAbono",
    "Hora",
    "ClaveSPEI",
    "Ordenante.BancoEmisor",
    "Ordenante.Nombre",
    "Ordenante.TipoCuenta",
    "Ordenante.Cuenta",
    "Ordenante.RFC",
    "Beneficiario.BancoReceptor",
    "Beneficiario.Nombre",
    "Beneficiario.TipoCuenta",
    "Beneficiario.Cuenta",
    "Beneficiario.RFC",
    "Beneficiario.Concepto",
    "Beneficiario.IVA",
    "Beneficiario.MontoPago",
)
"""What the signed string says, in its order; more follows for other types of payment, the certificate last."""

_ONLY_SIGNED: Final = ("TipoPago", "FechaAbono")
_OTHERS: Final = ("claveRastreo", "numeroCertificado", "cadenaCDA", "sello")
_AMOUNT: Final = "Beneficiario.MontoPago"
_INSTITUTION: Final = "Ordenante.Institucion"
"""Not in the proof: who keeps the ordering account, by its CLABE, as Banorte writes it (``0`` and three digits)."""

_DAY: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_CLOCK: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")

Texts = dict[str, str]


def read(content: bytes, layout: Layout) -> RawRows:
    """The one payment of a proof; raises ``Refused`` where it is none, or contradicts its own signed string."""
    root = _whole(xml_source.checked(content))
    said = _attributes(root)
    signed = _signed(said, root.sourceline)
    _compare(said, signed, root.sourceline)
    said |= {name: signed[name] for name in _ONLY_SIGNED}
    texts = {name: _filled(said.get(name, "")) for name in layout.columns}
    texts[_AMOUNT] = decimals.padded(texts[_AMOUNT])
    texts[_INSTITUTION] = _institution(texts["Ordenante.Cuenta"])
    columns = {name: pyarrow.array([text], LARGE_TEXT) for name, text in texts.items()}
    return RawRows(columns=pyarrow.table(columns), lines=np.array([root.sourceline], np.int64))


def _whole(text: bytes) -> Any:  # noqa: ANN401 - an element of a library without types
    """The root element with all that is in it."""
    tag = str(xml_source.root_of(text).tag)
    if tag != _ROOT:
        found = f"an element {shown(tag.rpartition('}')[2])}"
        raise _refused(found=found, expected=f"an element {_ROOT}", line=1)
    return [element for _, element in xml_source.events(text, ("end",), (_ROOT,))][-1]


def _attributes(root: Any) -> Texts:  # noqa: ANN401 - an element of a library without types
    """The facts of the elements, those of the two parties with the element's name in front."""
    said = {name: str(value) for name, value in root.attrib.items()}
    for part in ("Ordenante", "Beneficiario"):
        elements = root.findall(part)
        if len(elements) != 1:
            found = counted(len(elements), f"{part} element")
            raise _refused(found=found, expected="exactly one", line=root.sourceline)
        said |= {f"{part}.{name}": str(value) for name, value in elements[0].attrib.items()}
    missing = [name for name in (*_SIGNED, *_OTHERS) if name not in said and name not in _ONLY_SIGNED]
    if missing:
        columns = ", ".join(missing)
        raise _refused(found="no such attribute", expected="it in every proof", line=root.sourceline, column=columns)
    return said


def _signed(said: Texts, line: int) -> Texts:
    """The facts of the signed string ``||fact|fact|…|certificate||seal``."""
    body, _, seal = said["cadenaCDA"].removeprefix("||").rpartition("||")
    facts = body.split("|")
    if len(facts) <= len(_SIGNED):
        expected = f"at least {len(_SIGNED) + 1} between || and ||"
        raise _refused(found=counted(len(facts), "fact"), expected=expected, line=line, column="cadenaCDA")
    names = (*_SIGNED, "numeroCertificado", "sello")
    signed = dict(zip(names, (*facts[: len(_SIGNED)], facts[-1], seal), strict=True))
    days = {name: _DAY.sub(r"\3-\2-\1", signed[name]) for name in ("FechaOperacion", "FechaAbono")}
    return signed | days | {"Hora": _CLOCK.sub(r"\1:\2:\3", signed["Hora"])}


def _compare(said: Texts, signed: Texts, line: int) -> None:
    """Every fact that stands in both; raises ``Refused`` at the first that differs, naming no value but an amount."""
    amounts = [decimals.units(facts[_AMOUNT]) for facts in (said, signed)]
    if amounts[0] is None or amounts[0] != amounts[1]:
        stated, expected = ("no amount" if amount is None else decimals.shown(amount) for amount in amounts)
        expected = f"{expected}, as in the signed string"
        raise _refused(found=f"{stated} stated", expected=expected, line=line, column=_AMOUNT)
    for name, fact in signed.items():
        if name not in (*_ONLY_SIGNED, _AMOUNT) and _plain(name, said[name]) != _plain(name, fact):
            found = "another fact than in the signed string"
            raise _refused(found=found, expected="the same in both", line=line, column=name)


def _refused(found: str, expected: str, line: int, column: str = "") -> Refused:
    return Refused(found=found, expected=expected, remedy=_REMEDY, line=line, column=column)


def _plain(name: str, text: str) -> str:
    """A fact as both places mean it: ``6`` and ``06`` are one type of account, ``-1`` and ``NA`` are none."""
    plain = _filled(text)
    if name.endswith("TipoCuenta"):
        return "" if plain == "-1" else plain.lstrip("0")
    return plain


def _filled(text: str) -> str:
    """The text of a field, empty where the proof says that there is none."""
    return "" if text.strip() == _NONE else text.strip()


def _institution(account: str) -> str:
    """The code of the institution that a CLABE begins with; empty where the account is no CLABE."""
    return f"0{account[:3]}" if clabe.is_valid(pyarrow.array([account], LARGE_TEXT))[0] else ""
