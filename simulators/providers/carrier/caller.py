"""The person at the keypad: hears the app's menu, and walks through it by a script.

Nothing is pressed that the script does not say, so what was pressed is the truth that the app's
records are held against. Pauses before and between keys take drill time. ``Caller`` is driven by
what it hears and by timers; it has no task of its own.
"""

from __future__ import annotations

import re
from asyncio import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.faults import Faults
from simulators.providers.carrier.hearing import Rule, first_match
from simulators.providers.carrier.keys import Stroke, strokes

__all__ = ["Caller", "Step", "Walk", "Walked"]


@dataclass(frozen=True, slots=True)
class Step:
    """Wait for a prompt, then key something, or say it.

    Attributes:
        expect: Searched in what was heard since the last key.
        press: Keys 0-9, ``*`` and ``#``; ``w`` waits half a drill second, ``W`` a whole one.
        say: Spoken instead of keyed.
        gap: Drill seconds between keys.
        think: Drill seconds before the first.
        otherwise: What to make of another prompt: end the walk, or press something and go on.
    """

    expect: re.Pattern[str]
    press: str = ""
    say: str = ""
    gap: float = 0.7
    think: float = 1.5
    otherwise: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """A way through the menu: its steps, then what the app's answer means.

    Attributes:
        number: Told back with the answer.
        limit: Drill seconds for all of it; None for no limit.
    """

    number: int
    steps: tuple[Step, ...]
    outcomes: tuple[Rule, ...]
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """How a walk ended.

    Attributes:
        answer_class: That of the rule that matched; ``no_answer`` if the call ended, or time ran
            out, with what was keyed on its way to the app; ``unreachable`` if it had not gone out;
            ``unmatched`` if what was heard matched nothing in time.
        heard: The last prompt.
        pressed: Every key of this walk, in order.
        sent: When the last of it went out to the app, in seconds since 1970.
    """

    number: int
    answer_class: str
    heard: str
    pressed: str
    sent: float | None


DECIDES = 0.5
"""Wall seconds that a drill may take, once it knows how a walk ended, to say what comes next."""


REMEMBERS = 8192
"""Characters of what was heard that a person goes by, the last ones. A pattern may take as many
steps as the square of them, and everybody on the phone waits for it."""


class _State(Enum):
    IDLE = 0  # no walk
    LISTENING = 1  # for the next step's prompt
    KEYING = 2
    WAITING = 3  # for the answer


