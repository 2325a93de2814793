"""People: the names of registrants that an answer tells of."""

from __future__ import annotations

from typing import ClassVar

from schemas.columns import Text, text
from schemas.table import Table


class Person(Table):
    """One registrant and the name."""

    _key: ClassVar[tuple[str, ...]] = ("nss",)

    nss: Text = text("Social security number", "número de seguridad social")
    full_name: Text = text("Name as written", "nombre")
