"""Seeded defects of phone drills: what each check of phones must say of them."""

from __future__ import annotations

import orjson
from build_run import SECOND, Run, record_key, report
from checks_cases import case, rows

from simulators.phones.trace import CallTrace, lost_calls


def keyed(run: Run, code: str, *, at: float, stands: str | None = None, **columns: object) -> None:
    """One voter's code keyed on a phone, and what stands in the app for it."""
    record = f"WI-0001-{code}"
    run.operate(
        "submit_report", f"k-{record}", at=at, record=record, values=report(50), channel="voice",
        role="poll_watcher", home="", **columns,
    )  # fmt: skip
    if stands is not None:
        run.stored(f"WI-0001-{stands}", report(50))


@case(digits__store="pass", keypad__voice="pass")
def codes_are_keyed_and_stand(run: Run) -> None:
    for code in ("4711", "1234"):
        keyed(run, code, at=20, stands=code)


@case(digits__store="fail", lost="fail")
def a_code_stands_as_another(run: Run) -> None:
    keyed(run, "4711", at=20, stands="4771")


@case(digits__store="pass", lost="fail", phantom="pass")
def a_code_is_lost_and_nothing_like_it_stands(run: Run) -> None:
    keyed(run, "4711", at=20)


@case(digits="unknown")
def codes_in_a_reader_that_cannot_be_read(run: Run) -> None:
    keyed(run, "4711", at=20, stands="4711")
    run.info["unread"] = [
        {"reader": "store", "round": "settled", "why": "HTTP 500"},
    ]


@case(digits__store="unknown")
def codes_while_the_injects_touched_nothing(run: Run) -> None:
    keyed(run, "4711", at=20, stands="4711")
    for inject in run.injects:
        inject["touched"] = 0


def garbled(run: Run, came: str, *, outcome: str = "refused", at: float = 20.0) -> None:
    """4711 is keyed in a call of its own, and the line makes another code of it."""
    keyed(run, "4711", at=at, outcome=outcome)
    run.webhook("action", at=at, sid="CA9", keyed=came)
    call = run.calls[0] | {"caller": 0, "line": "strike", "cause": "hung_up", "sid": "CA9"}
    run.calls.append(call)


def keyed_again(run: Run) -> None:
    keyed(run, "4711", at=25, stands="4711", attempt=2)


@case(garbled="pass", phantom="pass", digits__store="pass", lost="pass", keypad="pass")
def a_doubled_key_makes_a_code_that_is_read_back(run: Run) -> None:
    garbled(run, "4471")
    run.stored("WI-0001-4471", report(50))
    keyed_again(run)


@case(garbled="pass", phantom="fail")
def nothing_the_line_made_is_what_stands(run: Run) -> None:
    garbled(run, "4471")
    run.stored("WI-0001-4481", report(51))
    keyed_again(run)


@case(garbled="pass", duplicate="fail", phantom="pass")
def what_the_line_made_counts_twice(run: Run) -> None:
    garbled(run, "4471")
    run.stored("WI-0001-4471", report(50))
    run.stored("WI-0001-4471", report(50))
    keyed_again(run)


@case(garbled="fail", lost="fail", digits__store="fail", phantom="pass")
def a_doubled_key_makes_a_code_that_is_taken_for_what_was_keyed(run: Run) -> None:
    garbled(run, "4471", outcome="ok")
    run.stored("WI-0001-4471", report(50))


@case(garbled="unknown", phantom="pass")
def nobody_heard_what_became_of_a_garbled_code(run: Run) -> None:
    garbled(run, "4471", outcome="unknown")
    run.stored("WI-0001-4471", report(50))


@case(garbled="pass", keypad__voice="pass")
def a_garbled_code_is_refused_while_the_generator_stalls(run: Run) -> None:
    """It was keyed right, and what came was wrong: nothing that the app turned away is in doubt."""
    keyed(run, "1234", at=19, stands="1234")
    on_the_list(run, "4711", 20)
    garbled(run, "4471")
    del run.history[-1]
    run.info["generator"]["lateness_p99"] = 30.0


@case(garbled="not_applicable", already_have_it="fail")
def a_code_is_had_already_that_never_came(run: Run) -> None:
    keyed(run, "4471", at=30, stands="4471", answer_class="already_have_it")


@case(garbled="pass", already_have_it="pass")
def a_code_is_had_already_that_the_line_made(run: Run) -> None:
    garbled(run, "4471")
    keyed_again(run)
    keyed(run, "4471", at=30, stands="4471", answer_class="already_have_it")


@case(keypad__voice="unknown")
def no_code_is_ever_taken(run: Run) -> None:
    keyed(run, "4711", at=20, outcome="refused")


def on_the_list(run: Run, code: str, at: float, *, channel: str = "voice") -> None:
    """A code that is on the list, keyed right, to which the app says no."""
    keyed(run, code, at=at, outcome="refused")
    run.history[-1]["channel"] = channel
    values = list(report(50))
    truth = {"record": f"WI-0001-{code}", "values": values, "true_values": values, "errors": []}
    run.reports.append(truth)


