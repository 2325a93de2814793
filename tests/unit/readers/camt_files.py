"""camt messages as a bank might write them, for tests: one movement an entry, told by few words."""

from __future__ import annotations

from typing import Any

from pipelines.readers import ReadFile, read_file

RECORDS = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
DATED = "<BookgDt><Dt>2026-10-14</Dt></BookgDt>"
AGENT = "<RltdAgts><DbtrAgt><FinInstnId><BICFI>AZULMX00</BICFI></FinInstnId></DbtrAgt></RltdAgts>"


def entry(amount: str = "1450.00", inner: str = "", **said: str) -> str:
    """An entry of `amount`; `said` may change its direction, status, dates, currency, reversal and reference."""
    reference = said.get("reference", "R-1")
    parts = [
        f'<Amt Ccy="{said.get("currency", "MXN")}">{amount}</Amt>',
        f"<CdtDbtInd>{said.get('direction', 'CRDT')}</CdtDbtInd>",
        f"<RvslInd>{said['reversal']}</RvslInd>" if "reversal" in said else "",
        f"<Sts>{said.get('status', '<Cd>BOOK</Cd>')}</Sts>",
        said.get("dated", DATED),
        f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "",
        f"<NtryDtls>{inner or detail()}</NtryDtls>",
    ]
    return f"<Ntry>{''.join(parts)}</Ntry>\n"


def detail(reference: str = "", more: str = "", agent: str = AGENT) -> str:
    refs = f"<Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs>" if reference else ""
    return f"<TxDtls>{refs}{more}{agent}</TxDtls>\n"


def balance(code: str, amount: str, direction: str = "CRDT", currency: str = "MXN") -> str:
    kind = f"<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
    return f'<Bal>{kind}<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd></Bal>\n'


def document(*inside: str, message: str = "053", version: str = "08", head: str = "") -> bytes:
    body, record = RECORDS.get(message, ("Other", "Stmt"))
    account = "<Acct><Id><Othr><Id>0000000017</Id></Othr></Id></Acct>"
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version}"
    inner = f"<{record}>{account}\n{''.join(inside)}</{record}>"
    return f'{head}<Document xmlns="{space}"><{body}>{inner}</{body}></Document>'.encode()


def read(*inside: str, **said: str) -> ReadFile:
    return read_file(f"camt{said.get('message', '053')}_x.xml", document(*inside, **said))


def rows(found: ReadFile) -> list[dict[str, Any]]:
    assert found.refusal == ""
    assert found.rows is not None
    told: list[dict[str, Any]] = found.rows.to_pylist()
    return told


def one(*inside: str, **said: str) -> dict[str, Any]:
    found = read(*inside, **said)
    assert found.rejections.num_rows == 0, found.rejections.to_pylist()
    (row,) = rows(found)
    return row


def rules(*inside: str) -> list[str]:
    found = read(*inside)
    assert found.refusal == ""
    told: list[str] = found.rejections["rule"].to_pylist()
    return told
