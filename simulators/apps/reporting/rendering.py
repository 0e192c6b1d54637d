"""The HTML pages' templates."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from simulators.apps.reporting.language import LANGUAGES, Language

_environment = Environment(
    loader=PackageLoader("simulators.apps.reporting", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["languages"] = tuple(LANGUAGES.values())


def render(template: str, language: Language, **values: Any) -> str:
    """One page as text. A value that the template needs and does not get is an error."""
    page = _environment.get_template(template)
    return page.render(values, t=language, language=language)
