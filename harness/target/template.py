"""Templates, compiled when the target is loaded.

A text without braces is a constant. ``{{ row.record }}`` and the like become direct look-ups;
anything with filters or logic is filled in by Jinja2 in its immutable sandbox. Every name is
checked while loading, so that a misspelt one is an error of the file with its line.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

import jinja2
import orjson
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from harness.complaint import Where
from harness.document import Document
from harness.target.errors import TargetError, UnfilledError
from harness.target.scope import Getter, Names, Scope

Escape = Callable[[Any], str]


def as_text(value: Any) -> str:
    """A value as it is written into text: objects as JSON, null as nothing."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int or kind is float:
        return str(value)
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return orjson.dumps(value, default=str).decode()
    return str(value)


def in_path(value: Any) -> str:
    """A value inside a URL's path: everything but unreserved characters is percent-encoded."""
    return quote(as_text(value), safe="")


def in_xml(value: Any) -> str:
    """A value inside XML."""
    return html.escape(as_text(value))


class Leaf:
    """One compiled template.

    Attributes:
        constant: True if it is the same for everybody.
        value: What it is, if constant.
        get: Fills it in; a text, or a value of its own type.
    """

    __slots__ = ("constant", "get", "value")

    def __init__(self, get: Getter, *, constant: bool = False, value: Any = None) -> None:
        self.constant = constant
        self.value = value
        self.get = get


def fixed(value: Any) -> Leaf:
    """A leaf that is always the same."""
    return Leaf(lambda scope: value, constant=True, value=value)


class Templates:
    """Compiles texts of one document.

    Args:
        names: What there is to name.
        document: Where the texts come from, for errors with their line.
        facts: Names after ``person.`` that exist; None if that is not known.
    """

    def __init__(self, names: Names, document: Document, facts: frozenset[str] | None) -> None:
        self.names = names
        self.document = document
        self.facts = facts
        self._environments: dict[Escape, ImmutableSandboxedEnvironment] = {}

    def _environment(self, escape: Escape) -> ImmutableSandboxedEnvironment:
        if escape not in self._environments:
            self._environments[escape] = ImmutableSandboxedEnvironment(
                undefined=jinja2.StrictUndefined, finalize=escape, keep_trailing_newline=True
            )
        return self._environments[escape]

    def text(
        self, source: Any, path: Where, known: frozenset[str], escape: Escape = as_text
    ) -> Leaf:
        """A template whose result is text.

        Args:
            source: The text; other scalars are written as text.
            path: Where it stands in the document.
            known: Captures and other names there are at this place.
            escape: How a value is written into this text.

        Raises:
            TargetError: If it is not a template, or names something that does not exist.
        """
        if not isinstance(source, str):
            return fixed(as_text(source))
        if "{{" not in source and "{%" not in source and "{#" not in source:
            return fixed(source)
        tree = self._parse(source, path, known, escape)
        parts = self._parts(tree, escape)
        if parts is None:
            return self._by_jinja(source, escape)
        if all(part.constant for part in parts):
            return fixed("".join(part.value for part in parts))
        if len(parts) == 1:
            return parts[0]
        getters = [part.get for part in parts]
        return Leaf(lambda scope: "".join([get(scope) for get in getters]))

    def value(self, source: Any, path: Where, known: frozenset[str]) -> Leaf:
        """A template whose result keeps its type if it is one expression; else text.

        Raises:
            TargetError: If it is not a template, or names something that does not exist.
        """
        if not isinstance(source, str):
            return fixed(source)
        if "{{" not in source and "{%" not in source and "{#" not in source:
            return fixed(source)
        tree = self._parse(source, path, known, as_text)
        expression = _only_expression(tree)
        if expression is None:
            return self.text(source, path, known)
        simple = self._simple(expression)
        return simple if simple is not None else self._evaluated(source)

    def condition(self, source: str, path: Where, known: frozenset[str]) -> Callable[[Scope], bool]:
        """An expression, with or without braces, that is true or false; undefined is false.

        Raises:
            TargetError: If it is not an expression, or names something that does not exist.
        """
        braced = source if "{{" in source else "{{ " + source + " }}"
        tree = self._parse(braced, path, known, as_text)
        if _only_expression(tree) is None:
            raise self._wrong(path, f"found {source!r}, but it must be one expression")
        run = self._environment(as_text).compile_expression(braced.strip()[2:-2])

        def holds(scope: Scope) -> bool:
            try:
                return bool(run(**self.names.for_jinja(scope)))
            except jinja2.UndefinedError:
                return False

        return holds

    # -- checking ---------------------------------------------------------------------------

    def _wrong(self, path: Where, message: str) -> TargetError:
        return TargetError(self.document.problem(path, message))

    def _parse(
        self, source: str, path: Where, known: frozenset[str], escape: Escape
    ) -> nodes.Template:
        try:
            tree = self._environment(escape).parse(source)
        except jinja2.TemplateSyntaxError as error:
            raise self._wrong(path, f"not a template: {error.message}") from None
        self._check(tree, path, known)
        return tree

    def _check(self, tree: nodes.Template, path: Where, known: frozenset[str]) -> None:
        groups = ("row", "person", "uuid", "run", "env", "services")
        allowed = {*groups, *self.names.plain, *self.names.constants, *known}
        for name in sorted(meta.find_undeclared_variables(tree) - allowed):
            raise self._wrong(path, _no_such(f"{name}", sorted(allowed)))
        for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
            root, member = _member(node)
            if root in groups and member is not None:
                self._check_member(root, member, path)

    def _check_member(self, root: str, name: str, path: Where) -> None:
        if root == "env":
            if name not in self.names.env:
                message = f"the environment has no {name}; set it (export {name}=...)"
                raise self._wrong(path, message)
            self.names.used_secrets.add(self.names.env[name])
            return
        allowed: frozenset[str] | set[str] | None = {
            "row": set(self.names.row),
            "uuid": set(self.names.uuid),
            "run": set(self.names.run_names),
            "person": self.facts,
            "services": set(self.names.constants.get("services", ())),
        }[root]
        if root == "row" and not self.names.run.fields:
            return  # the names of a report's cells are not known yet
        if allowed is not None and name not in allowed:
            raise self._wrong(
                path, _no_such(f"{root}.{name}", sorted(f"{root}.{x}" for x in allowed))
            )

    # -- compiling --------------------------------------------------------------------------

    def _parts(self, tree: nodes.Template, escape: Escape) -> list[Leaf] | None:
        """The pieces of a plain text; None if it holds more than look-ups."""
        parts: list[Leaf] = []
        for output in tree.body:
            if not isinstance(output, nodes.Output):
                return None
            for node in output.nodes:
                if isinstance(node, nodes.TemplateData):
                    parts.append(fixed(node.data))
                    continue
                leaf = self._simple(node)
                if leaf is None:
                    return None
                parts.append(_escaped(leaf, escape))
        return _merged(parts)

    def _simple(self, node: nodes.Expr) -> Leaf | None:
        """A look-up for a name, an attribute or an item; None for anything more."""
        if isinstance(node, nodes.Const):
            return fixed(node.value)
        if isinstance(node, nodes.Name):
            if node.name in self.names.constants:
                return fixed(self.names.constants[node.name])
            if node.name in ("env", "run"):
                return None
            return Leaf(self.names.getter(node.name))
        root, name = _member(node)
        if root == "env" and name is not None:
            return fixed(self.names.env[name])
        if root == "run" and name is not None:
            return fixed(self.names.run_names[name])
        if root is not None and name is not None:
            short = self.names.member(root, name)
            if short is not None:
                return Leaf(short)
        return self._item(node)

    def _item(self, node: nodes.Expr) -> Leaf | None:
        """``something[constant]`` or ``something.name``, by Jinja's own rules for the last step."""
        if isinstance(node, nodes.Getattr):
            key: Any = node.attr
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            key = node.arg.value
        else:
            return None
        inner = self._simple(node.node)
        if inner is None:
            return None
        if inner.constant:  # {{ services.database.port }}
            known = isinstance(inner.value, dict) and key in inner.value
            return fixed(inner.value[key]) if known else None
        environment, get = self._environment(as_text), inner.get

        def item(scope: Scope) -> Any:
            value = get(scope)
            if type(value) is list and type(key) is int and -len(value) <= key < len(value):
                return value[key]
            found = environment.getitem(value, key)
            if isinstance(found, jinja2.Undefined):
                raise UnfilledError(f"there is no {key!r} in {type(value).__name__}")
            return found

        return Leaf(item)

    def _by_jinja(self, source: str, escape: Escape) -> Leaf:
        template = self._environment(escape).from_string(source)

        def render(scope: Scope) -> str:
            try:
                return template.render(self.names.for_jinja(scope))
            except jinja2.TemplateError as error:
                raise UnfilledError(error.message or "undefined") from None

        return Leaf(render)

    def _evaluated(self, source: str) -> Leaf:
        expression = source.strip()[2:-2].strip("-+")
        run = self._environment(as_text).compile_expression(expression, undefined_to_none=False)

        def evaluate(scope: Scope) -> Any:
            try:
                value = run(**self.names.for_jinja(scope))
            except jinja2.TemplateError as error:
                raise UnfilledError(error.message or "undefined") from None
            if isinstance(value, jinja2.Undefined):
                raise UnfilledError(f"{expression.strip()} is not defined")
            return value

        return Leaf(evaluate)


