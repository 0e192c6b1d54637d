"""Makes text from a target safe to show: no control characters, no secrets, no endless lines.

Text that came from a target is hostile. It may hold terminal escapes, characters that turn the
reading direction, characters that XML forbids, or a token that was echoed back. Escaping for
HTML or XML is the writer's job and comes after this.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 400  # characters of one piece of text in a report; the rest is in findings.json

# C0 and C1 controls except tab and newline, direction marks and overrides, zero-width marks, the
# line separators, lone surrogates and the two non-characters: what XML 1.0 section 2.2 forbids,
# and what makes a terminal or a reader see other text than is there.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_SECRETS: Final = (
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"), "[secret]"),
    (re.compile(r"(?i)\b(bearer|basic|token)\s+[\w.~+/-]{8,}=*"), r"\1 [secret]"),
    (re.compile(r"(://[^/\s:@]{0,64}:)[^/\s@]{1,256}@"), r"\1[secret]@"),
    (
        re.compile(
            r"(?i)\b((?:[\w-]{0,32}[_-])?(?:password|passwd|passcode|secret|token|api[_-]?key|pin"
            r"|authorization|cookie|session[_-]?id)[\"']?\s{0,4}[=:]\s{0,4})(?!\[secret\])"
            r"(\"[^\"]*\"|'[^']*'|[^\s,;&\"'}<>]+)"
        ),
        r"\1[secret]",
    ),
)


def clean(text: object, longest: int = LONGEST) -> str:
    r"""Text fit to be escaped and shown.

    Control and direction characters become visible, by their code. What looks like a credential
    is replaced. Longer text is cut, and says so.

    Example:
        >>> print(clean("ok\x1b[2J password=hunter2"))
        ok\x1b[2J password=[secret]
    """
    shown = str(text)
    if len(shown) > 4 * longest:  # before the patterns run: a target may answer megabytes
        shown = shown[: 4 * longest]
    shown = _UNSEEN.sub(_visible, without_secrets(shown))
    return shown if len(shown) <= longest else f"{shown[: longest - 1].rstrip()}…"


def without_secrets(text: str) -> str:
    """The text with anything that looks like a credential replaced."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def _visible(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"⟨U+{code:04X}⟩"
