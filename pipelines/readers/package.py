"""A look at an untrusted workbook's outside, before anything in it is opened: magic bytes and the zip directory."""

from __future__ import annotations

import io
import stat
import zipfile
from itertools import pairwise
from typing import Final

from pipelines.readers.refusal import Refused, counted

ENTRIES: Final = 2_000
UNPACKED_BYTES: Final = 256 << 20
RATIO: Final = 100
RATIO_FROM_BYTES: Final = 8 << 20
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""How the container of a workbook with a password names what it holds."""
_ZIP: Final = b"PK\x03\x04"
_LOCAL_HEADER: Final = 30
_ARCHIVES: Final = (".zip", ".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".gz", ".7z", ".rar")
_WORKBOOK: Final = "a .xlsx workbook"
_REMEDY: Final = "export the sheet again as a plain .xlsx workbook"


def look(content: bytes) -> int:
    """The bytes that all parts have once unpacked; raises ``Refused`` where it is no plain package of ordinary size."""
    if not content:
        raise Refused(found="an empty file", expected=_WORKBOOK, remedy=_REMEDY)
    if content.startswith(_OLE):
        found = "a password-protected workbook" if _ENCRYPTED in content else "a password-protected or .xls workbook"
        remedy = "remove the password, save it as .xlsx and send it again"
        raise Refused(found=found, expected=f"{_WORKBOOK} without a password", remedy=remedy)
    if not content.startswith(_ZIP):
        raise Refused(found="a file that is no zip package", expected=_WORKBOOK, remedy=_REMEDY)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries, directory = package.infolist(), package.start_dir
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise _damaged() from None
    _check_names(entries)
    _check_contents(entries)
    _check_places(entries, directory)
    return _check_sizes(entries)


def _damaged() -> Refused:
    return Refused(found="a damaged zip package", expected=f"a whole {_WORKBOOK[2:]}", remedy=_REMEDY)


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > ENTRIES or len({name.casefold() for name in names}) != len(names):
        raise Refused(
            found=f"{counted(len(names), 'part')}, or two of one name",
            expected=f"at most {ENTRIES:,} different parts",
            remedy=_REMEDY,
        )
    # Nothing is ever written to disk under these names; a package that tries is not from a spreadsheet.
    if any(_leads_out(entry) for entry in entries):
        raise Refused(found="a part that points out of the package", expected="parts within it", remedy=_REMEDY)
    if "xl/workbook.xml" not in names:
        raise Refused(found="a zip package that is no workbook", expected=_WORKBOOK, remedy=_REMEDY)


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename
    steps = name.replace("\\", "/").split("/")
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return is_link or ".." in steps or steps[0] == "" or "\0" in name or name[1:2] == ":"


def _check_contents(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(
            found="an encrypted part",
            expected=f"{_WORKBOOK} without a password",
            remedy="remove the password and send it again",
        )
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise Refused(found="macros", expected="a workbook without macros", remedy="save it as .xlsx and send it again")
    if any(name.endswith(_ARCHIVES) for name in names):
        raise Refused(found="an archive within the workbook", expected="sheets only", remedy=_REMEDY)
    if any(entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries):
        raise Refused(found="a part packed in an unusual way", expected="parts stored or deflated", remedy=_REMEDY)


def _check_places(entries: list[zipfile.ZipInfo], directory: int) -> None:
    """Parts that share bytes make a package that unpacks to many times what it holds."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [(entry.header_offset, entry.header_offset + _LOCAL_HEADER + entry.compress_size) for entry in ordered] + [
        (directory, directory)
    ]
    if any(end > start for (_, end), (start, _) in pairwise(ends)):
        raise _damaged()


def _check_sizes(entries: list[zipfile.ZipInfo]) -> int:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    swollen = [
        entry
        for entry in entries
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > RATIO * max(entry.compress_size, 1)
    ]
    # Many parts, each below the size from which its own ratio counts, add up.
    swollen_together = unpacked > 4 * RATIO_FROM_BYTES and unpacked > RATIO * max(packed, 1)
    expected = f"at most {counted(UNPACKED_BYTES, 'byte')}, no part packed more than {RATIO}-fold"
    if unpacked > UNPACKED_BYTES:
        raise Refused(found=f"{counted(unpacked, 'byte')} once unpacked", expected=expected, remedy=_REMEDY)
    if swollen or swollen_together:
        found = f"parts packed more than {RATIO}-fold, {counted(unpacked, 'byte')} once unpacked"
        raise Refused(found=found, expected=expected, remedy=_REMEDY)
    return unpacked
