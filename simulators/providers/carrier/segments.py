"""How a text is cut into the parts that a mobile network carries.

A part holds 140 bytes (3GPP TS 23.040): 160 characters of the GSM 7-bit alphabet or 70 UTF-16
units. A longer text gives 6 bytes of every part to the header that joins them: 153 or 67 are left.
One character outside the GSM alphabet turns the whole text to UTF-16.
"""

from __future__ import annotations

__all__ = ["count", "is_gsm", "split"]

# 3GPP TS 23.038, section 6.2.1: the default alphabet (without the escape), and the extension
# table, whose characters take two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


def is_gsm(body: str) -> bool:
    """Whether the GSM 7-bit alphabet can write all of it.

    Example:
        >>> is_gsm("0012 4711"), is_gsm("señor"), is_gsm("façade")
        (True, True, False)
    """
    return all(each in _BASIC or each in _EXTENDED for each in body)


def count(body: str) -> int:
    """Parts that a text takes; an empty text takes one.

    Example:
        >>> count("x" * 160), count("x" * 161), count("ж" * 70), count("ж" * 71)
        (1, 2, 1, 2)
    """
    return len(split(body))


def split(body: str) -> list[str]:
    """The parts of a text, in order. No character is cut in two."""
    gsm = is_gsm(body)
    if sum(_places(each, gsm) for each in body) <= (160 if gsm else 70):
        return [body]
    room = 153 if gsm else 67
    parts: list[str] = []
    begun, used = 0, 0
    for index, each in enumerate(body):
        places = _places(each, gsm)
        if used + places > room:
            parts.append(body[begun:index])
            begun, used = index, 0
        used += places
    return [*parts, body[begun:]]


def _places(character: str, gsm: bool) -> int:
    """Septets, or UTF-16 units, that one character takes."""
    if gsm:
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1
