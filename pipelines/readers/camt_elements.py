"""What of a camt entry is looked at: paths of the standard, in the spelling of every version, to short names."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

Element = Any
"""An element of a library without types."""
Texts = dict[str, str]

_ENTRY: Final = {
    "NtryRef": "NtryRef",
    "Amt": "Amt",
    "CdtDbtInd": "CdtDbtInd",
    "RvslInd": "RvslInd",
    "Sts": "Sts",
    "Sts/Cd": "Sts",
    "Sts/Prtry": "Sts",
    "BookgDt/Dt": "BookgDt.Dt",
    "BookgDt/DtTm": "BookgDt.DtTm",
    "AcctSvcrRef": "AcctSvcrRef",
    "AddtlNtryInf": "AddtlNtryInf",
}
_DETAIL: Final = {
    "Refs/AcctSvcrRef": "AcctSvcrRef",
    "Refs/EndToEndId": "EndToEndId",
    "Amt": "Amt",
    "CdtDbtInd": "CdtDbtInd",
    "AmtDtls/TxAmt/Amt": "TxAmt",
    "RltdPties/Dbtr/Nm": "Dbtr.Nm",
    "RltdPties/Dbtr/Pty/Nm": "Dbtr.Nm",
    "RltdPties/DbtrAcct/Id/IBAN": "DbtrAcct",
    "RltdPties/DbtrAcct/Id/Othr/Id": "DbtrAcct",
    "RltdAgts/DbtrAgt/FinInstnId/BIC": "DbtrAgt",
    "RltdAgts/DbtrAgt/FinInstnId/BICFI": "DbtrAgt",
    "RltdAgts/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId": "DbtrAgt",
    "RltdDts/IntrBkSttlmDt": "IntrBkSttlmDt",
    "RtrInf/Rsn/Cd": "RtrInf.Rsn",
    "RtrInf/Rsn/Prtry": "RtrInf.Rsn",
    "RtrInf/RtrRsn/Cd": "RtrInf.Rsn",
    "RmtInf/Ustrd": "RmtInf",
    "RmtInf/Strd/CdtrRefInf/Ref": "RmtInf",
    "RmtInf/Strd/CdtrRefInf/CdtrRef": "RmtInf",
    "RmtInf/Strd/AddtlRmtInf": "RmtInf",
    "AddtlTxInf": "AddtlTxInf",
}
_BATCH: Final = {"NbOfTxs": "NbOfTxs"}
_JOINED: Final = "RmtInf"
_AMOUNTS: Final = ("Amt", "TxAmt")


class Tags(NamedTuple):
    """Qualified names of the parts of an entry: a group of details, a detail, what a batch says of itself."""

    group: str
    detail: str
    batch: str


def collect(element: Element, wanted: dict[str, Any]) -> Texts:
    """The texts below ``element`` that are ``wanted``; of several the first, remittance lines joined by a space."""
    found: Texts = {}
    _collect(element, wanted, found)
    return found


def _collect(element: Element, wanted: dict[str, Any], found: Texts) -> None:
    look_up = wanted.get
    for child in element:
        node = look_up(child.tag)
        if node is None:
            continue
        name, below, is_plain = node
        if below and len(child):
            _collect(child, below, found)
        elif is_plain:
            if name not in found:
                text = child.text
                found[name] = text.strip() if text else ""
        elif name:
            _collect_special(child, name, found)


def _collect_special(child: Element, name: str, found: Texts) -> None:
    """Remittance lines are joined; of all elements only amounts have attributes that count."""
    text = (child.text or "").strip()
    if name == _JOINED and name in found:
        found[name] += f" {text}"
    elif name not in found:
        found[name] = text
        if name in _AMOUNTS and (currency := child.get("Ccy")) is not None:
            found[f"{name}@Ccy"] = currency


@cache
def tags(namespace: str) -> Tags:
    """The tags of the parts of an entry."""
    return Tags(*(f"{{{namespace}}}{name}" for name in ("NtryDtls", "TxDtls", "Btch")))


@cache
def tree(namespace: str, which: str) -> dict[str, Any]:
    """Tag → (name, tree below it, whether nothing but its first text is wanted) of the paths to collect."""
    paths = {"entry": _ENTRY, "detail": _DETAIL, "batch": _BATCH}[which]
    root: dict[str, Any] = {}
    for path, name in paths.items():
        level, steps = root, path.split("/")
        for place, step in enumerate(steps):
            known, below, is_plain = level.get(f"{{{namespace}}}{step}", ("", {}, False))
            if place == len(steps) - 1:
                known, is_plain = name, name != _JOINED and name not in _AMOUNTS
            level[f"{{{namespace}}}{step}"] = (known, below, is_plain)
            level = below
    return root
