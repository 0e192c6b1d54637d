"""YAML documents that remember where everything in them stands.

A scenario and a target are YAML files that people write by hand, so every complaint about one
is a single line: file, line, field, what was found, what is allowed. ``load_document`` reads a
file and validates it against a pydantic model (or a standard dataclass); ``read_document`` gives
the data with its places, for callers who check more than a model can say.

Two habits of YAML 1.1 are switched off, because they surprise people: ``on``, ``off``, ``yes``
and ``no`` are words, not booleans, and ``19:30`` or ``2020-02-03`` stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from harness.complaint import MisfitError, Where, complain, follow

Model = TypeVar("Model")

MAX_NODES = 500_000  # aliases can make a small file explode; no honest document is this large


class DocumentError(Exception):
    """A document that cannot be used.

    ``str(error)`` is one line: the first problem, and how many more there are.

    Attributes:
        problems: Every problem found, one line each.
    """

    def __init__(self, problems: str | list[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else problems
        more = len(self.problems) - 1
        rest = f" (and {more} more {'problem' if more == 1 else 'problems'})" if more else ""
        super().__init__(self.problems[0] + rest)


@dataclass
class Document:
    """The data of one YAML file and the line of every path in it.

    Attributes:
        name: How errors call the file.
        data: Plain dictionaries, lists and scalars.
        lines: Line of each path; a path is a tuple of keys and list positions.
        taken: Fields at the top that stand in another file, and its document.
    """

    name: str
    data: Any
    lines: dict[Where, int] = field(default_factory=dict)
    taken: dict[str, Document] = field(default_factory=dict)

    def place(self, path: Where) -> str:
        """``file:line`` of a path, or of its nearest parent; just the name if lines are unknown.

        Example:
            >>> Document("t.yaml", {}, {(): 1, ("name",): 3}).place(("name", "first"))
            't.yaml:3'
        """
        if path and path[0] in self.taken:
            return self.taken[path[0]].place(path)
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return f"{self.name}:{self.lines[path[:end]]}"
        return self.name

    def line(self, path: Where) -> int:
        """The line of a path or of its nearest parent; 0 if lines are unknown."""
        if path and path[0] in self.taken:
            return self.taken[path[0]].line(path)
        return next(
            (self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 0
        )

    def problem(self, path: Where, message: str) -> str:
        """One line that names the place and the field, then says ``message``."""
        name = dotted(path)
        return (
            f"{self.place(path)}: {name}: {message}" if name else f"{self.place(path)}: {message}"
        )

    def error(self, path: Where, message: str) -> DocumentError:
        """An error about one path."""
        return DocumentError(self.problem(path, message))

    def validate(self, model: type[Model]) -> Model:
        """The data as a ``model``.

        Raises:
            DocumentError: If it does not fit, with every problem, what is missing last.
        """
        if not isinstance(self.data, dict):
            found = "nothing" if self.data is None else f"a {type(self.data).__name__}"
            raise self.error((), f"found {found}, but the file must be a mapping of fields")
        try:
            return TypeAdapter(model).validate_python(self.data)
        except ValidationError as error:
            raise DocumentError(self._problems(error, model)) from None

    def _problems(self, error: ValidationError, model: Any) -> list[str]:
        """Every problem once, by line; of a failed choice, only the branch that got furthest.

        What is missing comes last: mostly it is there, under a name that is not known.
        """
        deepest: dict[tuple[Where, str], tuple[tuple[bool, int], str]] = {}
        for each in error.errors(include_url=False):
            path = follow(self.data, each["loc"])
            if isinstance(misfit := each.get("ctx", {}).get("error"), MisfitError):
                path = (*path, *misfit.where)
            message = complain(each, self.data, path, model)
            order = (each["type"] == "missing", self.line(path))
            deepest.setdefault((path, message), (order, self.problem(path, message)))
        branches = {path for path, _ in deepest}
        kept = [
            found
            for (path, _), found in deepest.items()
            if not any(len(path) < len(other) and other[: len(path)] == path for other in branches)
        ]
        return [text for _, text in sorted(kept, key=lambda found: found[0])]


def load_document(path: Path | str, model: type[Model]) -> Model:
    """Read a YAML file and validate it.

    Args:
        path: The file.
        model: A pydantic model or a standard dataclass.

    Raises:
        DocumentError: If it cannot be read or does not fit; the text is one line.
    """
    return read_document(path).validate(model)


def read_document(path: Path | str) -> Document:
    """Read a YAML file with the line of everything in it.

    Raises:
        DocumentError: If it is missing, not readable, not UTF-8 or not YAML, or names a key twice.
    """
    name = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DocumentError(f"{name}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: not text in UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise DocumentError(f"{name}: cannot be read: {error.strerror}") from None
    return parse_document(text, name)


def parse_document(text: str, name: str) -> Document:
    """Parse YAML text; ``name`` is how errors call it.

    Raises:
        DocumentError: If it is not YAML, or names a key twice.
    """
    loader = _Loader(text)
    document = Document(name, None)
    try:
        node = loader.get_single_node()
        if node is not None:
            document.data = _Reader(loader, document).read(node, ())
    except yaml.MarkedYAMLError as error:
        raise DocumentError(_syntax(error, name)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    finally:
        loader.dispose()
    return document


def nearest(name: str, allowed: list[str]) -> str:
    """``; did you mean 'x'?`` if one of the allowed names is close, else nothing.

    Example:
        >>> nearest("opertions", ["operations", "people"])
        "; did you mean 'operations'?"
    """
    close = get_close_matches(name.lower(), allowed, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def dotted(path: Where) -> str:
    """A path as people write it.

    Example:
        >>> dotted(("operations", "sign_in", "steps", 0, "path"))
        'operations.sign_in.steps[0].path'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _syntax(error: yaml.MarkedYAMLError, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"{name}:{mark.line + 1}" if mark else name
    problem = error.problem or error.context or ""
    hint = "; put text that holds ? : , [ ] { } in quotes" if "but got" in problem else ""
    return f"{place}: not YAML: {problem}{hint}"


_FLOAT = (
    r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"
    r"|^[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$"
)


class _Loader(yaml.SafeLoader):
    """YAML's safe loader without the booleans, dates and base-60 numbers of YAML 1.1."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in ("bool", "timestamp", "int", "float")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", _FLOAT, "-+0123456789."),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


class _Reader:
    """Turns YAML nodes into plain data and notes the line of each."""

    def __init__(self, loader: _Loader, document: Document) -> None:
        self.loader = loader
        self.document = document
        self.nodes = 0

    def read(self, node: yaml.Node, path: Where) -> Any:
        """The data of one node."""
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > 100:
            raise self.document.error((), "too large or nested in itself")
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(each, (*path, i)) for i, each in enumerate(node.value)]
        try:
            return self.loader.construct_object(node)
        except yaml.constructor.ConstructorError as error:
            raise DocumentError(_syntax(error, self.document.name)) from None

    def _mapping(self, node: yaml.MappingNode, path: Where) -> dict[Any, Any]:
        self._refuse_repeats(node, path)
        self.loader.flatten_mapping(node)  # anchors merged by "<<"
        data: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            self.document.lines[(*path, key)] = key_node.start_mark.line + 1
            data[key] = self.read(value_node, (*path, key))
        return data

    def _refuse_repeats(self, node: yaml.MappingNode, path: Where) -> None:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key, line = self._key(key_node, path), key_node.start_mark.line + 1
            if seen.setdefault(key, line) != line:
                self.document.lines[(*path, key)] = line
                raise self.document.error((*path, key), f"named twice (first in line {seen[key]})")

    def _key(self, node: yaml.Node, path: Where) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self.document.error(path, "a field's name must be a plain word")
        return self.loader.construct_object(node)
