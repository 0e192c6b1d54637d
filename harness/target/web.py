"""The compiled ``web:`` section: what somebody does on the app's pages, for one operation.

It opens no browser. ``harness.channels.web`` hands what is made here to the browser's process.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

from harness.complaint import Where
from harness.document import nearest
from harness.target.access import no_operation
from harness.target.errors import TargetError, UnfilledError
from harness.target.roster import Cast
from harness.target.scope import Scope, View, photo
from harness.target.session import Session
from harness.target.template import Leaf, Templates, as_text, in_path
from harness.target.web_code import read_flow
from harness.target.web_model import (
    VERBS,
    Ending,
    Found,
    WebFlow,
    WebKind,
    WebModel,
    WebStep,
    Words,
)
from harness.target.web_roles import ROLES
from harness.target.web_walk import Deed, Goal, Said, Spot, State, Walk, Way
from simulators.people.person import Person
from simulators.stage import Operation

KINDS: tuple[str, ...] = get_args(WebKind)
_PATTERN = re.compile(r"/(.+)/(i?)", re.DOTALL)
_CELL = re.compile(r"\bcell\.(\w+)(?:\[(\d+)\])?")
_FIRST = "arrive"  # what an unnamed first step is called
_OF_A_CELL = ("name", "value", "parts", "words")
_WAYS: tuple[Way, ...] = get_args(Way)
_Fill = Callable[[Scope, str], Any]  # a scope and a language
_Deeds = Callable[[Scope, str], Iterator[Deed]]


class Web:
    """An app's pages, as its description tells.

    Args:
        model: The section.
        cells: Names of a report's numbers; empty if they are not known yet.

    Attributes:
        kinds: Operations that can be done on the pages.
        languages: Those the pages are in; the first is for everybody else.
        untranslated: Regular expressions of what is the same in every language.
        code: The Python file with further flows, or None.
    """

    def __init__(
        self,
        model: WebModel,
        templates: Templates,
        cast: Cast,
        folder: Any,
        path: Where = ("web",),
    ) -> None:
        self.model = model
        self.languages = model.languages
        self._cast = cast
        self._names = templates.names
        maker = _Maker(templates, model, path)
        self._start = maker.address(model.start, (*path, "start"))
        self._language_at = {
            language: maker.address(at, (*path, "language_at", language))
            for language, at in model.language_at.items()
        }
        self.untranslated = tuple(maker.patterns(model.untranslated, (*path, "untranslated")))
        self._ways: dict[str, tuple[WebFlow, _Deeds, list[_Fill]]] = {
            kind: maker.flow(flow, (*path, "operations", kind))
            for kind, flow in model.operations.items()
        }
        self._states = [
            (each, maker.deeds(each.steps, (*path, "states", i, "steps"), each.name))
            for i, each in enumerate(model.states)
        ]
        self.code = None if model.flow is None else folder / model.flow
        self._coded: tuple[str, ...] = ()
        if self.code is not None:
            self._coded = read_flow(self.code, templates.document, (*path, "flow"))
        known = {*self._ways, *self._coded}
        if "submit_report" in known:
            known.add("amend_report")  # a correction is keyed as a report is
        self.kinds: tuple[str, ...] = tuple(kind for kind in KINDS if kind in known)

    def language(self, wanted: str) -> tuple[str, bool]:
        """The language that somebody gets, and whether it is theirs."""
        for each in self.languages:
            if each == wanted or each.partition("-")[0] == wanted.partition("-")[0]:
                return each, True
        return self.languages[0], False

    def session(self, person: Person) -> Session:
        """What somebody knows when they come to the pages."""
        return self._cast.session(person)

    def walk(self, operation: Operation, session: Session, language: str) -> Walk:
        """The way over the pages for one operation.

        Raises:
            KeyError: If the pages have no way for its kind.
            UnfilledError: If a template cannot be filled in.
        """
        kind = operation.kind
        if kind == "amend_report" and kind not in self._ways and kind not in self._coded:
            kind = "submit_report"
        scope = Scope(operation, session, {})
        entrance = as_text(self._language_at.get(language, self._start).get(scope))
        if kind in self._coded:
            names = self._named(scope)
            return Walk(kind, (), (), 30.0, language, entrance, True, names=names)
        flow, deeds, goals = self._ways[kind]
        done = tuple(deeds(scope, language))
        shown = ""
        if any(each.verb == "upload" for each in done):
            shown = base64.b64encode(photo(operation.key)).decode()
        ends = tuple(goal(scope, language) for goal in goals)
        return Walk(kind, done, ends, flow.within_s, language, entrance, picture=shown)

    def states(self, session: Session, language: str) -> tuple[State, ...]:
        """What is to be looked at beside what the walks come to."""
        scope = Scope(no_operation(session.person), session, {})
        return tuple(
            State(each.name, each.signed_in, tuple(deeds(scope, language)))
            for each, deeds in self._states
        )

    def _named(self, scope: Scope) -> dict[str, Any]:
        """What a flow in Python may use."""
        row = View(scope, self._names.row)
        plain = ("operation", "record", "version", "kind", "attempt", "name", "county", "precinct",
                 "code")  # fmt: skip
        return {
            "row": {name: getattr(row, name) for name in plain},
            "cells": row.cells,
            "person": {**scope.session.facts},
            "codes": list(scope.codes),
        }

    @property
    def summary(self) -> dict[str, Any]:
        """What ``run.json`` says of it."""
        return {"operations": list(self.kinds), "languages": list(self.languages)}


class _Maker:
    """Compiles the parts of the section; every mistake names its file, line and field."""

    def __init__(self, templates: Templates, model: WebModel, path: Where) -> None:
        self._templates = templates
        self._languages = model.languages
        self._cells = model.cells
        self._pattern = re.compile(model.cells.pattern)
        self._fields = templates.names.run.fields
        for part, words in model.cells.words.items():
            self._every_language(words, (*path, "cells", "words", part))

    def _wrong(self, path: Where, message: str) -> TargetError:
        return TargetError(self._templates.document.problem(path, message))

    # -- flows ----------------------------------------------------------------------------------

    def flow(self, model: WebFlow, path: Where) -> tuple[WebFlow, _Deeds, list[_Fill]]:
        deeds = self.deeds(model.steps, (*path, "steps"), _FIRST)
        goals = [self._goal(each, (*path, "endings", i)) for i, each in enumerate(model.endings)]
        return model, deeds, goals

    def deeds(self, steps: Sequence[WebStep], path: Where, name: str) -> _Deeds:
        """The steps of a flow; one without a name belongs to the step before it."""
        made: list[_Deeds] = []
        for i, step in enumerate(steps):
            name = step.name or name
            made.append(self._step(step, (*path, i), name))
        return lambda scope, language: (deed for each in made for deed in each(scope, language))

    def _step(self, model: WebStep, path: Where, name: str) -> _Deeds:
        verb: Any = next(each for each in VERBS if getattr(model, each) is not None)
        found, known = getattr(model, verb), frozenset({"cell"} if model.for_each else ())
        spot = self._spot(found, (*path, verb), known) if isinstance(found, Found) else None
        seen = self._spot(model.if_seen, (*path, "if_seen"), known) if model.if_seen else None
        value = self._text(model.value or "", (*path, "value"), known)
        if verb == "open":
            value = self.address(str(found), (*path, verb))
        at = f"{self._templates.document.name}:{self._templates.document.line(path)}"

        def deed(scope: Scope, language: str) -> Deed:
            return Deed(
                name, verb, spot(scope, language) if spot else None, as_text(value.get(scope)),
                model.code, seen(scope, language) if seen else None, model.within_s, at,
            )  # fmt: skip

        if not model.for_each:
            return lambda scope, language: iter((deed(scope, language),))

        def each_cell(scope: Scope, language: str) -> Iterator[Deed]:
            for cell in self._of(scope.operation, language):
                if cell["value"] or model.every:
                    inner = Scope(scope.operation, scope.session, scope.found, {"cell": cell})
                    yield deed(inner, language)

        return each_cell

    def _of(self, operation: Operation, language: str) -> Iterator[dict[str, Any]]:
        """The numbers of a report whose names fit the pattern, each with what it is called."""
        for name, value in zip(self._fields, operation.values or (), strict=False):
            fit = self._pattern.fullmatch(name)
            if fit is not None:
                parts = [part for part in fit.groups() or (name,) if part is not None]
                words = [self._called(part, language) for part in parts]
                yield {"name": name, "value": value, "parts": parts, "words": words}

    def _called(self, part: str, language: str) -> str:
        words = self._cells.words.get(part)
        if words is None:
            return part[:1].upper() + part[1:]
        return words if isinstance(words, str) else words[language]

    def _goal(self, model: Ending, path: Where) -> _Fill:
        see = self._spot(model.see, (*path, "see"), frozenset()) if model.see else None
        url = self._templates.text(model.url or "", (*path, "url"), frozenset(), _in_pattern)
        name = model.name or (model.answer_class or "then").replace("_", " ")
        then = self.deeds(model.then, (*path, "then"), name)
        at = f"{self._templates.document.name}:{self._templates.document.line(path)}"
        if url.constant:
            self._regular(str(url.value), (*path, "url"))

        def goal(scope: Scope, language: str) -> Goal:
            return Goal(
                model.answer_class or "", see(scope, language) if see else None,
                as_text(url.get(scope)), name, model.stored_id or "",
                tuple(then(scope, language)), at,
            )  # fmt: skip

        return goal

    # -- where things are -----------------------------------------------------------------------

    def _spot(self, model: Found, path: Where, known: frozenset[str]) -> _Fill:
        way = next(each for each in _WAYS if getattr(model, each) is not None)
        if way == "role" and model.role not in ROLES:
            guess = nearest(model.role or "", list(ROLES))
            raise self._wrong((*path, way), f"{model.role!r} is no role of WAI-ARIA{guess}")
        if way in ("role", "css"):
            plain = self._text(getattr(model, way), (*path, way), known)
            said: _Fill = lambda scope, language: Said(as_text(plain.get(scope)))  # noqa: E731
        else:
            said = self._words(getattr(model, way), (*path, way), known)
        name = None if model.name is None else self._words(model.name, (*path, "name"), known)
        within = self._spot(model.within, (*path, "within"), known) if model.within else None

        def spot(scope: Scope, language: str) -> Spot:
            return Spot(
                way, said(scope, language), name(scope, language) if name else None,
                within(scope, language) if within else None,
            )  # fmt: skip

        return spot

    def _words(self, words: Words, path: Where, known: frozenset[str]) -> _Fill:
        """What a page says, by language."""
        if isinstance(words, str):
            said = self._said(words, path, known)
            return lambda scope, language: said(scope)
        self._every_language(words, path)
        by = {each: self._said(text, (*path, each), known) for each, text in words.items()}
        return lambda scope, language: by[language](scope)

    def _every_language(self, words: Words, path: Where) -> None:
        if isinstance(words, str):
            return
        for language in self._languages:
            if language not in words:
                raise self._wrong(path, f"has no words for {language}, which web.languages lists")

    def _said(self, text: str, path: Where, known: frozenset[str]) -> Callable[[Scope], Said]:
        pattern = _PATTERN.fullmatch(text)
        if pattern is None:
            leaf = self._text(text, path, known)
            return lambda scope: Said(as_text(leaf.get(scope)))
        inside = self._text(pattern[1], path, known, _in_pattern)
        any_case = bool(pattern[2])
        if inside.constant:
            self._regular(str(inside.value), path)
        return lambda scope: Said(as_text(inside.get(scope)), True, any_case)

    def patterns(self, texts: Sequence[str], path: Where) -> Iterator[str]:
        """Texts and ``/patterns/`` as regular expressions that fit a text as a whole."""
        for i, text in enumerate(texts):
            pattern = _PATTERN.fullmatch(text)
            if pattern is None:
                yield re.escape(text)
            else:
                self._regular(pattern[1], (*path, i))
                yield f"(?i:{pattern[1]})" if pattern[2] else pattern[1]

    def address(self, text: str, path: Where) -> Leaf:
        """An address below the base URL, or a whole one."""
        return self._templates.text(text, path, frozenset(), in_path)

    def _text(
        self,
        text: str,
        path: Where,
        known: frozenset[str],
        escape: Callable[[Any], str] = as_text,
    ) -> Leaf:
        leaf = self._templates.text(text, path, known, escape)
        for member, number in _CELL.findall(text) if "cell" in known and "{" in text else ():
            if member not in _OF_A_CELL:
                said = f"a template names cell.{member}, which does not exist"
                raise self._wrong(path, f"{said}{nearest(member, list(_OF_A_CELL))} "
                                        f"Known: {', '.join(_OF_A_CELL)}")  # fmt: skip
            groups = max(1, self._pattern.groups)
            if number and int(number) >= groups:
                said = f"cell.{member}[{number}], but cells.pattern has {groups} groups, from [0]"
                raise self._wrong(path, said)
        return leaf

    def _regular(self, text: str, path: Where) -> None:
        try:
            re.compile(text)
        except re.error as error:
            said = f"{text!r} between slashes is not a regular expression: {error}"
            raise self._wrong(path, said) from None


def _in_pattern(value: Any) -> str:
    return re.escape(as_text(value))


__all__ = ["KINDS", "UnfilledError", "Web"]
