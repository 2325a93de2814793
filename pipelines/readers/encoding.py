"""Bytes in the declared encoding to UTF-8 bytes; nothing is guessed, a byte that does not fit refuses all."""

from __future__ import annotations

import re
from typing import Final

from pipelines.readers.blocks import Block, line_ends
from pipelines.readers.refusal import Refused

UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_IN_CP1252: Final = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
_LOOKED_AT: Final = 4096
_NUL_SHARE: Final = 4


def to_utf8(content: bytes | bytearray, encoding: str) -> bytes:
    """A whole file as UTF-8 without a byte-order mark; raises ``Refused`` with byte offset and line."""
    return bytes(text_of(without_mark(Block(content), encoding), encoding))


def text_of(block: Block, encoding: str) -> bytes | bytearray:
    """A block as UTF-8; raises ``Refused`` with byte offset and line."""
    check(block, encoding)
    return block.content if encoding == "utf-8" or block.content.isascii() else block.content.decode(encoding).encode()


def without_mark(block: Block, encoding: str) -> Block:
    """The first block of a file without the mark of UTF-8; raises ``Refused`` for UTF-16 and a mark out of place."""
    _refuse_utf16(block.content, encoding)
    if not block.content.startswith(UTF8_MARK):
        return block
    if encoding != "utf-8":
        raise Refused(
            found="a UTF-8 byte-order mark", expected=encoding, remedy=f"export the file as {encoding}", line=1
        )
    return block.after(len(UTF8_MARK), len(UTF8_MARK))


def check(block: Block, encoding: str) -> None:
    """Raise ``Refused`` with offset and line of the first byte of a block that is not in ``encoding``."""
    if block.content.isascii():
        return
    if encoding != "utf-8":
        _refuse_mojibake(block, encoding)
    try:
        block.content.decode(encoding)
    except UnicodeDecodeError as error:
        place = error.start
    else:
        return
    raise Refused(
        found=f"byte 0x{block.content[place]:02X} at byte offset {block.offset + place}, which is not {encoding}",
        expected=f"{encoding} throughout",
        remedy=f"export the file as {encoding}",
        line=block.lines + line_of(block.content, place),
    )


def line_of(content: bytes | bytearray, place: int) -> int:
    """The physical line on which the byte at ``place`` stands."""
    return 1 + line_ends(content[:place])


def _refuse_utf16(content: bytes | bytearray, encoding: str) -> None:
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


def _refuse_mojibake(block: Block, encoding: str) -> None:
    match = _UTF8_IN_CP1252.search(block.content)
    if match is None:
        return
    raise Refused(
        found=f"a letter written in UTF-8 at byte offset {block.offset + match.start()}",
        expected=encoding,
        remedy=f"export the file as {encoding}",
        line=block.lines + line_of(block.content, match.start()),
    )
