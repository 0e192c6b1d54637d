"""Tests of the plan of an election day: the seed decides it, and every voter is reported once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.night import Hours, Night, night_from_dict, night_to_dict
from simulators.people.cast import Cast
from simulators.people.personas.dealing import Personas
from simulators.people.watching import Fallback, Watching
from simulators.plan import Plan
from simulators.plans import plan_of
from simulators.strike_model import StrikeModel
from simulators.strike_plan import StrikePlan
from simulators.traffic import Arrivals, Traffic
from simulators.virtual import play
from simulators.world import VoterListSpec, WorldSpec

HOURS = Hours(doors=1800, start=1800, end=50400, clock="06:30")
PLAN = "c12130d5acab1a8a9ac544c512c176a9a43579cda9950087164822c4adcc49ee"


def night(seed: int = 2008, scale: float = 0.2, watchers: Watching | None = None) -> Night:
    cast = Cast(watchers=watchers or Watching())
    return Night("pinned", VoterListSpec(), cast, Traffic(), HOURS, seed, scale)


def test_the_kind_of_world_decides_the_plan() -> None:
    """A caucus has chairs, a day of voter lists has watchers; each refuses the other's night."""
    assert isinstance(plan_of(night()), StrikePlan)
    caucus = replace(night(), world=WorldSpec())
    assert isinstance(plan_of(caucus), Plan)
    with pytest.raises(ValueError, match="it must be voter_list"):
        StrikePlan(caucus)
    with pytest.raises(ValueError, match="it must be caucus"):
        Plan(night())


def test_personas_take_chairs_and_there_are_none() -> None:
    """They are refused, and not left out in silence."""
    cast = Cast(personas=Personas(who=("steady",)))
    with pytest.raises(ValueError, match="leave personas out of the cast"):
        StrikePlan(replace(night(), cast=cast))


def test_a_night_survives_json() -> None:
    """The order of an engine carries the whole of it."""
    assert night_from_dict(night_to_dict(night())) == night()


def test_the_plan_is_the_same_on_every_interpreter() -> None:
    """Arrivals, rounds, ways, and every code as first keyed."""
    assert StrikePlan(night()).hash == PLAN
    assert StrikePlan(night(seed=2009)).hash != PLAN


@pytest.mark.parametrize("shards", [2, 3])
def test_any_number_of_workers_plays_the_same_day(shards: int) -> None:
    """Together their participants are the plan's, each once and as it was."""
    plan = StrikePlan(night())
    whole = [(each.index, each.arrives, each.person, each.first) for each in plan.participants()]
    parts = [
        (each.index, each.arrives, each.person, each.first)
        for shard in range(shards)
        for each in StrikePlan(night()).participants(shard, shards)
    ]
    assert sorted(parts, key=lambda each: each[0]) == whole


def test_every_voter_who_has_voted_is_on_one_sheet() -> None:
    """The rounds of all watchers together are the truth that must be reported."""
    plan = StrikePlan(night())
    beats = [plan.beat(row) for row in range(len(plan.precincts))]
    noted = [code for beat in beats for each in beat.rounds for code in each.codes]
    assert sorted(noted) == sorted(plan.records)
    assert len(set(noted)) == len(noted)
    truth = plan.report_table()
    assert sorted(truth["record"]) == sorted(noted)
    voted = dict(truth.select("record", "voted_at").iter_rows())
    for beat in beats:
        for each in beat.rounds:
            assert all(HOURS.start + voted[code] <= each.at for code in each.codes)


def test_slips_make_other_codes_of_a_few() -> None:
    """About as many as the cast says; a slip is a record of its own with a key of its own."""
    plan = StrikePlan(night(scale=1.0))
    pairs = [
        (code, keyed)
        for row in range(len(plan.precincts))
        for each in plan.beat(row).rounds
        for code, keyed in zip(each.codes, each.keyed, strict=True)
    ]
    wrong = [keyed for code, keyed in pairs if keyed.record != code]
    # 0.4 % of codes, 1.2 to 1.5 times that for the cold and the old.
    assert 0.004 < len(wrong) / len(pairs) < 0.009
    assert all(keyed.operation.endswith(f"{keyed.record}-1") for _, keyed in pairs)


