"""A synthetic inbox of any size, with the truth beside it (CONTRACT §13, `quincena sample`).

What belongs here: making up people, lines and payments whose outcome follows from how they were laid out. What does
not: any rule of the product. Nothing here imports `pipelines.rules`, readers, store or `schemas`, so that a mistake
there cannot hide here.
"""

from __future__ import annotations

from pipelines.sample.world import SampleSummary, generate

__all__ = ["SampleSummary", "generate"]
