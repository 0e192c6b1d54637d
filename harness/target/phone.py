"""The compiled ``phone:`` section: what a caller keys and what a texter writes, for one operation.

It opens no socket and keeps no clock. ``harness.channels`` hands what is made here to the phone
carrier; rules stay patterns, since the carrier is who hears the app's answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from harness.complaint import Where
from harness.target.errors import TargetError, UnfilledError
from harness.target.origins import Origins
from harness.target.phone_model import (
    Heard,
    Instead,
    LineModel,
    PhoneModel,
    SipModel,
    StandIn,
    StepModel,
    TextModel,
    WalkModel,
)
from harness.target.roster import Cast
from harness.target.scope import Scope, View
from harness.target.session import Session
from harness.target.template import Leaf, Templates, as_text
from simulators.people.person import Person
from simulators.stage import Operation

_KEYS = re.compile(r"[0-9*#wW]*")
_ROWS = frozenset({"rows"})


@dataclass(frozen=True)
class Line:
    """One number of the app's, as its carrier is told of it.

    Attributes:
        name: What people and reports call it.
        voice, text: Addresses that answer calls and texts (``url``, ``method``, ``fallback``,
            ``status``), all absolute; None where the line does not take them.
    """

    name: str
    number: str
    voice: Mapping[str, str] | None
    text: Mapping[str, str] | None


@dataclass(frozen=True)
class Pace:
    """How fast somebody keys. Drill seconds.

    Attributes:
        think: From the end of a prompt to the first key.
        gap: From one key to the next.
    """

    think: float
    gap: float


@dataclass(frozen=True)
class Walk:
    """One way through a menu, filled in, as the carrier takes it.

    Attributes:
        steps: What to expect and press, in order.
        outcomes: What the words after the last key mean, first match first.
        limit: Drill seconds that the caller stays with it.
    """

    steps: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    limit: float


@dataclass(frozen=True)
class Message:
    """One text message, filled in.

    Attributes:
        line: Name of the line it is sent to.
        replies: What the reply means, first match first.
        within: Wall seconds until the sender stops waiting.
    """

    line: str
    to: str
    body: str
    replies: list[dict[str, Any]]
    within: float


class Phone:
    """An app's telephone side, as its description tells.

    Attributes:
        model: The section itself.
        lines: The app's numbers by name.
        stand_in: How the app's process is told where its carrier is.
        sip: A live number or PBX, or None.
        menus: Kinds of operations that can be keyed in a call.
        texts: Kinds of operations that can be texted.
    """

    def __init__(
        self,
        model: PhoneModel,
        templates: Templates,
        origins: Origins,
        cast: Cast,
        path: Where = ("phone",),
    ) -> None:
        self.model = model
        self.stand_in: StandIn = model.stand_in
        self.sip: SipModel | None = model.sip
        self._cast, self._row = cast, templates.names.row
        maker = _Maker(templates, origins)
        self.lines = {
            name: maker.line(name, line, (*path, "lines", name))
            for name, line in model.lines.items()
        }
        self._walks: dict[str, _Way] = {
            kind: maker.walk(walk, (*path, "menus", kind)) for kind, walk in model.menus.items()
        }
        self._texts: dict[str, _Wording] = {
            kind: maker.text(text, (*path, "texts", kind)) for kind, text in model.texts.items()
        }
        if "submit_report" in self._walks:  # a correction travels as a report does
            self._walks.setdefault("amend_report", self._walks["submit_report"])
        if "submit_report" in self._texts:
            self._texts.setdefault("amend_report", self._texts["submit_report"])
        self.menus: tuple[str, ...] = tuple(self._walks)
        self.texts: tuple[str, ...] = tuple(self._texts)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that can be driven: ``voice``, ``sms``, ``sip``."""
        found = {"voice": bool(self._walks), "sms": bool(self._texts), "sip": self.sip is not None}
        return tuple(name for name, there in found.items() if there)

    def session(self, person: Person) -> Session:
        """What a caller or texter knows; a menu keeps nothing on their side."""
        return self._cast.session(person)

    def walk(self, operation: Operation, session: Session, pace: Pace) -> Walk:
        """The way through the menu for one operation.

        Raises:
            KeyError: If there is no menu for its kind.
            UnfilledError: If a template cannot be filled in, or makes something no key says.
        """
        steps, outcomes, limit = self._walks[operation.kind]
        scope = Scope(operation, session, {})
        return Walk([step(scope, pace) for step in steps], _filled(outcomes, scope), limit)

    def message(self, operation: Operation, session: Session) -> Message:
        """The text that carries an operation and those together with it.

        Raises:
            KeyError: If there is no text for its kind.
            UnfilledError: If a template cannot be filled in.
        """
        text, body, replies = self._texts[operation.kind]
        every = (operation, *operation.together)
        rows = [View(Scope(each, session, {}), self._row) for each in every]
        scope = Scope(operation, session, {}, {"rows": rows})
        written = as_text(body.get(scope))
        to = self.lines[text.line].number
        return Message(text.line, to, written, _filled(replies, scope), text.within_s)

    @property
    def summary(self) -> dict[str, Any]:
        """What ``run.json`` says of it; nothing secret is in it."""
        lines = {
            name: {
                "number": line.number,
                "voice": line.voice is not None,
                "text": line.text is not None,
                "fallback": bool((line.voice or line.text or {}).get("fallback")),
            }
            for name, line in self.lines.items()
        }
        return {
            "channels": list(self.channels),
            "lines": lines,
            "menus": list(self.menus),
            "texts": list(self.texts),
            "signing": self.stand_in.signing,
            "provider": self.model.provider.get("name", "twilio"),
            "sip": None if self.sip is None else self.sip.model_dump(),
        }


