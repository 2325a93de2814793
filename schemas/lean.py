"""Pandera without the libraries that it would load to know whether a column is one of theirs.

Before it makes a schema of a model, pandera looks for Dask, and where it is installed loads all of it: a third of a
second of every process that reads a file, for frames that no model here is ever given. Import this before that.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _unseen(library: str) -> Iterator[None]:
    """Make a library look as if it were not installed, unless it is loaded already."""
    is_loaded = library in sys.modules
    if not is_loaded:
        sys.modules[library] = None  # type: ignore[assignment] # what `import` takes for a module that is not there
    try:
        yield
    finally:
        if not is_loaded:
            del sys.modules[library]


with _unseen("dask"):
    import pandera.typing.dask  # noqa: F401 - it asks once, and remembers