@case(keypad__voice="pass")
def a_right_code_is_refused(run: Run) -> None:
    keyed(run, "1234", at=20, stands="1234")
    on_the_list(run, "4711", 21)


@case(keypad__voice="unknown")
def a_right_code_is_refused_while_the_generator_stalls(run: Run) -> None:
    a_right_code_is_refused(run)
    run.info["generator"]["lateness_p99"] = 30.0


@case(keypad__voice="pass")
def a_wrong_code_is_refused(run: Run) -> None:
    keyed(run, "1234", at=20, stands="1234")
    keyed(run, "4711", at=21, outcome="refused")


@case(keypad__sms="unknown")
def a_right_code_is_refused_with_the_text_it_was_in(run: Run) -> None:
    on_the_list(run, "4711", 21, channel="sms")


# -- lists of voters ----------------------------------------------------------------------------


def lists(run: Run, *codes: str) -> None:
    """Two precincts with the same codes on their lists, instead of a caucus."""
    run.history, run.readback = [], []
    run.precincts = [
        run.precincts[0] | {"record": f"WI-{n}", "precinct": n} for n in ("0001", "0002")
    ]
    run.voters = [{"precinct": n, "code": code} for n in ("0001", "0002") for code in codes]


@case(unlisted="pass", misattributed__store="pass")
def a_code_that_is_on_no_list_is_refused(run: Run) -> None:
    lists(run, "4711")
    keyed(run, "4711", at=20, stands="4711")
    keyed(run, "1234", at=21, outcome="refused")


@case(unlisted="fail", lost="pass", phantom="pass")
def a_code_that_is_on_no_list_is_taken(run: Run) -> None:
    lists(run, "4711")
    keyed(run, "1234", at=21, stands="1234")


@case(unlisted="unknown")
def nobody_knows_what_came_of_a_code_that_is_on_no_list(run: Run) -> None:
    lists(run, "4711")
    keyed(run, "4711", at=20, stands="4711")
    keyed(run, "1234", at=21, outcome="unknown")


@case(unlisted="not_applicable")
def every_code_is_on_its_list(run: Run) -> None:
    lists(run, "4711")
    keyed(run, "4711", at=20, stands="4711")


@case(misattributed__store="fail", lost="fail", digits__store="pass")
def a_code_stands_in_another_precinct(run: Run) -> None:
    lists(run, "4711")
    keyed(run, "4711", at=20)
    run.stored("WI-0002-4711", report(50))


@case(misattributed__store="unknown")
def lists_that_cannot_be_read(run: Run) -> None:
    lists(run, "4711")
    keyed(run, "4711", at=20, stands="4711")
    run.info["unread"] = [{"reader": "store", "round": "settled", "why": "HTTP 500"}]


# -- the phone carrier --------------------------------------------------------------------------


def requests(run: Run) -> None:
    """Three requests that went well."""
    for number in range(3):
        run.webhook("menu", at=20 + number)


@case(signatures="unknown", webhook_time="pass", fallback="not_applicable")
def nobody_forged_a_request(run: Run) -> None:
    requests(run)


@case(signatures="pass")
def forged_requests_are_turned_away(run: Run) -> None:
    run.webhook("forged", at=1, status=403)


@case(signatures="fail")
def a_forged_request_is_served(run: Run) -> None:
    run.webhook("forged", at=1, status=403)
    run.webhook("forged", at=2, status=200)


@case(vacuity="unknown")
def nobody_is_ever_served_on_a_line(run: Run) -> None:
    run.calls = [row | {"line": "help", "cause": "failed"} for row in run.calls]


@case(vacuity="pass")
def only_nuisance_is_never_served(run: Run) -> None:
    run.calls += [
        row | {"line": "help", "cause": "failed", "role": "nuisance"} for row in run.calls
    ]


@case(webhook_time="pass")
def the_app_fails_when_it_is_told_how_a_call_went(run: Run) -> None:
    requests(run)
    run.webhook("status", at=24, status=500, error=11200)


@case(webhook_time="unknown")
def the_generator_stalled_while_the_carrier_asked(run: Run) -> None:
    requests(run)
    run.info["generator"]["lateness_p99"] = 30.0


@case(fallback="pass")
def the_fallback_speaks(run: Run) -> None:
    run.webhook("menu", at=20, status=500, error=11200)
    run.webhook("menu", at=20.1, fallback=True)


@case(fallback="fail")
def the_fallback_fails_as_well(run: Run) -> None:
    run.webhook("menu", at=20, status=500, error=11200)
    run.webhook("menu", at=20.1, fallback=True, status=500, error=11200)


@case(fallback="unknown")
def the_fallback_went_down_with_the_app(run: Run) -> None:
    run.webhook("menu", at=20, status=None, error=11205)
    run.webhook("menu", at=20.1, fallback=True, status=None, error=11205)


@case(opt_out="pass")
def who_said_stop_is_left_alone(run: Run) -> None:
    run.info["carrier"] = {"texts": {"opted_out": 2}}
    requests(run)


