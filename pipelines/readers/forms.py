"""Workbooks that a person filled in: which rows were touched, and whether what was not theirs to touch still stands.

A layout that names ``inputs`` is a form: a row whose input cells are all empty was left alone and is no row of the
file. With ``seal``, every row carries a digest of its other cells; where it does not fit, the row is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.compute as pc

from pipelines.readers.raw import WHOLE_ROW, Failure
from schemas.seal import seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow
    from numpy.typing import NDArray

    from pipelines.readers.layout import Layout
    from pipelines.readers.raw import RawRows

RULE: Final = "protected_cell"
REASON: Final = (
    "expected the protected cells as they were written, found one of them edited; take the row from a new workbook "
    "and decide there"
)


def touched(
    texts: Mapping[str, pyarrow.LargeStringArray], kinds: Mapping[str, NDArray[np.uint8]], layout: Layout
) -> NDArray[np.bool_] | None:
    """Which of the ``n`` rows have something in an input cell; None where the layout is no form."""
    filled = [_filled(texts[name], kinds[name]) for name in layout.workbook.inputs]
    return np.any(filled, axis=0) if filled else None


def failures(raw: RawRows, layout: Layout) -> list[Failure]:
    """The rows whose seal does not fit their cells."""
    if not layout.workbook.seal:
        return []
    broken = np.array([said != seal(cells) for said, cells in _rows(raw, layout)], np.bool_)
    return [Failure("", RULE, REASON, broken, WHOLE_ROW)] if broken.any() else []


def faults_of(layout: Layout) -> list[str]:
    """What a layout says amiss of its form."""
    said = layout.workbook
    named = [*said.inputs, *([said.seal] if said.seal else [])]
    faults = [f"no source column {name}" for name in named if name not in layout.columns]
    if said.seal in said.inputs:
        faults.append("workbook.seal is one of workbook.inputs")
    return faults


def _filled(texts: pyarrow.LargeStringArray, kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which cells a person put something into; blanks alone are nothing."""
    said = pc.not_equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False)
    return np.asarray(said | (kinds != ord("t")), np.bool_)


def _rows(raw: RawRows, layout: Layout) -> list[tuple[str, tuple[str, ...]]]:
    """Of every row its seal, and the cells that it is of, in the order of the layout."""
    apart = {layout.workbook.seal, *layout.workbook.inputs}
    sealed = [raw.columns[name].to_pylist() for name in layout.columns if name not in apart]
    return list(zip(raw.columns[layout.workbook.seal].to_pylist(), zip(*sealed, strict=True), strict=True))
