"""Amounts as people read them."""

from __future__ import annotations


def shown(centavos: int, currency: str = "MXN") -> str:
    """``$33,100.00``; in another currency ``USD 80.00``. Whole numbers only: no float touches it."""
    pesos, rest = divmod(abs(centavos), 100)
    sign = "-" if centavos < 0 else ""
    unit = "$" if currency == "MXN" else f"{currency} "
    return f"{sign}{unit}{pesos:,}.{rest:02d}"
