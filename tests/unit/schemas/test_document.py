from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from schemas import document
from schemas.columns import KINDS


def test_the_page_in_the_repository_says_what_the_models_say() -> None:
    assert document.main(["--check"]) == 0


def test_every_model_has_its_section_and_every_column_its_meaning() -> None:
    page = document.page()
    folder = Path(document.__file__).parent
    models = [path.stem for part in ("rows", "tables", "working") for path in (folder / part).glob("[a-z]*.py")]
    assert len(models) > 15
    assert [model for model in models if f"### `{model}`" not in page] == []
    assert "|  |\n" not in page


def test_every_kind_of_column_is_used_somewhere() -> None:
    page = document.page()
    assert [kind.unit for kind in KINDS.values() if kind.unit and f"| {kind.unit} |" not in page] == []


def test_a_page_that_is_out_of_date_is_told_and_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(document, "PAGE", tmp_path / "schemas.md")
    assert document.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert document.main([]) == 0
    assert document.main(["--check"]) == 0


def test_the_module_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["schemas.document", "--check"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(document.__file__, run_name="__main__")
    assert ended.value.code == 0
