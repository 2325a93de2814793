"""XML as a sender may write it: UTF-8, no document type, no entities, not too deep; parsed without any network."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from pipelines.readers import encoding
from pipelines.readers.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DECLARED: Final = re.compile(rb"\A\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']*)[\"']")
_SOUND_ENCODINGS: Final = (b"utf-8", b"utf8", b"us-ascii")
_REMEDY: Final = "ask the sender for the whole file as it was exported"
_TOO_DEEP: Final = "Excessive depth"
DEEPEST: Final = 256
"""Elements within one another that the parser follows (a limit of libxml2 itself, unless it is told otherwise)."""


def checked(content: bytes) -> bytes:
    """``content`` as UTF-8 without a byte-order mark; raises ``Refused`` where it is no XML that may be parsed."""
    if not content.strip():
        raise Refused(
            found="an empty file" if not content else "nothing but white space",
            expected="an XML document",
            remedy=_REMEDY,
        )
    text = encoding.to_utf8(content, "utf-8")
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in _SOUND_ENCODINGS:
        raise Refused(
            found="an encoding declared that is not UTF-8", expected="UTF-8", remedy="export the file as UTF-8", line=1
        )
    place = text.find(b"<!DOCTYPE")
    if place >= 0:
        found = "a document type declaration (DOCTYPE), which may hide entities"
        line = encoding.line_of(text, place)
        raise Refused(
            found=found, expected="a document without one", remedy="ask the sender for the file without it", line=line
        )
    return text


def events(text: bytes, kinds: Sequence[str], tags: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The events (``start``, ``end``) of the elements called ``tags``; raises ``Refused`` where the XML is broken."""
    parser = etree.iterparse(
        BytesIO(text),
        events=tuple(kinds),
        tag=tuple(tags),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from parser
    except etree.XMLSyntaxError as error:
        raise _broken(error) from None


def root_of(text: bytes) -> Any:  # noqa: ANN401 - an element of a library without types
    """The document's outermost element as it begins, its attributes read, what is within it perhaps not."""
    return next(element for _, element in events(text, ("start",), ("*", "{*}*")))


def _broken(error: Any) -> Refused:  # noqa: ANN401 - an error of a library without types
    line = int(error.lineno or 0)
    if _TOO_DEEP in str(error.msg):
        return Refused(
            found="elements nested without end",
            expected=f"at most {DEEPEST} within one another",
            remedy=_REMEDY,
            line=line,
        )
    return Refused(
        found="XML that ends too early or is broken",
        expected="a whole, well-formed document",
        remedy=_REMEDY,
        line=line,
    )
