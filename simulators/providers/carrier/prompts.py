"""Say, Play and Pause: what a caller hears, and how long it takes to hear."""

from __future__ import annotations

from urllib.parse import unquote

from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.twiml import Verb

__all__ = ["listen_to", "prompt"]

FOREVER = 1000
"""Repetitions of a prompt whose ``loop`` is 0 (docs: voice/twiml/say)."""
TONE = 0.5
"""Drill seconds that a tone that the app plays takes; a ``w`` is such a wait as well."""


async def prompt(call: PhoneCall, verb: Verb) -> None:
    """Play one prompt to its end."""
    await listen_to(call, verb)


async def listen_to(call: PhoneCall, verb: Verb) -> bool:
    """Play one prompt until its end, or until something is keyed or said where that is asked for.

    Returns:
        Whether it was played to its end. What was keyed is left for who asked for it.
    """
    if verb.name == "Pause":
        return await _pass(call, verb.number("length", 1))
    words, seconds = _spoken(call, verb)
    times = min(int(verb.number("loop", 1)) or FOREVER, FOREVER)
    for _ in range(times if seconds else 1):  # what takes no time is not heard again and again
        if not await _pass(call, seconds):
            return False
        if words:
            call.ear.heard(words)
    return True


def _spoken(call: PhoneCall, verb: Verb) -> tuple[str, float]:
    """The words of a prompt, and the drill seconds that they take."""
    manners = call.exchange.manners
    if verb.name == "Say":
        return verb.text, len(verb.text.split()) / manners.words_per_second
    if digits := verb.get("digits"):
        return "", len(digits) * TONE
    return _name(verb.text), manners.play


def _name(url: str) -> str:
    """What a caller is taken to hear when a recording is played: its file's name, in words.

    Example:
        >>> _name("https://app.example.org/audio/enter-your_code.mp3?v=2")
        'enter your code'
    """
    path = url.partition("#")[0].partition("?")[0]
    name = unquote(path.rsplit("/", 1)[-1])
    stem = name.rsplit(".", 1)[0] if "." in name else name
    return " ".join(stem.replace("-", " ").replace("_", " ").split())


async def _pass(call: PhoneCall, seconds: float) -> bool:
    heard = await call.listen(seconds)
    if heard is not None:
        call.put_back(heard)
    return heard is None
