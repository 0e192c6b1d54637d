"""Forms in HTML pages: what a browser would send if somebody pressed the button.

Every field with its present value: hidden ones, text, the chosen option, ticked boxes. Buttons
and file fields are left out, as an unpressed button would be (HTML Living Standard, section
4.10.22.4, "Constructing the entry list").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class WebForm:
    """One form of a page.

    Attributes:
        fields: Name and value in the order of the page; names may repeat.
    """

    action: str = ""
    method: str = "GET"
    id: str = ""
    name: str = ""
    multipart: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        """The value of the first field of that name."""
        return next((value for key, value in self.fields if key == name), None)


def forms(page: str) -> list[WebForm]:
    """All forms of an HTML page; fields outside any form are in a last, nameless one.

    Example:
        >>> forms("<form action='/x'><input type=hidden name=t value='a&amp;b'></form>")[0].fields
        [('t', 'a&b')]
    """
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return [*parser.found, parser.outside] if parser.outside.fields else parser.found


def choose(found: list[WebForm], which: str | int) -> WebForm | None:
    """A form by its number from 0, by ``#id``, by id or by name."""
    if isinstance(which, int) or which.isdigit():
        number = int(which)
        return found[number] if number < len(found) else None
    name = which.removeprefix("form").removeprefix("#")
    return next((each for each in found if name in (each.id, each.name)), None)


_UNSENT = {"submit", "button", "image", "reset", "file"}


class _Parser(HTMLParser):
    """Collects forms; ``convert_charrefs`` has unescaped the text already."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[WebForm] = []
        self.outside = WebForm()
        self._form: WebForm | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._option: list[str] | None = None
        self._textarea: tuple[str, list[str]] | None = None

    @property
    def _fields(self) -> list[tuple[str, str]]:
        return (self._form or self.outside).fields

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag == "form":
            self._form = WebForm(
                given.get("action", ""),
                given.get("method", "GET").upper(),
                given.get("id", ""),
                given.get("name", ""),
                given.get("enctype", "").lower() == "multipart/form-data",
            )
            self.found.append(self._form)
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select, self._options = given.get("name", ""), []
        elif tag == "option" and self._select is not None:
            self._end_option()
            self._options.append((given.get("value", "\0"), "selected" in given))
            self._option = []
        elif tag == "textarea":
            self._textarea = (given.get("name", ""), [])

    def _input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text").lower(), given.get("name", "")
        if not name or kind in _UNSENT or "disabled" in given:
            return
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self._fields.append((name, given.get("value", "on")))
        else:
            self._fields.append((name, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea[1].append(data)
        elif self._option is not None:
            self._option.append(data)

    def _end_option(self) -> None:
        if self._option is not None and self._options[-1][0] == "\0":
            text = " ".join("".join(self._option).split())
            self._options[-1] = (text, self._options[-1][1])
        self._option = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "option":
            self._end_option()
        elif tag == "textarea" and self._textarea is not None:
            name, text = self._textarea
            if name:
                self._fields.append((name, "".join(text).removeprefix("\n")))
            self._textarea = None
        elif tag == "select" and self._select is not None:
            self._end_option()
            chosen = [value for value, selected in self._options if selected]
            chosen = chosen or [value for value, _ in self._options[:1]]
            if self._select:
                self._fields.extend((self._select, value) for value in chosen)
            self._select = None
