"""How long a text is, and how a long one is split.

One text message holds 160 characters of the GSM 7-bit alphabet (some of which take the room of
two), or 70 of anything else (3GPP TS 23.038 and 23.040). A phone may show the pieces of a longer
one in any order, so we number ours and never tear a word.
"""

from __future__ import annotations

GSM_CHARACTERS = 160
OTHER_CHARACTERS = 70  # UTF-16 code units
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("\f^{}\\[~]|€")


def fits(text: str) -> bool:
    """Whether a text goes into one message.

    Example:
        >>> fits("x" * 160), fits("x" * 161), fits("ж" * 70), fits("ж" * 71)
        (True, False, True, False)
    """
    if all(each in _BASIC or each in _DOUBLE for each in text):
        return len(text) + sum(each in _DOUBLE for each in text) <= GSM_CHARACTERS
    return len(text.encode("utf-16-le")) // 2 <= OTHER_CHARACTERS


def split(text: str) -> list[str]:
    """The texts that together say it, each in one message, torn only at blanks.

    Where there are several, each says at its end which one it is and of how many. A word that
    does not fit into one message on its own is torn.

    Example:
        >>> [part[-9:] for part in split("4711 " * 40)]
        ['711 (1/2)', '711 (2/2)']
    """
    if fits(text):
        return [text]
    count = 2
    while len(parts := _fill(text.split(), f" ({count}/{count})")) > count:
        count = len(parts)
    return [f"{part} ({at}/{len(parts)})" for at, part in enumerate(parts, start=1)]


def last_piece(text: str) -> str:
    """What is left of a text cut after every 160 characters: the defect ``reply_split_wrong``.

    Example:
        >>> last_piece("OK " * 54 + "4711")
        'K 4711'
    """
    pieces = range(0, len(text), GSM_CHARACTERS)
    return text[pieces[-1] :].strip() if pieces else text


def _fill(words: list[str], ending: str) -> list[str]:
    """As many words as go into each message beside the ending."""
    parts: list[str] = []
    part = ""
    for word in words:
        longer = f"{part} {word}" if part else word
        if fits(longer + ending):
            part = longer
            continue
        if part:
            parts.append(part)
        while not fits(word + ending):
            room = next(at for at in range(len(word), 0, -1) if fits(word[:at] + ending))
            parts.append(word[:room])
            word = word[room:]
        part = word
    return [*parts, part] if part else parts
