from __future__ import annotations

import pytest

from pipelines.readers import encoding
from pipelines.readers.refusal import Refused


@pytest.mark.parametrize(
    ("content", "name", "text"),
    [
        (b"plain", "utf-8", "plain"),
        ("Peña".encode(), "utf-8", "Peña"),
        (b"\xef\xbb\xbfx", "utf-8", "x"),
        (b"plain", "cp1252", "plain"),
        ("Peña – €".encode("cp1252"), "cp1252", "Peña – €"),
    ],
)
def test_what_fits_the_declared_encoding_becomes_utf8(content: bytes, name: str, text: str) -> None:
    assert encoding.to_utf8(content, name) == text.encode()


@pytest.mark.parametrize(
    ("content", "name", "line", "found"),
    [
        (b"a\r\nb\rc\nPe\xf1a", "utf-8", 4, "byte 0xF1 at byte offset 9"),
        (b"\xef\xbb\xbfPe\xf1a", "utf-8", 1, "byte 0xF1 at byte offset 5"),
        (b"a\nPe\x81a", "cp1252", 2, "byte 0x81 at byte offset 4"),
        ("a\nPeña".encode(), "cp1252", 2, "a letter written in UTF-8 at byte offset 4"),
        ("a “b”".encode(), "cp1252", 1, "a letter written in UTF-8 at byte offset 2"),
        ("Núñez\n".encode("cp1252") + "Peña".encode(), "cp1252", 2, "a letter written in UTF-8"),
        (b"\xef\xbb\xbfplain", "cp1252", 1, "a UTF-8 byte-order mark"),
        (b"\xff\xfea\x00", "utf-8", 1, "UTF-16 (a byte-order mark)"),
        (b"\xfe\xff\x00a", "cp1252", 1, "UTF-16 (a byte-order mark)"),
        (b"a\x00b\x00", "cp1252", 1, "NUL bytes all through"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_first_byte(content: bytes, name: str, line: int, found: str) -> None:
    with pytest.raises(Refused) as refused:
        encoding.to_utf8(content, name)
    assert refused.value.line == line
    assert refused.value.found.startswith(found)
    assert name in refused.value.expected
