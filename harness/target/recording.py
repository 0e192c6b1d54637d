"""A recording of somebody's clicks, as Playwright's codegen writes it in Python, as a web flow.

The recording is read, never run. What codegen finds things by (role, label, text) is what a flow
finds them by, so steps carry over one by one; what has no word in a flow is refused with its
line, and what to do instead. How an operation ends is taken from what the recording asserts last
(codegen's "Assert visibility"), or from what the person who recorded it says.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import yaml

from harness.document import nearest
from harness.target.errors import TargetError
from harness.target.web_model import WebKind

KINDS: list[str] = list(get_args(WebKind))
Found = dict[str, Any]
_WAYS = {
    "get_by_label": "label",
    "get_by_text": "text",
    "get_by_placeholder": "placeholder",
    "locator": "css",
}
_IGNORED = frozenset(
    {"close", "focus", "hover", "blur", "scroll_into_view_if_needed", "wait_for_load_state",
     "new_page", "new_context", "set_default_timeout", "run", "launch"}
)  # fmt: skip
_SHOWN = frozenset({"to_be_visible", "to_contain_text", "to_have_text"})
_INSTEAD = {
    "uncheck": "record a path on which the box is never ticked",
    "press": "press the button with the mouse instead of a key",
    "drag_to": "people on a phone cannot drag; name a button",
    "first": "give the two things different names, or find them within something",
    "last": "give the two things different names, or find them within something",
    "nth": "give the things different names, or find them within something",
    "filter": "find it within something that has a role and a name",
    "frame_locator": "what is in a frame is not walked",
    "content_frame": "what is in a frame is not walked",
    "get_by_test_id": "people do not see test ids; find it by role, label or text",
    "get_by_alt_text": "find it by role: {role: img, name: ...}",
    "get_by_title": "find it by role and name",
}


@dataclass
class Recording:
    """What a recording comes to.

    Attributes:
        origin: Where it was recorded, as ``http://127.0.0.1:8000``; empty if it opens nothing.
        steps: Steps of a web flow, as plain data.
        shown: What it asserts at its end to be on the page.
    """

    origin: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    shown: list[Found] = field(default_factory=list)


def flow_of(
    path: Path, operation: str, *, means: Mapping[str, str], seen: str | None = None
) -> str:
    """The ``web:`` section of a target's description for one recorded operation, as YAML.

    Args:
        path: What codegen wrote (``--target python``, ``python-async`` or ``python-pytest``).
        operation: ``sign_in``, ``submit_report``, ...
        means: Template to put in place of what was typed, by what was typed.
        seen: A text that shows that the app has accepted it, where the recording asserts nothing.

    Raises:
        TargetError: If it cannot be read, does something that a flow has no word for, or does
            not say how the operation ends.
    """
    if operation not in KINDS:
        raise TargetError(
            f"no operation {operation!r}{nearest(operation, KINDS)} Known: {', '.join(KINDS)}."
        )
    recording = read_recording(path)
    typed = {step["value"] for step in recording.steps if "value" in step}
    for value in means:
        if value not in typed:
            known = ", ".join(sorted(map(repr, typed))) or "nothing"
            raise TargetError(f"{path}: nobody types {value!r} in this recording, but {known}.")
    for step in recording.steps:
        if "value" in step:
            step["value"] = means.get(step["value"], step["value"])
    shown: list[Found] = [{"text": seen}] if seen else recording.shown
    if not shown:
        raise TargetError(
            f"{path}: the recording does not say how the operation ends. Record it again and, at "
            "its end, use codegen's “Assert visibility” on what shows success, or give that text "
            "with --seen."
        )
    flow = {
        "steps": recording.steps,
        "endings": [{"class": "accepted", "see": each} for each in shown],
    }
    return _as_yaml({"web": {"start": "/", "operations": {operation: flow}}})


def read_recording(path: Path) -> Recording:
    """Read what codegen wrote.

    Raises:
        TargetError: If it is no Python, or does something that a flow has no word for.
    """
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except OSError as error:
        raise TargetError(f"{path}: cannot be read: {error.strerror}.") from error
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        raise TargetError(
            f"{path}: not the Python that codegen writes ({error}). Record with "
            "`playwright codegen --target python -o FILE ADDRESS`."
        ) from error
    reader = _Reader(path)
    for statement in _statements(tree):
        reader.take(statement)
    if not reader.recording.steps:
        raise TargetError(f"{path}: nothing is done on a page in this recording.")
    return reader.recording


def _statements(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls made as statements, in their order, wherever they stand."""
    calls = [
        value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(value := _awaited(node.value), ast.Call)
    ]
    return iter(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))


