"""Who comes to the app's pages in a drill: the personas of its plan, as the browser is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.channels.web.errand import Config, Guest, Other
from harness.target.target import Target
from harness.target.web_model import WebKind
from harness.target.web_walk import Walk
from simulators.people.person import Person
from simulators.people.personas import Habit, Persona
from simulators.plan import Plan
from simulators.stage import Operation

_BANDS = ((40, "under 40"), (61, "40-60"), (71, "61-70"), (200, "over 70"))


def guests_of(plan: Plan, target: Target) -> tuple[Guest, ...]:
    """Everybody whom the plan lets walk the pages, in the order in which they come."""
    return tuple(_guests(plan, target))


def _guests(plan: Plan, target: Target) -> Iterator[Guest]:
    counts: dict[str, int] = {}
    for row, persona in plan.personas.items():
        count = counts[persona.name] = counts.get(persona.name, 0) + 1
        person = plan.chairs.person(row)
        guest = guest_of(
            target, person, persona, f"{persona.name}-{count}",
            county=str(getattr(plan.world.lookup(person.record), "county", "")),
            age_band=next(band for below, band in _BANDS if persona.age < below),
            device="phone" if persona.screen.phone else "computer",
            training=persona.training,
        )  # fmt: skip
        if Habit.SHARED_PHONE in persona.habits:
            guest = replace(guest, other=_before(plan, target, person, persona))
        yield guest


def _before(plan: Plan, target: Target, person: Person, persona: Persona) -> Other | None:
    """Another chair, who was signed in on the same phone before and reports nothing there."""
    web = target.web
    assert web is not None
    rows = (row for row in range(len(plan.records)) if row not in plan.personas)
    row = next(rows, None)
    if row is None or "sign_in" not in web.kinds:
        return None
    other = plan.chairs.person(row)
    own = (person.record, str(getattr(plan.world.lookup(person.record), "name", "")))
    names = (other.record, str(getattr(plan.world.lookup(other.record), "name", "")))
    traces = tuple(each for each in names if each and not any(each in mine for mine in own))
    return other_of(target, other, persona, traces)


def other_of(target: Target, other: Person, persona: Persona, traces: tuple[str, ...]) -> Other:
    """Somebody who was signed in on a persona's phone before them, as the browser is told.

    Args:
        traces: What of theirs must not be seen any more.
    """
    web = target.web
    assert web is not None
    session, language = web.session(other), web.language(persona.language)[0]

    def walk(kind: WebKind, codes: tuple[str, ...] = ()) -> Walk:
        done = Operation(
            kind, f"before-{kind}", 1, other, "web", other.record, 0, None, codes, 0.0, None
        )
        return web.walk(done, session, language)

    sign_out = walk("sign_out") if "sign_out" in web.kinds else None
    return Other(walk("sign_in", other.codes), sign_out, traces)


def guest_of(target: Target, person: Person, persona: Persona, session: str, **about: str) -> Guest:
    """A persona as the browser's process is told of them."""
    web = target.web
    assert web is not None
    language, offered = web.language(persona.language)
    return Guest(
        person.index, session, persona, {"record": person.record, **about}, language, offered,
        web.states(web.session(person), language), web.untranslated,
    )  # fmt: skip


def config_of(
    target: Target, guests: tuple[Guest, ...], folder: Path, *, speed: float, looks: bool = True
) -> Config:
    """What the browser's process is told of a target and those who come to it."""
    web = target.web
    first = () if web is None else web.languages[:1]
    places = [place.origin for place in target.origins.places]
    return Config(
        base=target.base_url,
        run=target.run.id,
        seed=target.run.seed,
        speed=speed,
        folder=str(folder.absolute()),
        guests=guests,
        hosts=tuple(f"{each.host}:{each.port}" for each in places),
        addresses=dict(target.addresses),
        secure=tuple(f"{each.host}:{each.port}" for each in places if each.tls),
        ca_file="" if target.ca_file is None else str(target.ca_file.absolute()),
        code="" if web is None or web.code is None else str(web.code.absolute()),
        looks=looks,
        secrets=tuple(sorted(each for each in target.names.used_secrets if len(each) >= 4)),
        languages=tuple(dict.fromkeys((*first, *(guest.language for guest in guests)))),
    )
