"""Forms of our own pages, read and filled in as a browser without JavaScript does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_BOXES = ("text", "password", "email", "tel", "number", "search", "url", "hidden", "date")


@dataclass
class Form:
    """One form of a page.

    Attributes:
        url: Where it goes: absolute.
        method: ``get`` or ``post``.
        values: What it would send as the page came: hidden fields, boxes, what is chosen.
        choices: Values of each group of radio buttons, check boxes or list.
        buttons: Name and value of each button that sends it; both may be empty.
        required: Names that a browser would not send empty.
    """

    url: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    required: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """The path of where it goes."""
        return urlsplit(self.url).path

    @property
    def fields(self) -> set[str]:
        """Every name that it has a place for."""
        return self.values.keys() | self.choices.keys() | {name for name, _ in self.buttons if name}

    def filled(self, answers: Mapping[str, str], button: int = 0) -> dict[str, str]:
        """What is sent when somebody gives these answers and presses a button.

        Raises:
            LookupError: If the form has no place for an answer, does not offer it, or would not
                be sent without another.
        """
        sent = dict(self.values)
        for name, value in answers.items():
            if name not in self.values and name not in self.choices:
                raise LookupError(f"the form at {self.path} has no field {name!r}: {self.fields}")
            if name in self.choices and value not in self.choices[name]:
                raise LookupError(f"{self.path}: {name} offers {self.choices[name]}, not {value!r}")
            sent[name] = value
        if self.buttons and self.buttons[button][0]:
            name, value = self.buttons[button]
            sent[name] = value
        empty = [name for name in self.required if not sent.get(name)]
        if empty:
            raise LookupError(f"the form at {self.path} is not sent without {sorted(empty)}")
        return sent


def forms_of(page: str, url: str) -> list[Form]:
    """Every form of a page.

    Args:
        url: The page's own address, that the forms' are told from.

    Example:
        >>> text = '<form method=post action=agree><input type=hidden name=t value=x>'
        >>> (form,) = forms_of(text + '<button name=go value=1>Go</button></form>', "http://h/v/a")
        >>> form.url, form.filled({})
        ('http://h/v/agree', {'t': 'x', 'go': '1'})
    """
    return [_Reader(url).read(text) for text in _slices(page)]


def form_at(page: str, url: str, name: str) -> Form | None:
    """The form whose address ends with this name, if the page has it; others are not read.

    Example:
        >>> text = '<form action="/v/a/help"></form><form action="/v/a/sent"></form>'
        >>> form_at(text, "http://h/v/a", "sent").path
        '/v/a/sent'
    """
    for text in _slices(page):
        if f"/{name}" in text.partition(">")[0]:
            form = _Reader(url).read(text)
            if form.path.rpartition("/")[2] == name:
                return form
    return None


def _slices(page: str) -> Iterator[str]:
    """The part of the page from each form's beginning to its end; the rest need not be read."""
    start = page.find("<form")
    while start >= 0:
        end = page.find("</form", start)
        end = len(page) if end < 0 else end
        yield page[start:end]
        start = page.find("<form", end)


class _Reader(HTMLParser):
    """Reads one form."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._page = url
        self._form = Form(url, "get")
        self._list = ""
        self._written = ""

    def read(self, text: str) -> Form:
        self.feed(text)
        self.close()
        return self._form

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        its = {name: value or "" for name, value in attributes}
        form, name = self._form, its.get("name", "")
        if tag == "form":
            form.url = urljoin(self._page, its.get("action", ""))
            form.method = its.get("method", "get").lower()
        elif "disabled" in its:
            return
        elif tag == "input":
            self._input(its.get("type", "text").lower(), name, its)
        elif tag == "button" and its.get("type", "submit") == "submit":
            form.buttons.append((name, its.get("value", "")))
        elif tag == "textarea":
            self._written = name
            form.values[name] = ""
        elif tag == "select":
            self._list = name
            form.choices[name] = []
        elif tag == "option" and self._list:
            value = its.get("value", "")
            if "selected" in its or not form.choices[self._list]:
                form.values[self._list] = value
            form.choices[self._list].append(value)
        if name and "required" in its and tag in ("input", "textarea", "select"):
            form.required.add(name)

    def _input(self, kind: str, name: str, its: Mapping[str, str]) -> None:
        form = self._form
        if kind in ("radio", "checkbox"):
            value = its.get("value", "on")
            form.choices.setdefault(name, []).append(value)
            if "checked" in its:
                form.values[name] = value
        elif kind == "submit":
            form.buttons.append((name, its.get("value", "")))
        elif name and kind in _BOXES:
            form.values[name] = its.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._list = ""
        elif tag == "textarea":
            self._written = ""

    def handle_data(self, data: str) -> None:
        if self._written:
            self._form.values[self._written] += data
