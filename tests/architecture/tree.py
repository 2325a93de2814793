"""The repository as the architecture tests see it: its files, without what the tools and the product make."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = {".git", ".venv", ".cache", ".hypothesis", "__pycache__", "build", "var", "quincena.egg-info"}
"""Folders that git ignores (.gitignore), and git's own."""


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the repository under `folder`, in order."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name not in MADE:
                yield from files(path)
        else:
            yield path


def texts(folder: Path = ROOT) -> Iterator[tuple[str, str]]:
    """(path from the root, content) of every file that is UTF-8 text."""
    for path in files(folder):
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def modules(*packages: str) -> list[tuple[str, str]]:
    """(path from the root, source) of every Python module of the packages named by their folders."""
    return [(name, text) for package in packages for name, text in texts(ROOT / package) if name.endswith(".py")]


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method in a source, nested ones too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