class Caller:
    """One person on one call.

    Args:
        name: Of the call, for the luck of its keys.
        answered: Told once when the call is connected.
        walked: Told how each walk ended.
        ended: Told the cause and the provider's code when the call is over.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        faults: Faults,
        *,
        answered: Callable[[], None],
        walked: Callable[[Walked], None],
        ended: Callable[[str, int], None],
    ) -> None:
        self._name = name
        self._clock = clock
        self._faults = faults
        self._on_answered = answered
        self._on_walked = walked
        self._on_ended = ended
        self.call: PhoneCall | None = None
        self.over = False
        self._state = _State.IDLE
        self._walk: Walk | None = None
        self._step = 0
        self._since_key: list[str] = []
        self._last = ""
        self._heard_at = 0.0
        self._told_at: float | None = None
        self._pressed = ""
        self._sent: float | None = None
        self._strings = 0
        self._strokes: list[Stroke] = []
        self._timer: TimerHandle | None = None
        self._limit: TimerHandle | None = None

    def begin(self, walk: Walk) -> None:
        """Walk; a walk that is begun after the call has ended is unreachable.

        Raises:
            ValueError: If another walk is under way.
        """
        if self._walk is not None:
            raise ValueError(
                f"call {self._name}: walk {walk.number} cannot begin: walk {self._walk.number} "
                "is under way"
            )
        self._walk, self._step = walk, 0
        self._pressed, self._sent = "", None
        if self.over:
            self._finish("unreachable")
            return
        if walk.limit is not None:
            self._limit = self._clock.later(walk.limit, self._out_of_time)
        self._state = _State.LISTENING if walk.steps else _State.WAITING
        self._consider()

    # What the call tells.

    def answered(self) -> None:
        """The call is connected."""
        self._told_at = self._clock.now()
        self._on_answered()

    def heard(self, words: str) -> None:
        """Words: they may be the prompt that is waited for, or the answer."""
        self._last = words
        self._heard_at = self._clock.now()
        self._since_key.append(words)
        self._consider()

    def undecided(self) -> float:
        """Wall seconds left to begin the next walk, while none is under way."""
        if self._told_at is None or self._walk is not None:
            return 0.0
        return DECIDES - self._clock.wall(self._clock.now() - self._told_at)

    def sent(self, at: float) -> None:
        """What was keyed went out to the app."""
        self._sent = at

    def ended(self, cause: str, code: int) -> None:
        """The call is over; a walk under way is answered by what is known.

        An app that ends a call in which it has not said a word has left the caller in silence.
        """
        self.over = True
        if cause == "app_hung_up" and not self._last:
            cause = "silent"
        if self._walk is not None:
            self._finish("no_answer" if self._sent is not None else "unreachable")
        self._on_ended(cause, code)

    # How a walk goes on.

    def _consider(self) -> None:
        """What to make of everything heard since the last key."""
        walk = self._walk
        if walk is None or not self._since_key:
            return
        words = " ".join(self._since_key)[-REMEMBERS:]
        if self._state is _State.WAITING:
            if (rule := first_match(walk.outcomes, words)) is not None:
                self._finish(rule.answer_class)
        elif self._state is _State.LISTENING:
            step = walk.steps[self._step]
            if step.expect.search(words):
                self._step += 1
                self._key(step, step.press)
            elif (rule := first_match(step.otherwise, words)) is not None:
                self._other_prompt(step, rule)

    def _other_prompt(self, step: Step, rule: Rule) -> None:
        if rule.answer_class:
            self._finish(rule.answer_class)
        else:
            self._key(step, rule.press)

    def _key(self, step: Step, press: str) -> None:
        """Key a string, or say a step's words if it has no keys."""
        self._state = _State.KEYING
        self._strings += 1
        arrives = self._faults.spoil(press, self._name, self._strings)
        # thinking begins with the prompt, also for a walk that was begun some time after it
        think = max(0.0, step.think - (self._clock.now() - self._heard_at))
        self._strokes = strokes(press, arrives, think=think, gap=step.gap)
        self._strokes.reverse()
        self._sent = None
        if not self._strokes and step.say:
            self._timer = self._clock.later(think, lambda: self._speak(step.say))
        else:
            self._next_stroke()

    def _next_stroke(self) -> None:
        if self._strokes:
            self._timer = self._clock.later(self._strokes[-1].after, self._strike)
        else:
            self._keyed()

    def _strike(self) -> None:
        stroke = self._strokes.pop()
        self._since_key.clear()
        self._pressed += stroke.key
        assert self.call is not None
        self.call.press(stroke.key, stroke.arrives)
        self._next_stroke()

    def _speak(self, words: str) -> None:
        self._since_key.clear()
        assert self.call is not None
        self.call.say(words)
        self._keyed()

    def _keyed(self) -> None:
        """All is keyed: listen for the next prompt, or for the answer."""
        walk = self._walk
        assert walk is not None
        self._timer = None
        self._state = _State.LISTENING if self._step < len(walk.steps) else _State.WAITING
        self._consider()

    def _out_of_time(self) -> None:
        silent = self._sent is not None and not self._since_key
        self._finish("no_answer" if silent else "unmatched")

    def _finish(self, answer_class: str) -> None:
        walk = self._walk
        assert walk is not None
        for timer in (self._timer, self._limit):
            if timer is not None:
                timer.cancel()
        self._timer = self._limit = None
        self._strokes = []
        self._walk, self._state = None, _State.IDLE
        self._told_at = self._clock.now()
        self._on_walked(Walked(walk.number, answer_class, self._last, self._pressed, self._sent))