def _escaped(leaf: Leaf, escape: Escape) -> Leaf:
    if leaf.constant:
        return fixed(escape(leaf.value))
    get = leaf.get
    return Leaf(lambda scope: escape(get(scope)))


def _merged(parts: list[Leaf]) -> list[Leaf]:
    """Neighbouring constants as one."""
    merged: list[Leaf] = []
    for part in parts:
        if part.constant and merged and merged[-1].constant:
            merged[-1] = fixed(merged[-1].value + part.value)
        else:
            merged.append(part)
    return merged


def _only_expression(tree: nodes.Template) -> nodes.Expr | None:
    """The expression of a template that is one ``{{ ... }}`` and nothing else."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output):
        return None
    inside = tree.body[0].nodes
    if len(inside) != 1 or isinstance(inside[0], nodes.TemplateData):
        return None
    return inside[0]


def _member(node: nodes.Node) -> tuple[str | None, str | None]:
    """``row`` and ``record`` of ``row.record`` or ``row['record']``."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return node.node.name, node.attr
    if (
        isinstance(node, nodes.Getitem)
        and isinstance(node.node, nodes.Name)
        and isinstance(node.arg, nodes.Const)
        and isinstance(node.arg.value, str)
    ):
        return node.node.name, node.arg.value
    return None, None


def _no_such(name: str, allowed: list[str]) -> str:
    close = get_close_matches(name, allowed, n=1, cutoff=0.5)
    guess = f"; did you mean {close[0]}?" if close else ""
    some = ", ".join(allowed[:30]) + (", ..." if len(allowed) > 30 else "")
    return (
        f"a template names {name}, which does not exist{guess}{'' if guess else ';'} Known: {some}"
    )
