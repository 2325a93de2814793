"""What of a camt entry is looked at: paths of the standard, in the spelling of every version, to short names."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

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
        name, below = node
        if below and len(child):
            _collect(child, below, found)
        elif name == _JOINED and name in found:
            found[name] += " " + (child.text or "").strip()
        elif name and name not in found:
            found[name] = (child.text or "").strip()
            # Nothing but amounts has attributes that count.
            if name in _AMOUNTS and (currency := child.get("Ccy")) is not None:
                found[f"{name}@Ccy"] = currency


@cache
def tree(namespace: str, which: str) -> dict[str, Any]:
    """Tag → (name, tree below it) of the paths to collect."""
    paths = {"entry": _ENTRY, "detail": _DETAIL, "batch": _BATCH}[which]
    root: dict[str, Any] = {}
    for path, name in paths.items():
        level, steps = root, path.split("/")
        for place, step in enumerate(steps):
            known, below = level.get(f"{{{namespace}}}{step}", ("", {}))
            level[f"{{{namespace}}}{step}"] = (name if place == len(steps) - 1 else known, below)
            level = below
    return root
