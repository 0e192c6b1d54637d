"""Virtual time: the clock, the stage on it, and phone theory on whole nights."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from statistics import fmean

import pytest

from simulators.behaviours.protocol import Behaviour, Dial, Keyed, SignIn, Submit, Wait
from simulators.model import AppModel, fingerprint
from simulators.people.person import Person
from simulators.phones.erlang import impatient_line, patient_line
from simulators.phones.hotline import Call, Hotline
from simulators.stage import Participant
from simulators.switchboard import AgentLine, Lines
from simulators.virtual import Played, VirtualClock, play


@dataclass(frozen=True)
class Phones:
    """Operators who talk for an exponential time and have no wrap-up."""

    rng: random.Random
    talk: float

    def take(self, agent: int, call: Call, report: Keyed | None) -> tuple[Person, Behaviour, float]:
        """Answer and talk."""
        person = Person(index=10_000_000 + agent, role="operator", key=f"operator-{agent}")
        return person, self._converse(), 0.0

    def _converse(self) -> Behaviour:
        yield Wait(self.rng.expovariate(1 / self.talk))


@dataclass(frozen=True)
class Callers:
    """Poisson callers with exponential patience: a plan with nothing but phone calls."""

    count: int
    per_second: float
    talk: float
    agents: int
    seed: int
    patience: float | None = None

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """Everybody, in order."""
        rng = random.Random(self.seed)
        due = 0.0
        for index in range(self.count):
            due += rng.expovariate(self.per_second)
            within = rng.expovariate(1 / self.patience) if self.patience else None
            person = Person(index=index, role="chair", key=f"chair-{index}")
            yield Participant(index, due, person, None, partial(_dial, within))

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """One line, and who answers it."""
        people = Phones(random.Random(self.seed + 1), self.talk)
        return Lines(agents=(AgentLine("hotline", Hotline(agents=self.agents), people),))


def _dial(within: float | None) -> Behaviour:
    yield Dial("hotline", within=within)


def phone_night(plan: Callers) -> Played:
    """Play the callers until all are served."""
    return play(plan, AppModel(), places={}, seed=1, until=float("inf"))


@dataclass(frozen=True)
class Chairs:
    """Chairs who sign in and submit, all beginning at the same instant or one after another."""

    count: int
    apart: float = 0.0

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """Everybody, in order."""
        for index in range(self.count):
            record = f"IA-{index:04d}"
            person = Person(index, "chair", f"chair-{index}", record, codes=("1", "2", "3"))
            keyed = Keyed(record, 1, (index, 2, 3), f"k-{record}")
            yield Participant(index, index * self.apart, person, keyed, partial(_report, keyed))

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """No phone."""
        return Lines()


def _report(keyed: Keyed) -> Behaviour:
    yield SignIn(("1", "2", "3"))
    yield Wait(60.0)
    yield Submit(keyed)


@dataclass(frozen=True)
class Precinct:
    """A place that elects four delegates."""

    county: str = "Adair"
    delegates: int = 4


def known(count: int) -> dict[str, Precinct]:
    """The records of :class:`Chairs`."""
    return {f"IA-{index:04d}": Precinct() for index in range(count)}


def test_events_due_together_keep_their_order() -> None:
    """Two events due at the same instant come in the order of scheduling."""
    clock, heard = VirtualClock(), list[int]()
    for number in range(50):
        clock.at(7.0, lambda number=number: heard.append(number))  # type: ignore[misc]
    clock.run()
    assert heard == list(range(50))


def test_events_already_past_come_now_and_never_turn_time_back() -> None:
    """An event scheduled in the past comes at once, at the present time."""
    clock, heard = VirtualClock(), list[float]()
    clock.at(9.0, lambda: clock.at(3.0, lambda: heard.append(clock.now())))
    clock.run()
    assert heard == [9.0]


def test_run_until_stops_at_the_hour() -> None:
    """Running to a moment plays what is due by then, and the clock shows that moment."""
    clock, heard = VirtualClock(), list[str]()
    clock.at(5.0, lambda: heard.append("due"))
    clock.at(6.0, lambda: heard.append("late"))
    clock.run(5.5)
    assert heard == ["due"]
    assert clock.now() == 5.5


def test_callers_who_dial_together_are_served_in_order_of_the_plan() -> None:
    """At the same instant the participant earlier in the plan is answered first."""
    night = phone_night(Callers(30, per_second=1e12, talk=60.0, agents=1, seed=4))
    served = sorted(night.calls, key=lambda call: call.answered or 0.0)
    assert [call.caller for call in served] == list(range(30))


def test_a_single_operator_is_the_single_queue() -> None:
    """One operator at half load: the mean hold is the M/M/1 result, rho / (mu - lambda)."""
    night = phone_night(Callers(60_000, per_second=0.5, talk=1.0, agents=1, seed=2))
    assert fmean(call.held for call in night.calls) == pytest.approx(1.0, rel=0.06)


def test_many_operators_are_erlang_c() -> None:
    """Fifty operators near their load: holds are those of M/M/c."""
    night = phone_night(Callers(60_000, per_second=0.8, talk=50.0, agents=45, seed=5))
    line = patient_line(0.8, 50.0, 45)
    assert fmean(call.held > 0 for call in night.calls) == pytest.approx(line.waits, rel=0.10)
    assert fmean(call.held for call in night.calls) == pytest.approx(line.mean_wait, rel=0.20)


def test_impatient_callers_are_erlang_a() -> None:
    """Callers with a limit to their patience abandon in the share of Erlang A."""
    plan = Callers(40_000, per_second=1.0, talk=50.0, agents=45, seed=6, patience=120.0)
    line = impatient_line(1.0, 50.0, 45, 120.0)
    abandoned = fmean(call.cause == "abandoned" for call in phone_night(plan).calls)
    assert abandoned == pytest.approx(line.abandons, rel=0.06)


def test_same_seed_gives_the_same_night() -> None:
    """The plan and the seed decide every attempt, call and stored value."""

    def night(seed: int) -> tuple[list[float], str]:
        settings = AppModel(failure_share=0.1)
        played = play(Chairs(200), settings, places=known(200), seed=seed, until=1e4)
        return [done.done for done in played.attempts], fingerprint(played.app.reports)

    assert night(7) == night(7)
    assert night(7)[0] != night(8)[0]


def test_nothing_begins_after_the_night_closes_but_answers_still_come() -> None:
    """Closing cuts no operation short: what was begun is answered, and nobody begins more."""
    night = play(Chairs(10, apart=10.0), AppModel(), places=known(10), seed=1, until=75.0)
    begun = [done.operation.intended for done in night.attempts]
    assert max(begun) <= 75.0
    assert len(night.app.reports) == 2  # those who came at 0 and 10, a minute later
    assert night.unfinished == 8
    assert all(done.done >= done.operation.intended for done in night.attempts)
