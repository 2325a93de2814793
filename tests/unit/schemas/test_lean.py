"""What making schemas of the models does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOADED = """
import sys
from importlib.util import find_spec
from pipelines.readers.kinds import FILE_MODELS
from schemas.catalog import WORKING
for model in (*WORKING.values(), *FILE_MODELS.values()):
    model.to_schema()
print("dask" in sys.modules, find_spec("dask") is not None)
import dask.dataframe
"""


def test_schemas_are_made_without_dask_which_can_be_loaded_later() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


def test_dask_is_used_as_it_is_where_it_is_loaded_already() -> None:
    first = "import dask.dataframe; import schemas.catalog; import sys; print('dask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", first], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True"]