def test_codes_of_watchers_have_four_digits() -> None:
    """Precinct and PIN are keyed as they stand, leading noughts and all."""
    table = StrikePlan(night()).people_table()
    for codes in table["codes"].to_list():
        assert [len(each) for each in codes] == [4, 4]
    watcher = table.row(0, named=True)
    assert watcher["codes"][0] == watcher["record"].partition("-")[2]
    assert table["codes"].list.join("").is_unique().all()


def test_parts_are_dealt_out_by_count() -> None:
    """The same shares on any day, and all other ways even among a few."""
    fallback = Fallback(trained=1.0, at_once=0.3, web=0.4, text=0.3)
    plan = StrikePlan(night(scale=0.1, watchers=Watching(fallback=fallback)))
    beats = [plan.beat(row) for row in range(10)]
    at_once = [beat.way for beat in beats if beat.stops_calling]
    assert sorted(at_once) == ["headquarters", "text", "web"]


def test_untrained_watchers_are_told_in_the_course_of_the_day() -> None:
    """Some of them, between the hours given, and from then on they stop calling."""
    fallback = Fallback(trained=0.0, told=0.5, told_from=100.0, told_until=200.0)
    plan = StrikePlan(night(watchers=Watching(fallback=fallback)))
    beats = [plan.beat(row) for row in range(20)]
    told = [beat for beat in beats if beat.knows_at is not None]
    assert len(told) == 10
    assert all(100 <= (beat.knows_at or 0) <= 200 and beat.stops_calling for beat in told)


def test_line_and_headquarters_share_their_trunks() -> None:
    """One group, as large as the scale says; agents are dealt out among workers."""
    lines = StrikePlan(night(watchers=Watching(lines=30, agents=10))).lines()
    groups = [*(line.trunk for line in lines.menus), *(line.trunk for line in lines.agents)]
    assert set(groups) == {"main"}
    assert lines.trunks["main"].lines == 6
    halves = [StrikePlan(night(watchers=Watching(lines=30))).lines(each, 2) for each in (0, 1)]
    assert [half.trunks["main"].lines for half in halves] == [3, 3]


def test_a_day_larger_than_the_state_has_more_precincts() -> None:
    """Above a scale of one the world grows."""
    assert len(StrikePlan(night(scale=1.5)).precincts) == 150


def test_nuisance_callers_take_lines_of_the_menu() -> None:
    """A flood of them is part of the plan, and turns watchers away where lines are few."""
    flood = Arrivals(rate=((12_600, 0.0), (12_600, 2.0), (16_200, 2.0), (16_200, 0.0)))
    quiet = night(scale=0.2, watchers=Watching(lines=60))
    busy = replace(quiet, cast=replace(quiet.cast, nuisance_calls=flood))
    plan = StrikePlan(busy)
    roles = [plan.role(each) for each in range(plan.count)]
    assert roles.count("nuisance") > 300
    assert roles.count("poll_watcher") == len(plan.precincts)
    assert turned_away(quiet) == 0 < turned_away(busy)


def turned_away(night: Night) -> int:
    """Watchers' calls to the strike line that met a busy tone."""
    plan = StrikePlan(night)
    places = dict.fromkeys(plan.records)
    played = play(plan, StrikeModel(), places=places, seed=1, until=night.end)
    return sum(
        call.cause == "busy" and plan.role(call.caller) == "poll_watcher" for call in played.calls
    )


def test_who_texts_the_app_wants_its_texts() -> None:
    """Those are the watchers whose other way is a text; chairs text people, not the app."""
    plan = StrikePlan(night(scale=1.0))
    beats = [plan.beat(row) for row in range(len(plan.precincts))]
    assert plan.texters == {each.person.key for each in beats if each.way == "text"}
    assert 0 < len(plan.texters) < len(beats)
    assert Plan(replace(night(), world=WorldSpec())).texters == set()
