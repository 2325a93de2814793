from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, texts

GROUND = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "GLOSSARY.md",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
    "dagster.yaml",
    "policy.toml",
    ".ci/run",
    "requirements.in",
    "requirements.txt",
    "requirements-dask.in",
    "requirements-dev.in",
    "requirements-dev.txt",
    "requirements-datacompy.in",
    "requirements-datacompy.txt",
    "pipelines/definitions.py",
    "pipelines/cli.py",
    "pipelines/readers/layouts",
    "pipelines/rules",
    "pipelines/store",
    "pipelines/outputs",
    "pipelines/engine",
    "pipelines/defs",
    "schemas",
    "fixtures/README.md",
    "fixtures/months",
    "tests/unit",
    "tests/spec",
    "tests/property",
    "tests/integration",
    "tests/architecture",
    "tests/benchmarks",
    "docs/decisions",
    "docs/rules.md",
    "docs/schemas.md",
    "docs/operations.md",
    "docs/analysts.md",
    "docs/auditors.md",
]

# Cut in two where this file would otherwise name what it forbids.
FORBIDDEN = {
    "the path of this checkout": re.escape(f"{ROOT}/"),
    "a person's home folder": r"(?<![\w.])/(?:home|Users)/\w" + r"|(?<![\w.])/roo" + r"t/",
    "an option that names a package index": "index" + "-url" + "|find" + "-links" + "|trusted" + "-host",
    "the address of a package index": r"https?://\S*/simple\b|https?://\S+\.(?:whl|tgz)\b|pypi\.org|python" + "hosted",
}


def offences(text: str) -> list[str]:
    return [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)]


@pytest.mark.parametrize("path", GROUND)
def test_the_tree_of_the_design_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("package", ["pipelines", "schemas"])
def test_the_packages_resolve_inside_this_repository(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == ROOT / package / "__init__.py"


def test_every_folder_with_modules_is_a_package_of_the_distribution() -> None:
    modules = [path for package in ("pipelines", "schemas") for path in (ROOT / package).rglob("*.py")]
    assert modules
    assert {path.parent for path in modules if not (path.parent / "__init__.py").is_file()} == set()


def test_no_file_tells_where_it_was_written_or_where_packages_come_from() -> None:
    found = {name: offences(text) for name, text in texts()}
    assert len(found) > 50
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        f"see {ROOT}/README.md",
        "/home/" + "maria/quincena",
        "/" + "root/.cache",
        "--" + "index" + "-url=x",
        "https://example.test/" + "simple",
    ],
)
def test_a_file_that_tells_it_is_noticed(text: str) -> None:
    assert offences(text)


def pins(name: str) -> dict[str, int]:
    """Each pinned requirement of a lock file, with the number of its digests; a line of another kind fails."""
    counts: dict[str, int] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line.startswith("    --hash=sha256:"):
            counts[list(counts)[-1]] += 1
        elif not line.lstrip().startswith("#"):
            match = re.fullmatch(r"([a-z0-9-]+==[^ ]+(?: ; [^\\]+)?) \\", line)
            assert match, line
            counts[match[1]] = 0
    return counts


@pytest.mark.parametrize(
    ("name", "least"), [("requirements.txt", 50), ("requirements-dev.txt", 50), ("requirements-datacompy.txt", 5)]
)
def test_every_version_is_pinned_with_its_digests(name: str, least: int) -> None:
    counts = pins(name)
    assert len(counts) > least
    assert min(counts.values()) >= 1


def test_the_tools_are_pinned_on_top_of_the_very_versions_of_the_product() -> None:
    # A tool may need a library of the product on more systems than the product does.
    product, tools = (
        {pin.split(" ;")[0] for pin in pins(name)} for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert product <= tools


def test_nothing_is_uploaded_by_mistake() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == "quincena"
    assert "Private :: Do Not Upload" in project["classifiers"]


def test_every_exception_from_a_check_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    codes = [line for line in lines if re.match(r'\s*"[A-Z]+[0-9]+",?', line)]
    assert len(codes) > 10
    assert [line for line in codes if "# " not in line] == []


def test_one_make_target_runs_the_tests_and_ci_calls_it() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert len(re.findall(r"-m pytest", makefile)) == 1
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)


def test_every_test_runs_once_when_everything_is_checked() -> None:
    dry = ["make", "--dry-run", "--always-make", "--no-print-directory", "check"]
    plan = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    traced, others = (line for line in plan.splitlines() if "-m pytest" in line)
    folders = re.findall(r" (tests/\S+)", traced)
    assert " --cov " in traced
    assert folders
    assert "--ignore" not in traced
    assert re.findall(r" --ignore=(\S+)", others) == folders
    assert " tests" not in others
    for step in ("ruff check", "ruff format --check", "mypy", "lint-imports", "dg check defs", "--fail-under=100"):
        assert step in plan
