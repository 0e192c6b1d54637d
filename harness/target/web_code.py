"""The Python file of a ``web:`` section: flows that steps cannot say.

A function is named like its operation and takes a walk: ``async def sign_in(walk)``. Reading the
file runs none of it; the browser's process imports it when somebody walks.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from harness.complaint import Where
from harness.document import Document, nearest
from harness.target.errors import TargetError
from harness.target.web_model import WebKind

_KINDS: list[str] = list(get_args(WebKind))


def read_flow(path: Path, document: Document, where: Where) -> tuple[str, ...]:
    """Names of the operations that a file has flows for.

    Raises:
        TargetError: If it cannot be read, is not Python, or has none.
    """
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "not text in UTF-8"
        raise TargetError(document.problem(where, f"{path.name}: cannot be read: {said}")) from None
    except SyntaxError as error:
        raise TargetError(f"{path}:{error.lineno}: not Python: {error.msg}") from None
    found = []
    for each in tree.body:
        if isinstance(each, ast.FunctionDef) and each.name in _KINDS:
            raise TargetError(f"{path}:{each.lineno}: write async def {each.name}(walk)")
        if isinstance(each, ast.AsyncFunctionDef) and not each.name.startswith("_"):
            found.append(_operation(each, path))
    if not found:
        said = f"{path.name} has no flow; write async def submit_report(walk): ... in it"
        raise TargetError(document.problem(where, said))
    return tuple(found)


def _operation(function: ast.AsyncFunctionDef, path: Path) -> str:
    name, at = function.name, f"{path}:{function.lineno}"
    if name not in _KINDS:
        raise TargetError(
            f"{at}: no operation is called {name}{nearest(name, _KINDS) or '.'} Allowed: "
            f"{', '.join(_KINDS)}. A name of a helper begins with an underscore."
        )
    if len(function.args.posonlyargs) + len(function.args.args) != 1:
        raise TargetError(f"{at}: {name} takes one argument, as async def {name}(walk)")
    return name


def load_flow(path: Path) -> dict[str, Callable[[Any], Any]]:
    """The flows of a file that was read before, by operation.

    Raises:
        TargetError: If it cannot be imported.
    """
    spec = importlib.util.spec_from_file_location("drillhall_web_flow", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise TargetError(f"{path}: cannot be imported: {error!r}") from error
    return {name: getattr(module, name) for name in _KINDS if hasattr(module, name)}