@case(opt_out="fail")
def who_said_stop_gets_a_text(run: Run) -> None:
    run.info["carrier"] = {"texts": {"opted_out": 2}}
    run.webhook("unwanted", at=30, status=None, error=21610, detail="sent after STOP")


# -- a line tested with real calls -----------------------------------------------------------------


def line_test(run: Run, *, lines: int, claimed: int = 10, ended: bool = True) -> None:
    """Four hundred calls to a line that claims ten calls at once and has ``lines``."""
    load, hold = 1.25 * claimed + 1, 1.0
    trace = CallTrace.poisson(400, per_second=load / hold, mean_hold=hold, seed=1, digits=0)
    lost = lost_calls(trace, lines)
    said = [{"k": "header", "line": "strike", "lines": claimed, "load": load, "speed": 120.0}]
    for place, call in enumerate(trace.calls):
        at, through = call.at_ms / 1000, place not in lost
        said.append(
            {"k": "call", "position": place, "caller": place, "dialled": at, "digits": "",
             "answered": at if through else None, "id": f"{place}",
             "ended": at + call.hold_ms / 1000 if through else at,
             "cause": "served" if through else "busy"}
        )  # fmt: skip
    if ended:
        said.append({"k": "trailer"})
        said[-1]["calls"] = len(trace.calls)
    run.ledger["sip-strike.jsonl"] = "".join(orjson.dumps(each).decode() + "\n" for each in said)
    run.ledger["sip-strike.csv"] = trace.to_csv()


@case(line_capacity="pass")
def a_line_is_as_large_as_claimed(run: Run) -> None:
    line_test(run, lines=10)


@case(line_capacity="fail")
def a_line_is_smaller_than_claimed(run: Run) -> None:
    line_test(run, lines=6)


@case(line_capacity="unknown")
def the_line_test_broke_off(run: Run) -> None:
    line_test(run, lines=10, ended=False)


@case(line_capacity="not_drilled")
def the_line_could_not_be_called(run: Run) -> None:
    run.info["target"]["not_drilled"] = ["sip"]


# -- what people do around a fault --------------------------------------------------------------


def tries(run: Run, start: float, end: float, *, every: float = 0.2, outcome: str = "ok") -> None:
    """Twelve people who sign in again and again; wall seconds."""
    for number in range(int((end - start) / every)):
        who = number % 12
        run.operate(
            "sign_in", f"again-{who}", at=start + number * every, who=who, values=(1,),
            home=record_key(who), outcome=outcome,
        )  # fmt: skip


def only_restart(run: Run) -> None:
    """From 1,000 to 1,300 drill seconds, which is 8.3 to 10.8 s: before anybody has reported."""
    del run.injects[1], run.info["injects"][1]
    run.injects[0] |= {"started_drill": 1000.2, "ended_drill": 1300.1}


def around(run: Run, *, during: str = "unknown", after: str = "ok", every: float = 0.2) -> None:
    only_restart(run)
    tries(run, 2.0, 8.3)
    tries(run, 8.4, 10.8, outcome=during)
    tries(run, 10.9, 20.0, outcome=after, every=every)


@case(recovery="pass", retry_storm="pass")
def people_get_through_again(run: Run) -> None:
    around(run)


@case(recovery="fail")
def nobody_gets_through_again(run: Run) -> None:
    around(run, after="unknown")
    run.history = [row for row in run.history if row["intended"] < 10.8 * SECOND or
                   row["outcome"] != "ok"]  # fmt: skip


@case(recovery="fail")
def it_is_never_as_before(run: Run) -> None:
    around(run)
    after = [row for row in run.history if row["intended"] > 10.9 * SECOND]
    for number, row in enumerate(after):
        row["outcome"] = "unknown" if number % 2 else row["outcome"]


@case(recovery="unknown")
def it_may_be_chance_that_some_fail_again(run: Run) -> None:
    """One in nine: never thirty in a row as before, and too few to tell that from bad luck."""
    around(run)
    after = [row for row in run.history if row["intended"] > 10.9 * SECOND]
    for number, row in enumerate(after):
        row["outcome"] = "unknown" if number % 9 == 0 else row["outcome"]


@case(recovery="unknown", retry_storm="unknown")
def hardly_anybody_tries_again(run: Run) -> None:
    only_restart(run)
    tries(run, 2.0, 8.3)
    run.history = [row for row in run.history if row["intended"] < 10.8 * SECOND]


@case(recovery="unknown")
def nobody_was_there_before(run: Run) -> None:
    around(run)
    run.history = [row for row in run.history if row["intended"] > 8.3 * SECOND]


@case(recovery="not_applicable", retry_storm="not_applicable", digits="not_applicable",
      keypad="not_applicable", signatures="not_applicable", opt_out="not_applicable",
      webhook_time="not_applicable")  # fmt: skip
def nothing_was_broken_and_nobody_phoned(run: Run) -> None:
    run.injects, run.info["injects"] = [], []
    assert rows(run, 1)