_Step = Callable[[Scope, Pace], dict[str, Any]]
_Rules = Sequence[tuple[Leaf, str, Leaf | None]]
_Way = tuple[list[_Step], _Rules, float]
_Wording = tuple[TextModel, Leaf, _Rules]


class _Maker:
    """Compiles the parts of a section; every mistake names its file, line and field."""

    def __init__(self, templates: Templates, origins: Origins) -> None:
        self._templates = templates
        self._origins = origins

    def line(self, name: str, model: LineModel, path: Where) -> Line:
        return Line(
            name,
            model.number,
            self._hook(model.voice, (*path, "voice")),
            self._hook(model.text, (*path, "text")),
        )

    def _hook(self, model: Any, path: Where) -> Mapping[str, str] | None:
        if model is None:
            return None
        given = model.model_dump(exclude_none=True)
        return {
            key: given[key] if key == "method" else self._url(given[key], (*path, key))
            for key in given
        }

    def _url(self, text: str, path: Where) -> str:
        """An address of the app, absolute; its fragment may carry the carrier's overrides."""
        leaf = self._templates.text(text, path, frozenset())
        if not leaf.constant:
            raise self._wrong(path, "may name only base_url, port and env.NAME")
        base = self._origins.base
        written = str(leaf.value)
        if written.startswith("/"):
            return f"{base.url}{base.prefix}{written}"
        try:
            self._origins.find(written, base.url)
        except UnfilledError as error:
            raise self._wrong(path, f"{error} Name it in also.") from None
        return urljoin(base.url, written)

    def walk(self, model: WalkModel, path: Where) -> _Way:
        steps = [self._step(step, (*path, "steps", i)) for i, step in enumerate(model.steps)]
        return steps, self._rules(model.outcomes, (*path, "outcomes")), model.limit_s

    def _step(self, model: StepModel, path: Where) -> _Step:
        expect = self._pattern(model.expect, (*path, "expect"))
        press = self._keys(model.press, (*path, "press"))
        otherwise = self._rules(model.otherwise, (*path, "otherwise"))
        gap, think = model.gap_s, model.think_s

        def fill(scope: Scope, pace: Pace) -> dict[str, Any]:
            return {
                "expect": expect.get(scope),
                "press": press.get(scope),
                "gap": gap or pace.gap,
                "think": think or pace.think,
                "otherwise": _filled(otherwise, scope),
            }

        return fill

    def text(self, model: TextModel, path: Where) -> _Wording:
        body = self._templates.text(model.body, (*path, "body"), _ROWS)
        return model, body, self._rules(model.replies, (*path, "replies"), _ROWS)

    def _rules(
        self, rules: Sequence[Heard | Instead], path: Where, known: frozenset[str] = frozenset()
    ) -> _Rules:
        made = []
        for i, rule in enumerate(rules):
            hear = self._pattern(rule.hear, (*path, i, "hear"), known)
            press = rule.press if isinstance(rule, Instead) else None
            keys = None if press is None else self._keys(press, (*path, i, "press"))
            made.append((hear, rule.answer_class or "", keys))
        return made

    def _pattern(self, text: str, path: Where, known: frozenset[str] = frozenset()) -> Leaf:
        """A pattern; what a template puts into it is matched as it stands."""
        return self._templates.text(text, path, known, _in_pattern)

    def _keys(self, text: str, path: Where) -> Leaf:
        leaf = self._templates.text(text, path, frozenset())
        if leaf.constant:
            try:
                keys_of(str(leaf.value))
            except UnfilledError as error:
                raise self._wrong(path, str(error)) from None
            return leaf
        return Leaf(lambda scope: keys_of(as_text(leaf.get(scope))))

    def _wrong(self, path: Where, message: str) -> TargetError:
        return TargetError(self._templates.document.problem(path, message))


def keys_of(text: str) -> str:
    """The keys that a text asks for: digits, ``*`` and ``#``; blanks and dashes are left out.

    ``w`` waits half a drill second between keys, ``W`` a whole one.

    Raises:
        UnfilledError: If no key of a phone says it.

    Example:
        >>> keys_of("0012-4711#")
        '00124711#'
    """
    keys = text.replace(" ", "").replace("-", "")
    if not keys or not _KEYS.fullmatch(keys):
        raise UnfilledError(f"press is {text!r}, but a phone has the keys 0 to 9, * and #")
    return keys


def _in_pattern(value: Any) -> str:
    return re.escape(as_text(value))


def _filled(rules: _Rules, scope: Scope) -> list[dict[str, Any]]:
    return [
        {"hear": hear.get(scope), "class": sort}
        if keys is None
        else {"hear": hear.get(scope), "press": keys.get(scope)}
        for hear, sort, keys in rules
    ]
