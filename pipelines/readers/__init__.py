"""How a file becomes rows: layouts say it, mechanics do it; refused or read exactly. No path, no clock."""

from __future__ import annotations

from pipelines.readers.kinds import ROW_MODELS
from pipelines.readers.layout import LayoutError
from pipelines.readers.layout_files import first_numbers
from pipelines.readers.reading import DIGEST_FORM, ReadFile, read_file, read_stream

__all__ = ["DIGEST_FORM", "ROW_MODELS", "LayoutError", "ReadFile", "first_numbers", "read_file", "read_stream"]
