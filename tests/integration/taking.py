"""What a landing takes from an inbox, without reading it: whole files are kept, the others forgotten."""

from __future__ import annotations

import io
from typing import NamedTuple

from pipelines.store.inbox import ChangingError, Inbox, UnreadableError, open_inbox


class Taken(NamedTuple):
    """Names with the bytes of whole files, names left for later, names with the reason of those that cannot be read."""

    whole: dict[str, bytes]
    left: list[str]
    refused: dict[str, str]


def take(where: str) -> Taken:
    """Everything that the inbox at ``where`` offers."""
    with open_inbox(where) as box:
        return take_from(box, box.names())


def take_from(box: Inbox, names: list[str]) -> Taken:
    """These files of an inbox."""
    taken = Taken({}, [], {})
    for name in names:
        kept = io.BytesIO()
        try:
            with box.open(name) as stream:
                while chunk := stream.read(1 << 16):
                    kept.write(chunk)
        except ChangingError:
            taken.left.append(name)
        except UnreadableError as refusal:
            taken.refused[name] = str(refusal)
        else:
            taken.whole[name] = kept.getvalue()
    return taken