def _awaited(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node


class _Reader:
    """Turns one call after another into steps."""

    def __init__(self, path: Path) -> None:
        self.recording = Recording()
        self._path = path

    def take(self, call: ast.Call) -> None:
        """Take one statement of the recording."""
        links = _chain(call)
        if links is None or links[0][0] not in ("page", "expect"):
            return  # the browser's own comings and goings
        verb, arguments = links[-1][0], links[-1][1]
        if links[0][0] == "expect":
            self._expect(links[0][1], verb, arguments)
        elif verb == "goto":
            self._open(call, _text(arguments, call, self._wrong))
        elif verb == "go_back":
            self._add({"go_back": True})
        elif verb not in _IGNORED:
            self._act(call, links[1:-1], verb, arguments)

    def _act(self, call: ast.Call, links: list[_Link], verb: str, given: ast.Call) -> None:
        spot = self._spot(call, links)
        if verb in ("click", "dblclick", "tap"):
            self._add({"press": spot})
        elif verb in ("fill", "type", "press_sequentially"):
            self._fill(spot, _text(given, call, self._wrong))
        elif verb == "check":
            self._instead_of_press(spot, {"check": spot})
        elif verb == "select_option":
            self._instead_of_press(spot, {"choose": spot, "value": _text(given, call, self._wrong)})
        elif verb == "set_input_files":
            self._instead_of_press(spot, {"upload": spot})
        elif verb == "press" and _text(given, call, self._wrong) in ("Tab", "Shift+Tab"):
            return  # how they got there, which every persona does in their own way
        else:
            raise self._wrong(call, f"does {verb}", _INSTEAD.get(verb, "do it another way"))

    def _fill(self, spot: Found, value: str) -> None:
        before = self.recording.steps[-1] if self.recording.steps else {}
        if before.get("fill") == spot:  # typed again before going on: the last counts
            self.recording.steps.pop()
        self._instead_of_press(spot, {"fill": spot, "value": value})

    def _instead_of_press(self, spot: Found, step: dict[str, Any]) -> None:
        """People touch a box before they fill it; that is no step of its own."""
        if self.recording.steps and self.recording.steps[-1] == {"press": spot}:
            self.recording.steps.pop()
        self._add(step)

    def _add(self, step: dict[str, Any]) -> None:
        # What was asserted before something else was done is waited for, not the end.
        self.recording.steps += [{"expect": each} for each in self.recording.shown]
        self.recording.shown = []
        self.recording.steps.append(step)

    def _open(self, call: ast.Call, address: str) -> None:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in ("http", "https"):
            raise self._wrong(call, f"opens {address!r}", "record at the app's own http address")
        if self.recording.origin not in ("", origin):
            known = self.recording.origin
            raise self._wrong(call, f"leaves {known} for {origin}", "a flow stays with one app")
        self.recording.origin = origin
        query = f"?{parts.query}" if parts.query else ""
        self._add({"open": (parts.path or "/") + query})

    def _expect(self, what: ast.Call, verb: str, arguments: ast.Call) -> None:
        links = _chain(what.args[0]) if what.args else None
        if links is None or links[0][0] != "page" or verb not in _SHOWN:
            raise self._wrong(what, f"asserts {verb}", "use “Assert visibility” or “Assert text”")
        if verb == "to_be_visible":
            self.recording.shown.append(self._spot(what, links[1:]))
        else:
            self.recording.shown.append({"text": _text(arguments, what, self._wrong)})

    def _spot(self, call: ast.Call, links: list[_Link]) -> Found:
        """Where a chain of ``get_by_...`` leads; each link lies within the one before it."""
        spot: Found | None = None
        for name, given in links:
            if name == "get_by_role":
                here: Found = {"role": _text(given, call, self._wrong)}
                if (label := _keyword(given, "name")) is not None:
                    here["name"] = label
            elif name in _WAYS:
                here = {_WAYS[name]: _text(given, call, self._wrong)}
            else:
                raise self._wrong(call, f"uses {name}", _INSTEAD.get(name, "find it by its role"))
            spot = here if spot is None else {**here, "within": spot}
        if spot is None:
            raise self._wrong(call, "does this to the whole page", "do it to something on it")
        return spot

    def _wrong(self, node: ast.expr, what: str, instead: str) -> TargetError:
        return TargetError(
            f"{self._path}:{node.lineno}: the recording {what}, which a web flow has no word for: "
            f"{instead}."
        )


_Link = tuple[str, ast.Call]


def _chain(node: ast.expr) -> list[_Link] | None:
    """``page.get_by_role(...).click()`` as its links, the first being what it begins with."""
    links: list[_Link] = []
    while True:
        node = _awaited(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            links.append((node.func.attr, node))
            node = node.func.value
        elif isinstance(node, ast.Attribute):  # ``.first``
            empty = ast.copy_location(ast.Call(node, [], []), node)
            links.append((node.attr, empty))
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return [(node.func.id, node), *reversed(links)]
        elif isinstance(node, ast.Name):
            name = "page" if node.id.startswith("page") else node.id
            return [(name, ast.Call(node, [], [])), *reversed(links)]
        else:
            return None


def _text(given: ast.Call, call: ast.Call, wrong: Any) -> str:
    first = given.args[0] if given.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    raise wrong(call, "does not say a plain text there", "use codegen's own output, unchanged")


def _keyword(given: ast.Call, name: str) -> str | None:
    for each in given.keywords:
        if each.arg == name and isinstance(each.value, ast.Constant):
            return str(each.value.value)
    return None


class _Dumper(yaml.SafeDumper):
    """Steps and endings on a line each, as people write them."""

    def represent_steps(self, value: dict[str, Any]) -> yaml.Node:
        """A mapping: in one line, unless it has steps in it."""
        node = self.represent_mapping("tag:yaml.org,2002:map", value.items())
        inner = [key for each in (value, *value.values()) if isinstance(each, dict) for key in each]
        node.flow_style = not _BLOCKS.intersection(inner)
        return node


_BLOCKS = frozenset({"operations", "steps"})
_Dumper.add_representer(dict, _Dumper.represent_steps)


def _as_yaml(data: dict[str, Any]) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100_000)
