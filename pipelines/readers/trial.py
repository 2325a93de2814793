"""A layout tried on a file: whether it reads, and what each row gives under the canonical columns (CONTRACT §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.readers.kinds import FILE_MODELS
from pipelines.readers.layout_files import layouts
from pipelines.readers.reading import ReadFile, read_as

if TYPE_CHECKING:
    from pipelines.readers.layout import Layout


def try_layout(name: str, content: bytes, layout: Layout) -> ReadFile:
    """The file as ``layout`` reads it; a fault of its reader is a refusal, of which only the class is told."""
    try:
        return read_as(name, content, layout)
    except Exception as fault:  # noqa: BLE001 - a file of another sender may be anything
        return ReadFile(layout=layout.name, refusal=f"{name}: the reader failed ({type(fault).__name__})")


def try_all(name: str, content: bytes) -> list[ReadFile]:
    """The file as every layout reads it, in the order of their names."""
    return [try_layout(name, content, layout) for layout in layouts()]


def canonical_rows(found: ReadFile, most: int) -> list[dict[str, Any]]:
    """At most ``most`` sound rows: ``sheet``, ``row`` and the canonical columns as text, empty ones left out."""
    if found.rows is None:
        return []
    fields = FILE_MODELS[found.kind].fields()
    return [_canonical(row, list(fields)) for row in found.rows.slice(0, most).to_pylist()]


def _canonical(row: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    told = {name: _text(row, name) for name in fields}
    return {"sheet": row["sheet"], "row": row["row"]} | {name: text for name, text in told.items() if text}


def _text(row: dict[str, Any], name: str) -> str:
    """A field of a typed row as its canonical file writes it."""
    if name in row:
        value = row[name]
        if value is None:
            return ""
        return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else str(value)
    # Typed rows call an amount after its unit: amount_centavos, and gross_centavos for gross_amount.
    column = f"{name}_centavos" if f"{name}_centavos" in row else f"{name.removesuffix('_amount')}_centavos"
    centavos = row[column]
    return "" if centavos is None else f"{centavos // 100}.{centavos % 100:02d}"
