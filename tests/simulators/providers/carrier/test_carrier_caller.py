"""Walks: the person follows the menu, and what was pressed is known whatever happens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from carrier_stand import Asked, Stand, drill, walk

from simulators.providers.carrier.caller import Step, Walk, Walked
from simulators.providers.carrier.hearing import Rule
from simulators.providers.carrier.keys import strokes
from simulators.providers.carrier.transport import Reply

ASK = '<Gather action="{}" numDigits="4"><Say>{}</Say></Gather><Say>Goodbye</Say>'
MENU: dict[str, Any] = {
    "/voice": ASK.format("/precinct", "Welcome. Enter your precinct"),
    "/precinct": ASK.format("/pin", "Now your PIN"),
    "/pin": ASK.format("/code", "Enter a code"),
    "/code": "<Say>Thank you</Say>" + ASK.format("/code", "Enter a code"),
}
SIGN_IN = walk(("precinct", "0012"), ("pin", "4321"), accepted="enter.*code")
REPORT = walk(("code", "0470"), number=2, already_have_it="already", accepted="thank")


def walked(
    routes: dict[str, Any], *walks: Walk, fault: dict[str, Any] | None = None, **changes: Any
):
    """Walks one after another in one call: how each ended, and what the app was sent."""

    async def scene(stand: Stand) -> tuple[list[Walked], list[Asked], str]:
        if fault is not None:
            stand.carrier.switch_on(fault.pop("name"), fault)
        caller = stand.caller()
        for each in walks:
            caller.begin(each)
            while len(stand.walked) < each.number:
                await asyncio.sleep(0.01)
        if caller.call is not None:
            caller.call.hang_up()
        await stand.carrier.tasks.settle()
        return stand.walked, stand.app.asked, caller.gone.result()

    return drill({**MENU, **routes}, scene, **changes)


def test_a_walk_through_the_menu() -> None:
    """Sign in, then key codes in the same call; digits arrive exactly as pressed."""
    codes = [replace(REPORT, number=n) for n in (2, 3)]
    done, asked, cause = walked({}, SIGN_IN, *codes)
    assert [each.answer_class for each in done] == ["accepted"] * 3
    assert [each.pressed for each in done] == ["00124321", "0470", "0470"]
    assert [each.params.get("Digits") for each in asked] == [None, "0012", "4321", "0470", "0470"]
    assert done[1].heard == "Thank you"
    assert cause == "hung_up"


def test_when_the_digits_went_out_is_told() -> None:
    """The wall time of the request that carried the last of them."""
    done, asked, _ = walked({}, SIGN_IN)
    assert done[0].sent == pytest.approx(1.7e9 + asked[-1].at)


def test_keys_take_drill_time() -> None:
    """A second and a half of thinking, then 0.7 s between four keys: 3.6 s after the prompt."""
    _, asked, _ = walked({}, SIGN_IN)
    prompt = 4 / 2.5
    assert asked[1].at - asked[0].at == pytest.approx(prompt + 1.5 + 3 * 0.7)
    _, quick, _ = walked({}, SIGN_IN, speed=100)
    assert quick[1].at - quick[0].at == pytest.approx((prompt + 1.5 + 3 * 0.7) / 100)


def test_rules_decide_in_order() -> None:
    """ "Already" outranks "thank" where both are heard."""
    routes = {"/code": "<Say>Thank you, we already have it</Say>"}
    assert walked(routes, SIGN_IN, REPORT)[0][1].answer_class == "already_have_it"


def test_a_person_goes_by_the_last_words_of_a_long_speech() -> None:
    """Not by those of a quarter of an hour ago; nor does a pattern hold up all other callers."""
    speech = "<Say>Already. " + "enter " * 2000 + "your thanks: thank you.</Say>"
    done, _, _ = walked({"/code": speech}, SIGN_IN, REPORT)
    assert done[1].answer_class == "accepted"


def test_another_prompt_may_end_the_walk() -> None:
    """What is heard instead of the expected prompt has a class."""
    otherwise = (Rule.of("do not know", "refused"),)
    steps = (SIGN_IN.steps[0], replace(SIGN_IN.steps[1], otherwise=otherwise))
    routes = {"/precinct": "<Say>I do not know that precinct</Say>"}
    done, _, _ = walked(routes, replace(SIGN_IN, steps=steps))
    assert (done[0].answer_class, done[0].pressed) == ("refused", "0012")


def test_another_prompt_may_be_answered() -> None:
    """Press 1 to confirm, then go on listening for what was expected."""
    confirm = (Rule.of("press 1", press="1"),)
    steps = (SIGN_IN.steps[0], replace(SIGN_IN.steps[1], otherwise=confirm))
    routes = {
        "/precinct": '<Gather action="/sure" numDigits="1"><Say>Press 1 if so</Say></Gather>',
        "/sure": ASK.format("/pin", "Now your PIN"),
    }
    done, asked, _ = walked(routes, replace(SIGN_IN, steps=steps))
    assert (done[0].answer_class, done[0].pressed) == ("accepted", "001214321")
    assert [each.params.get("Digits") for each in asked] == [None, "0012", "1", "4321"]


def test_words_are_said_where_the_step_says_so() -> None:
    """A menu that listens hears them."""
    step = Step(Rule.of("say yes").hear, say="yes", think=1)
    routes = {
        "/voice": '<Gather input="speech" action="/said"><Say>Say yes or no</Say></Gather>',
        "/said": "<Say>Thank you</Say>",
    }
    done, asked, _ = walked(routes, Walk(1, (step,), REPORT.outcomes))
    assert done[0].answer_class == "accepted"
    assert asked[-1].params["SpeechResult"] == "yes"


def test_a_call_cut_after_the_digits_went_out_is_no_answer() -> None:
    """The app may have them: nobody can tell."""
    done, _, cause = walked({"/pin": Reply(500)}, SIGN_IN)
    assert (done[0].answer_class, done[0].pressed) == ("no_answer", "00124321")
    assert cause == "failed"


def test_a_call_cut_before_the_digits_went_out_is_unreachable() -> None:
    """A menu too hasty for a slow presser hangs up; what was half keyed reached nobody."""
    hasty = '<Gather action="/precinct" timeout="1"><Say>Enter your precinct</Say></Gather>'
    done, asked, cause = walked({"/voice": hasty}, SIGN_IN)
    assert (done[0].answer_class, done[0].sent) == ("unreachable", None)
    assert len(asked) == 1
    assert cause == "app_hung_up"


def test_an_app_that_hangs_up_without_a_word_leaves_silence() -> None:
    """Told from one that says why, however short its words are."""
    assert walked({"/voice": "<Hangup/>"}, SIGN_IN)[2] == "silent"
    assert walked({"/voice": "<Say>Full</Say><Hangup/>"}, SIGN_IN)[2] == "app_hung_up"
    assert walked({"/pin": "<Hangup/>"}, SIGN_IN)[2] == "app_hung_up"


def test_a_walk_after_the_end_of_the_call_is_unreachable() -> None:
    """Nothing is pressed."""
    done, _, _ = walked({"/pin": "<Hangup/>"}, SIGN_IN, REPORT)
    assert [(each.answer_class, each.pressed) for each in done[1:]] == [("unreachable", "")]


def test_an_answer_that_matches_nothing_is_unmatched_when_time_is_up() -> None:
    """The last prompt is told, so that the rules can be mended."""
    routes = {"/pin": '<Say>Bienvenue</Say><Pause length="600"/>'}
    done, _, _ = walked(routes, replace(SIGN_IN, limit=60))
    assert (done[0].answer_class, done[0].heard) == ("unmatched", "Bienvenue")


def test_an_app_that_says_nothing_is_no_answer_when_time_is_up() -> None:
    """The digits went out, and nothing was heard since."""
    routes = {"/pin": '<Pause length="600"/>'}
    done, _, _ = walked(routes, replace(SIGN_IN, limit=60))
    assert done[0].answer_class == "no_answer"


def test_spoiled_digits_leave_the_truth_alone() -> None:
    """The app gets what the network makes of them; what was pressed is what was pressed."""
    routes = {"/precinct": "<Say>Now your PIN</Say>", "/pin": ""}
    fault = {"name": "digits", "share": 1, "how": "lost"}
    done, asked, _ = walked(routes, replace(SIGN_IN, limit=60), fault=fault)
    assert done[0].pressed.startswith("0012")
    assert len(asked[1].params["Digits"]) == 3


def test_a_drill_that_is_slow_to_decide_is_not_a_slow_person() -> None:
    """At 120 times the speed a gather lasts 42 ms; a walk that is begun 0.3 s late works."""

    async def scene(stand: Stand, late: float) -> list[str]:
        caller = stand.caller()
        await asyncio.sleep(late)
        caller.begin(SIGN_IN)
        await caller.gone
        return [each.answer_class for each in stand.walked]

    routes = {**MENU, "/pin": "<Say>Enter a code</Say>"}
    assert drill(routes, lambda stand: scene(stand, 0.3), speed=120) == ["accepted"]
    assert drill(routes, lambda stand: scene(stand, 0.7), speed=120) == ["unreachable"]


def test_thinking_begins_with_the_prompt() -> None:
    """A walk that is begun a second after the prompt waits half a second more."""

    async def scene(stand: Stand) -> float:
        caller = stand.caller()
        await asyncio.sleep(4 / 2.5 + 1)
        caller.begin(SIGN_IN)
        await asyncio.sleep(20)
        return stand.app.asked[1].at - stand.app.asked[0].at

    assert drill(MENU, scene) == pytest.approx(4 / 2.5 + 1.5 + 3 * 0.7)


def test_one_walk_at_a_time() -> None:
    """Two fingers cannot follow two scripts."""

    async def scene(stand: Stand) -> None:
        caller = stand.caller()
        caller.begin(SIGN_IN)
        with pytest.raises(ValueError, match="walk 1 is under way"):
            caller.begin(REPORT)

    drill(MENU, scene)


def test_strokes_wait_and_refuse_what_is_no_key() -> None:
    """``w`` is half a second, ``W`` a whole one."""
    found = strokes("1wW2#", "1wW2#", think=1, gap=0.5)
    assert [(each.after, each.key) for each in found] == [(1, "1"), (2, "2"), (0.5, "#")]
    with pytest.raises(ValueError, match="'x' is no key"):
        strokes("x", "x", think=0, gap=0)


def test_the_same_seed_plays_the_same_calls() -> None:
    """Names, tokens, times and luck: one seed, one drill; another seed, another."""

    def play(seed: int) -> list[tuple[object, ...]]:
        async def scene(stand: Stand) -> list[tuple[object, ...]]:
            stand.carrier.switch_on("digits", {"share": 0.5, "how": "doubled"})
            stand.carrier.switch_on("drop", {"share": 0.3})
            callers = [stand.caller(f"c{n}-1") for n in range(20)]
            for caller in callers:
                caller.begin(replace(SIGN_IN, limit=100))
            await asyncio.sleep(200)
            for caller in callers:
                assert caller.call is not None
                caller.call.hang_up()
            await stand.carrier.tasks.settle()
            asked = [(a.at, a.path, a.params, a.headers) for a in stand.app.asked]
            return [*asked, *((w.answer_class, w.pressed, w.sent) for w in stand.walked)]

        return drill(MENU, scene, seed=seed)

    assert play(7) == play(7)
    assert play(7) != play(8)
