"""Read: the typed rows of accepted files, and the two registries as they stand (CONTRACT §§3, 4)."""

from pipelines.defs.resources import Programme
from pipelines.defs.tables import FIRST, Given, makes
from pipelines.engine import landing, stages


@makes("read", takes=["landed_receipts"], gives=[*stages.ROW_TABLES.values(), "read_rejections"])
def read(programme: Programme, tables: Given) -> Given:
    """Bring back the rows and rejections of every accepted file; nothing is parsed again."""
    home, issued = programme.home, tables["landed_receipts"]
    opened = programme.open(issued)
    rows = {
        name: opened.rows(name) if opened else landing.load_known_rows(home, issued, kind)
        for kind, name in stages.ROW_TABLES.items()
    }
    return {**rows, "read_rejections": landing.load_rejections(home, issued)}


@makes(
    "read",
    takes=["registrant_rows", "capture_line_rows"],
    gives=["registrants", "capture_lines", "registry_rejections"],
    tags=FIRST,
)
def register(programme: Programme, tables: Given) -> Given:
    """Let the latest row of each registrant and capture line stand."""
    return programme.run(stages.register, tables)
