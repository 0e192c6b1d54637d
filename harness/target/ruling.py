"""Rules: what an answer means, decided by status, headers and body, never by status alone.

Rules are compiled to one list per status, so that most answers are decided by one look-up.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from harness.target.answer import Seen
from harness.target.capture import compile_capture
from harness.target.flow_model import Condition, Rule, StatusSpec
from harness.target.json_path import MISSING, JsonPath
from harness.target.wire import Fault, Response
from simulators.behaviours.protocol import AnswerClass, Outcome

Holds = Callable[[Seen], bool]
_COMPARISONS = {"exists", "matches", "in", "not"}


class Ruling:
    """One compiled rule: its class, and what else it reads from the answer."""

    __slots__ = ("answer_class", "conditions", "detail", "retry_after", "says_yes")

    def __init__(self, rule: Rule) -> None:
        self.answer_class = rule.sort
        self.says_yes = rule.sort.outcome is Outcome.OK
        self.conditions = compile_conditions(rule)
        self.detail = None if rule.detail is None else compile_capture(rule.detail)
        self.retry_after = _retry_after(rule)


class Rules:
    """Ordered rules; the first that matches decides.

    Args:
        rules: In order.

    Raises:
        ValueError: If a status, path or pattern is not one.
    """

    def __init__(self, rules: list[Rule]) -> None:
        compiled = [(statuses(rule.status), Ruling(rule)) for rule in rules]
        self._by_status = {
            status: tuple(ruling for only, ruling in compiled if only is None or status in only)
            for status in range(100, 1000)
        }

    def match(self, seen: Seen) -> Ruling | None:
        """The first rule that matches."""
        for ruling in self._by_status.get(seen.status, ()):
            for holds in ruling.conditions:
                if not holds(seen):
                    break
            else:
                return ruling
        return None


def unanswered(response: Response) -> AnswerClass:
    """The class of a response that is not whole."""
    return AnswerClass.UNREACHABLE if response.fault is Fault.REFUSED else AnswerClass.NO_ANSWER


def statuses(spec: StatusSpec | None) -> frozenset[int] | None:
    """The statuses that a rule names; None for any.

    Raises:
        ValueError: If it is not a status, a range as ``400-499`` or a family as ``4xx``.

    Example:
        >>> sorted(statuses([201, "400-402"]))
        [201, 400, 401, 402]
    """
    if spec is None:
        return None
    if isinstance(spec, list):
        return frozenset().union(*(statuses(each) or frozenset() for each in spec))
    text = str(spec).strip().lower()
    if re.fullmatch(r"[1-9]xx", text):
        first = int(text[0]) * 100
        return frozenset(range(first, first + 100))
    found = re.fullmatch(r"(\d{3})(?:\s*-\s*(\d{3}))?", text)
    if found is None:
        raise ValueError(f"status {spec!r} is not a status, a range as 400-499 or a family as 4xx")
    return frozenset(range(int(found[1]), int(found[2] or found[1]) + 1))


def compile_conditions(rule: Rule | Condition) -> tuple[Holds, ...]:
    """Everything a rule asks besides the status, cheapest first."""
    holds: list[Holds] = []
    if rule.empty is not None:
        empty = rule.empty
        holds.append(lambda seen: (not seen.response.body.strip()) is empty)
    holds.extend(_header(name, pattern) for name, pattern in rule.header.items())
    holds.extend(_json(path, wanted) for path, wanted in rule.json_value.items())
    if rule.body is not None:
        holds.append(_body(rule.body, wanted=True))
    if rule.body_without is not None:
        holds.append(_body(rule.body_without, wanted=False))
    return tuple(holds)


def compile_condition(condition: Condition) -> Holds:
    """A whole condition, status included."""
    only, conditions = statuses(condition.status), compile_conditions(condition)
    return lambda seen: (only is None or seen.status in only) and all(h(seen) for h in conditions)


def seconds_to_wait(text: str | None) -> float | None:
    """Seconds that a ``Retry-After`` header asks for: a number or a date (RFC 9110, 10.2.3)."""
    if text is None:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _retry_after(rule: Rule) -> Callable[[Seen], float | None]:
    given = rule.retry_after
    if isinstance(given, str):
        return lambda seen: seconds_to_wait(seen.header(b"retry-after"))
    if isinstance(given, float):
        return lambda seen: given
    find = compile_capture(given)
    return lambda seen: None if (found := find(seen)) is MISSING else seconds_to_wait(str(found))


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None


def _header(name: str, pattern: str) -> Holds:
    key, search = name.lower().encode(), _regex(pattern).search

    def holds(seen: Seen) -> bool:
        value = seen.header(key)
        return value is not None and search(value) is not None

    return holds


def _body(pattern: str, *, wanted: bool) -> Holds:
    search = _regex(pattern).search
    return lambda seen: (search(seen.text) is not None) is wanted


def _json(text: str, wanted: Any) -> Holds:
    every = JsonPath(text).every
    test = _comparison(wanted)
    absent = isinstance(wanted, dict) and (wanted.get("exists") is False or "not" in wanted)

    def holds(seen: Seen) -> bool:
        values = [] if seen.json is MISSING else list(every(seen.json))
        return (
            any(test(value) for value in values) if values else absent and seen.json is not MISSING
        )

    return holds


def _comparison(wanted: Any) -> Callable[[Any], bool]:
    if not (isinstance(wanted, dict) and len(wanted) == 1 and set(wanted) <= _COMPARISONS):
        return lambda value: bool(value == wanted and type(value) is not bool) or value is wanted
    ((how, given),) = wanted.items()
    if how == "exists":
        return lambda value: given is True and value is not None
    if how == "matches":
        search = _regex(given).search
        return lambda value: search(value if isinstance(value, str) else str(value)) is not None
    if how == "in":
        return lambda value: value in given
    return lambda value: bool(value != given)
