"""The house keeps its layout: imports go one way, and only where it may."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("simulators", "harness", "reports", "scenarios")


def modules(package: str) -> list[Path]:
    return sorted(
        path for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts
    )


@cache  # every test asks for every file, and reading them all takes seconds
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def all_imported(path: Path) -> frozenset[str]:
    """Dotted names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def imported(path: Path) -> set[str]:
    """Of these, the names of our own modules."""
    return {name for name in all_imported(path) if name.split(".")[0] in PACKAGES}


def test_simulators_import_nothing_of_ours() -> None:
    """What we pretend knows nothing of what we run or show."""
    for path in modules("simulators"):
        assert {name.split(".")[0] for name in imported(path)} <= {"simulators"}, path


def test_the_harness_imports_simulators_and_itself() -> None:
    """Only the command line knows of reports, and nothing imports the command line."""
    for path in modules("harness"):
        names = imported(path)
        if path.parent.name == "cli":
            continue
        assert {name.split(".")[0] for name in names} <= {"harness", "simulators"}, path
        assert not any(name.startswith("harness.cli") for name in names), path


def test_reports_read_the_record_and_the_verdict() -> None:
    """Reports run nothing: they see the run folder and the types of the verdict."""
    allowed = ("harness.record", "harness.verdict", "reports")
    for path in modules("reports"):
        for name in imported(path):
            assert name == "harness" or name.startswith(allowed), f"{path}: {name}"


def test_the_record_imports_nothing_else_of_ours() -> None:
    """A run folder can be read without the rest of the house."""
    for path in modules("harness/record"):
        assert all(name.startswith("harness.record") for name in imported(path)), path


def test_only_the_conductor_imports_locust() -> None:
    """Importing Locust patches sockets and threads, so one process alone does it."""
    for package in PACKAGES:
        for path in modules(package):
            if any(name.split(".")[0] in ("locust", "gevent") for name in all_imported(path)):
                assert path.parent.name == "engine", path


def test_modules_import_in_no_circle() -> None:
    """No module reaches itself by imports at its top level."""
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in modules(package)
    }
    arrows = {name: _top_level_imports(path, set(names)) - {name} for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            pytest.fail(" -> ".join([*trail[trail.index(name) :], name]))
        if name in done:
            return
        for each in sorted(arrows[name]):
            visit(each, (*trail, name))
        done.add(name)

    for name in sorted(arrows):
        visit(name, ())


def _top_level_imports(path: Path, known: set[str]) -> set[str]:
    found: set[str] = set()
    for node in parsed(path).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known
            found |= inner or ({node.module} & known)
            if any(f"{node.module}.{alias.name}" not in known for alias in node.names):
                found |= {node.module} & known
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_say_what_they_are_for(package: str) -> None:
    """Each package opens with a docstring."""
    assert ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))
