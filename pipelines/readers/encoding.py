"""Bytes in the declared encoding to UTF-8 bytes; nothing is guessed, a byte that does not fit refuses all."""

from __future__ import annotations

import re
from typing import Final

from pipelines.readers.refusal import Refused

UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_IN_CP1252: Final = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
_LOOKED_AT: Final = 4096
_NUL_SHARE: Final = 4
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


def to_utf8(content: bytes, encoding: str) -> bytes:
    """``content`` as UTF-8 without a byte-order mark; raises ``Refused`` with byte offset and line."""
    _refuse_utf16(content, encoding)
    if encoding == "utf-8":
        whole = content.removeprefix(UTF8_MARK)
        _check(whole, encoding, len(content) - len(whole))
        return whole
    if content.startswith(UTF8_MARK):
        raise Refused(
            found="a UTF-8 byte-order mark", expected=encoding, remedy=f"export the file as {encoding}", line=1
        )
    _refuse_mojibake(content, encoding)
    _check(content, encoding, 0)
    return content if content.isascii() else content.decode(encoding).encode()


def line_of(content: bytes, offset: int) -> int:
    """The physical line on which the byte at ``offset`` stands; CR, LF and CRLF end one line each."""
    return 1 + len(_LINE_END.findall(content[:offset]))


def _check(content: bytes, encoding: str, skipped: int) -> None:
    if content.isascii():
        return
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start
    else:
        return
    found = f"byte 0x{content[offset]:02X} at byte offset {offset + skipped}, which is not {encoding}"
    raise Refused(
        found=found,
        expected=f"{encoding} throughout",
        remedy=f"export the file as {encoding}",
        line=line_of(content, offset),
    )


def _refuse_utf16(content: bytes, encoding: str) -> None:
    if content.startswith(_UTF16_MARKS):
        raise Refused(
            found="UTF-16 (a byte-order mark)", expected=encoding, remedy=f"export the file as {encoding}", line=1
        )
    head = content[:_LOOKED_AT]
    if head.count(0) * _NUL_SHARE > len(head):
        raise Refused(
            found="NUL bytes all through, as in UTF-16",
            expected=encoding,
            remedy=f"export the file as {encoding}",
            line=1,
        )


def _refuse_mojibake(content: bytes, encoding: str) -> None:
    match = None if content.isascii() else _UTF8_IN_CP1252.search(content)
    if match is None:
        return
    found = f"a letter written in UTF-8 at byte offset {match.start()}"
    raise Refused(
        found=found, expected=encoding, remedy=f"export the file as {encoding}", line=line_of(content, match.start())
    )
