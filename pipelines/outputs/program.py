"""What wrote an answer: the program and the libraries behind it, as one digest (docs/decisions/0026).

The number of the version does not do: it stays while the program is changed, and an answer that an older program wrote
would stand for the new one's.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("pipelines", "schemas")
_SOURCES: Final = frozenset({".py", ".html", ".css", ".js", ".toml"})
_LIBRARIES: Final = ("jinja2", "openpyxl", "pandas", "pyarrow")
"""Those whose version shows in the bytes of an answer."""


@cache
def digest() -> str:
    """SHA-256 (hexadecimal) over every source file of the program and the versions of the libraries that write."""
    found = hashlib.sha256()
    for name in _LIBRARIES:
        found.update(f"{name} {metadata.version(name)}\n".encode())
    for path in sources(_ROOT):
        content = path.read_bytes()
        found.update(f"{path.relative_to(_ROOT).as_posix()} {hashlib.sha256(content).hexdigest()}\n".encode())
    return found.hexdigest()


def sources(root: Path) -> list[Path]:
    """The source files of the program under ``root``, in order."""
    found = (path for package in _PACKAGES for path in (root / package).rglob("*") if path.suffix in _SOURCES)
    return sorted(found)
