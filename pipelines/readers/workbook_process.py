"""The child process that reads a workbook, as the parent sees it: what is asked of it, its limits, what it says.

Nothing that the child writes is believed before it is checked: it has read bytes that anybody may have sent.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow

from pipelines.readers.refusal import Refused, shown
from schemas.octets import LARGE_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout

MEMORY_BYTES: Final = 512 << 20
LEAST_SECONDS: Final = 5
BYTES_A_SECOND: Final = 4 << 20
TEXT_BYTES: Final = 96 << 20
TRIES: Final = 2
REMEDY: Final = "export the sheet again as a plain .xlsx workbook, in parts if it is large"

# The program is this package's own, but importing the package itself would bring all its libraries into the child.
_PROGRAM: Final = """
import sys, types
for name, folder in (("pipelines", ""), ("pipelines.readers", sys.argv[2])):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
from pipelines.readers.workbook_child import main
main()
"""


class ChildDied(Refused):
    """The child process was killed or ran out of its limits, as often as it was tried: the file is parked."""


@dataclass(frozen=True)
class Sheet:
    """The ``n`` filled rows of a sheet below its titles: ``texts`` a column each, ``kinds`` (columns, n), ``lines``."""

    name: str
    lines: NDArray[np.int64]
    texts: list[pyarrow.LargeStringArray]
    kinds: NDArray[np.uint8]
    is_hidden: bool
    last_row: int
    merged_rows: int
    hidden_rows: int
    hidden_columns: int


@dataclass(frozen=True)
class Block:
    """Some rows of a sheet, as the child writes them."""

    lines: NDArray[np.int64]
    texts: list[pyarrow.LargeStringArray]
    kinds: NDArray[np.uint8]


def ask(content: bytes, unpacked_bytes: int, layout: Layout) -> tuple[list[Sheet], list[str]]:
    """The sheets that the layout declares, in their order, and the hidden ones with values that it does not.

    Raises ``Refused`` as the child does, ``ChildDied`` where it did not live to say anything, twice.
    """
    asked = json.dumps(_asked(layout, unpacked_bytes))
    for _ in range(TRIES):
        said = _run(content, asked)
        if said is not None:
            return said
    seconds = json.loads(asked)["cpu_seconds"]
    raise ChildDied(
        found="a workbook that does not open within the limits of memory and time; it was tried twice and is parked",
        expected=f"at most {MEMORY_BYTES >> 20} MB and {seconds} s",
        remedy=REMEDY,
    )


def _asked(layout: Layout, unpacked_bytes: int) -> dict[str, Any]:
    workbook = layout.workbook
    totals = layout.controls.totals is not None
    return {
        "sheets": list(workbook.sheets) or [workbook.sheet] * bool(workbook.sheet),
        "ignored": list(workbook.ignored),
        "title_rows": workbook.title_rows,
        "rows": layout.limits.rows + 1 + totals,
        # Columns beside the table are refused by name; a stray cell far to the right would make a grid of nothing.
        "columns": 2 * len(layout.columns),
        "text_bytes": TEXT_BYTES,
        "cached_formulas": workbook.cached_formulas,
        "memory_bytes": MEMORY_BYTES,
        "cpu_seconds": LEAST_SECONDS + unpacked_bytes // BYTES_A_SECOND,
    }


def _run(content: bytes, asked: str) -> tuple[list[Sheet], list[str]] | None:
    """What a child says; None where it died, or does not say what a child says."""
    command = [sys.executable, "-I", "-S", "-c", _PROGRAM, asked, str(Path(__file__).parent)]
    seconds = 2 * json.loads(asked)["cpu_seconds"] + LEAST_SECONDS
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the workbook is only its input
            command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, check=True
        )
        return _heard(memoryview(done.stdout))
    except (subprocess.SubprocessError, ValueError, LookupError, TypeError, pyarrow.ArrowInvalid):
        return None


def _heard(said: memoryview) -> tuple[list[Sheet], list[str]]:
    """The blocks and the last line; raises ``Refused`` as they say, or ``ValueError`` where they are amiss."""
    blocks: dict[int, list[Block]] = {}
    start = 0
    while True:
        stop = _line_end(said, start)
        head: dict[str, Any] = json.loads(bytes(said[start:stop]))
        start = stop + 1
        if "rows" not in head:
            break
        block, start = _block(said, start, head)
        blocks.setdefault(head["sheet"], []).append(block)
    if "refusal" in head:
        raise _refused(head["refusal"])
    return [_sheet(told, blocks.get(told["sheet"], [])) for told in head["sheets"]], [*map(str, head["hidden"])]


def _line_end(said: memoryview, start: int) -> int:
    head = bytes(said[start : start + (1 << 20)])
    return start + head.index(b"\n")


def _refused(told: dict[str, str]) -> Refused:
    return Refused(told["found"], told["expected"], told["remedy"], sheet=told.get("sheet", ""))


def _block(said: memoryview, start: int, head: dict[str, Any]) -> tuple[Block, int]:
    rows, sizes = head["rows"], head["bytes"]
    lines = np.frombuffer(said, np.uint32, rows, start).astype(np.int64)
    start += 4 * rows
    kinds = np.frombuffer(said, np.uint8, rows * len(sizes), start).reshape(len(sizes), rows)
    start += rows * len(sizes)
    texts = []
    for size in sizes:
        offsets = np.zeros(rows + 1, np.int64)
        np.cumsum(np.frombuffer(said, np.uint32, rows, start), out=offsets[1:])
        start += 4 * rows
        octets = pyarrow.py_buffer(said[start : start + size])
        column = pyarrow.LargeStringArray.from_buffers(rows, pyarrow.py_buffer(offsets), octets)
        column.validate(full=True)
        texts.append(column)
        start += size
    return Block(lines, texts, kinds), start


def _sheet(told: dict[str, Any], blocks: list[Block]) -> Sheet:
    width = max((len(block.texts) for block in blocks), default=0)
    rows = sum(block.lines.size for block in blocks)
    kinds = np.full((width, rows), ord("t"), np.uint8)
    start = 0
    for block in blocks:
        kinds[: len(block.texts), start : start + block.lines.size] = block.kinds
        start += block.lines.size
    texts = [_joined(_column(block, place) for block in blocks) for place in range(width)]
    lines = np.concatenate([np.zeros(0, np.int64), *(block.lines for block in blocks)])
    return Sheet(lines=lines, texts=texts, kinds=kinds, **{key: told[key] for key in _TOLD})


_TOLD: Final = ("name", "is_hidden", "last_row", "merged_rows", "hidden_rows", "hidden_columns")


def _column(block: Block, place: int) -> pyarrow.LargeStringArray:
    if place < len(block.texts):
        return block.texts[place]
    return pyarrow.repeat(pyarrow.scalar("", LARGE_TEXT), block.lines.size)


def _joined(columns: Iterable[pyarrow.LargeStringArray]) -> pyarrow.LargeStringArray:
    return pyarrow.concat_arrays(list(columns))


def hold_of(sheets: Sequence[Sheet], hidden: list[str], limits: tuple[int, ...]) -> str:
    """Why a person has to look at the workbook before it counts; empty where nobody has to (CONTRACT §4)."""
    concealed = [*hidden, *(sheet.name for sheet in sheets if sheet.is_hidden)]
    if concealed:
        return (
            f"sheet {shown(concealed[0])}: found a hidden sheet with values; expected every sheet with values to be "
            "seen; ask the sender to show or remove it, and for the workbook under another name"
        )
    for sheet in sheets:
        if sheet.last_row in limits:
            return (
                f"sheet {shown(sheet.name)}: found exactly {sheet.last_row:,} rows, where a spreadsheet cuts off; "
                "expected a sheet that ends before; ask the sender for all rows in several workbooks, or as text, "
                "under another name"
            )
    return ""
