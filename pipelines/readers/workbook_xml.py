"""XML parts of an untrusted package, pulled through with limits. Standard library only: the child uses it.

No DTD, no entity of a document's own, no endless depth, no endless token, no markup without end that says nothing; a
part is as long as the directory of the package says.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import Any, Final
from xml.parsers import expat

DEPTH: Final = 64
IDLE_ELEMENTS: Final = 500_000
LONGEST_TEXT: Final = 32_767
SEND_AGAIN: Final = "export the sheet again as a plain .xlsx workbook"
_PIECE: Final = 1 << 16
_LONGEST_TOKEN: Final = 1 << 18

Handler = Callable[..., None]


class RefusedError(Exception):
    """The workbook is not one that may be read: what was found, expected, what to do, and the sheet if it is one's."""


def refuse(found: str, expected: str, remedy: str = SEND_AGAIN) -> RefusedError:
    """The refusal to raise."""
    return RefusedError(found, expected, remedy)


def nothing(*_: Any) -> None:  # noqa: ANN401 - a handler that does not care
    """Handle nothing."""


def local(name: str) -> str:
    """A name without its prefix: a package may choose any."""
    return name.rpartition(":")[2] if ":" in name else name


class Markup:
    """Counts markup that says nothing: at most ``IDLE_ELEMENTS`` and four a ``useful`` one, ``DEPTH`` deep."""

    def __init__(self) -> None:
        self.depth = self.idle = self.useful = 0

    def deeper(self) -> None:
        """One element more begins; raises ``RefusedError``."""
        self.depth += 1
        if self.depth > DEPTH:
            raise refuse(found=f"XML nested deeper than {DEPTH}", expected="the XML of a workbook")
        self.waste()

    def waste(self) -> None:
        """One element more says nothing; raises ``RefusedError``."""
        self.idle += 1
        if self.idle > IDLE_ELEMENTS + 4 * self.useful:
            raise refuse(found="more empty markup than content", expected="the XML of a workbook")


def too_long() -> RefusedError:
    """The refusal of a text that no cell can hold."""
    return refuse(found="a text longer than a cell can hold", expected=f"at most {LONGEST_TEXT:,} characters in a cell")


def pull(package: zipfile.ZipFile, part: str, on_start: Handler, on_end: Handler, on_text: Handler) -> None:
    """Pull one part through handlers of start (name, attributes), end (name) and text; names as written."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler, parser.CharacterDataHandler = _doctype, on_text
    parser.StartElementHandler, parser.EndElementHandler = on_start, on_end
    about = package.getinfo(part)
    fed = 0
    with package.open(about) as content:
        while piece := content.read(_PIECE):
            fed += len(piece)
            parser.Parse(piece, False)  # noqa: FBT003 - expat takes it by place only
            # Expat scans an unfinished token again with every piece: the time grows with the square of its length.
            if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise refuse(found="a tag or an attribute without end", expected="the XML of a workbook")
    parser.Parse(b"", True)  # noqa: FBT003 - as above
    if fed != about.file_size:
        message = "a part is not as long as the directory says"
        raise zipfile.BadZipFile(message)


def _doctype(*_: Any) -> None:  # noqa: ANN401 - expat's callback
    raise refuse(found="a document type declaration (DTD)", expected="XML without one")


def elements(package: zipfile.ZipFile, part: str, *wanted: str) -> list[tuple[str, dict[str, str]]]:
    """The name and the attributes of every element of some names, in order, all by their local names."""
    found: list[tuple[str, dict[str, str]]] = []
    markup = Markup()

    def started(name: str, attributes: dict[str, str]) -> None:
        markup.deeper()
        if local(name) in wanted:
            found.append((local(name), {local(key): value for key, value in attributes.items()}))

    def ended(_: str) -> None:
        markup.depth -= 1

    pull(package, part, started, ended, nothing)
    return found


class SharedStrings(Markup):
    """The table of shared strings, in order; phonetic readings left out. What it says of its own size is not heeded."""

    def __init__(self, package: zipfile.ZipFile, part: str, unescape: Callable[[str], str]) -> None:
        super().__init__()
        self.strings: list[str] = []
        self.parts: list[str] = []
        self.size = self.phonetic = 0
        self.in_text = False
        self.unescape = unescape
        if part in package.namelist():
            pull(package, part, self._on_start, self._on_end, self._on_text)

    def _on_start(self, name: str, _: dict[str, str]) -> None:
        self.deeper()
        name = local(name)
        self.phonetic += name == "rPh"
        self.in_text = name == "t" and not self.phonetic

    def _on_end(self, name: str) -> None:
        self.depth -= 1
        name = local(name)
        self.phonetic -= name == "rPh"
        self.in_text = False
        if name == "si":
            # A string is worth its own two elements and some of formatting.
            self.useful += 4 * bool(self.parts)
            self.strings.append(self.unescape("".join(self.parts)))
            self.parts, self.size = [], 0

    def _on_text(self, data: str) -> None:
        if self.in_text:
            self.size += len(data)
            if self.size > LONGEST_TEXT:
                raise too_long()
            self.parts.append(data)
