"""A look at an untrusted workbook's outside, before anything in it is opened: magic bytes and the zip directory."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from pipelines.readers.refusal import Refused, counted

ENTRIES: Final = 2_000
UNPACKED_BYTES: Final = 256 << 20
RATIO: Final = 300
RATIO_FROM_BYTES: Final = 8 << 20
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"
_WORKBOOK: Final = "a .xlsx workbook"
_REMEDY: Final = "export the sheet again as a plain .xlsx workbook"


def look(content: bytes) -> None:
    """Raise ``Refused`` where the bytes are no plain .xlsx package of ordinary size."""
    if not content:
        raise Refused(found="an empty file", expected=_WORKBOOK, remedy=_REMEDY)
    if content.startswith(_OLE):
        remedy = "remove the password, save it as .xlsx and send it again"
        raise Refused(
            found="a password-protected or pre-2007 workbook", expected=f"{_WORKBOOK} without a password", remedy=remedy
        )
    if not content.startswith(_ZIP):
        raise Refused(found="a file that is no zip package", expected=_WORKBOOK, remedy=_REMEDY)
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise Refused(found="a damaged zip package", expected=f"a whole {_WORKBOOK[2:]}", remedy=_REMEDY) from None
    _check_names(entries)
    _check_sizes(entries)


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > ENTRIES or len(set(names)) != len(names):
        raise Refused(
            found=f"{counted(len(names), 'part')}, or two of one name",
            expected=f"at most {ENTRIES:,} different parts",
            remedy=_REMEDY,
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(
            found="an encrypted part",
            expected=f"{_WORKBOOK} without a password",
            remedy="remove the password and send it again",
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(found="macros", expected="a workbook without macros", remedy="save it as .xlsx and send it again")
    if "xl/workbook.xml" not in names:
        raise Refused(found="a zip package that is no workbook", expected=_WORKBOOK, remedy=_REMEDY)


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    swollen = [
        entry
        for entry in entries
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > RATIO * max(entry.compress_size, 1)
    ]
    if unpacked > UNPACKED_BYTES or swollen:
        expected = f"at most {counted(UNPACKED_BYTES, 'byte')}, no part packed more than {RATIO}-fold"
        raise Refused(found=f"{counted(unpacked, 'byte')} once unpacked", expected=expected, remedy=_REMEDY)
