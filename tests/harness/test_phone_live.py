"""Calls and texts through every real process: engines, carrier, and a small app that is phoned."""

from __future__ import annotations

import os
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import polars as pl
import pytest
from phone_stand import report, watcher

from harness.channels.carrier import Carrier, CarrierError
from harness.engine.conduct import ConductResult, conduct
from harness.engine.order import Order
from harness.engine.parts import Parts
from harness.injects.phone import CarrierFault
from harness.injects.schedule import Schedule
from harness.ledger import Sealed, seal
from harness.record import RunFolder
from harness.replay import _phone as replay_phone
from harness.target import Run, Target, TargetError, load_target
from harness.target.preflight import preflight
from harness.target.process import Process
from simulators.behaviours.protocol import Behaviour, Call, HangUp, SignIn, Submit, Text
from simulators.lines import Lines, MenuLine
from simulators.stage import Participant

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CALLERS, CODES = 40, 3
SPEED = 40.0

pytestmark = pytest.mark.live


def code_of(index: int, n: int) -> str:
    return f"{1000 + index * 10 + n}"


def caller(index: int) -> Behaviour:
    """Phones, signs in, keys codes, hangs up; every tenth caller mistypes the PIN."""
    yield Call("strike")
    answer = yield SignIn(("0012", "9999" if index % 10 == 9 else "4321"))
    if answer.outcome == "ok":
        for n in range(CODES):
            yield Submit(report(code_of(index, n)))
    yield HangUp()


def texter(index: int) -> Behaviour:
    """Sends all codes in one text."""
    reports = tuple(report(code_of(index, n)) for n in range(CODES))
    yield Text("strike", reports, within=10.0)


def live_parts(order: Order) -> Parts:
    """Callers and, one in four, texters, dealt out among the engines."""
    target = load_target(
        order.target, base_url=order.base_url, run=Run(order.run, fields=("voted",))
    )
    behaviours = [texter if index % 4 == 3 else caller for index in range(CALLERS)]
    everybody = [
        Participant(index, index * 4.0, watcher(index), None, partial(behave, index))
        for index, behave in enumerate(behaviours)
    ]
    return Parts(
        everybody[order.shard :: order.shards], target, Lines(menus=(MenuLine("strike"),)),
        phone=target.phone,
    )  # fmt: skip


@dataclass
class Drilled:
    """What came of one drill."""

    folder: RunFolder
    result: ConductResult
    sealed: Sealed
    counts: dict[str, Any]
    codes: Counter[str]
    injects: pl.DataFrame
    forged: list[dict[str, Any]]

    def history(self) -> pl.DataFrame:
        return self.folder.history.with_columns(
            pl.col("kind", "channel", "outcome", "answer_class").cast(pl.String)
        ).collect()

    def webhooks(self) -> pl.DataFrame:
        return self.folder.webhooks.with_columns(
            pl.col("purpose", "fault").cast(pl.String)
        ).collect()


def described(defect: str = "") -> Target:
    environment = {
        **os.environ, "PHONE_APP_DEFECT": defect,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}",
    }  # fmt: skip
    return load_target(
        HERE / "phone_app.yaml", environment=environment, run=Run("test", fields=("voted",))
    )


def codes_in(target: Target) -> Counter[str]:
    """Every code that the app holds, as often as it holds it."""
    with urllib.request.urlopen(f"{target.base_url}/codes", timeout=5) as answer:
        return Counter(orjson.loads(answer.read())["codes"])


@contextmanager
def standing(target: Target, folder: Path) -> Iterator[Carrier]:
    """The carrier, and then the app, which has the carrier's account in its environment."""
    with Carrier(target, folder, speed=SPEED) as carrier:
        process = Process(target, folder)
        process.environment |= carrier.environment
        with process:
            yield carrier


def drill(
    place: Path, monkeypatch: pytest.MonkeyPatch, *faults: tuple[str, dict[str, Any]],
    defect: str = "", workers: int = 1,
) -> Drilled:  # fmt: skip
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{HERE}")
    monkeypatch.setenv("PHONE_APP_DEFECT", defect)  # engines read the description too
    folder, target = RunFolder.create(place / "run"), described(defect)
    folder.write_info({"fields": ["voted"]})
    with standing(target, folder.path) as carrier:
        forged = carrier.forge()
        injects = [
            CarrierFault(f"x-{name}", 0.0, 1e6, f"phone.{name}", name, settings, carrier)
            for name, settings in faults
        ]
        schedule = Schedule(injects, speed=SPEED, journal=folder.path / "ledger" / "injects.jsonl")
        order = {
            "folder": str(folder.path), "night": {}, "target": target.reference,
            "base_url": target.base_url, "seed": 1, "speed": SPEED, "start_at": None,
            "ends_drill": 20 * SPEED, "max_in_flight": 100, "grace": 5.0, "run": "test",
            "carrier": carrier.control, "parts": "test_phone_live:live_parts",
        }  # fmt: skip
        with schedule.undone():
            result = conduct(
                order, workers, lambda figures: None, threading.Event(), on_start=schedule.begin
            )
        taken, counts = codes_in(target), carrier.counts()
    sealed = seal(folder, workers=workers)
    return Drilled(
        RunFolder.open(folder.path), result, sealed, counts, taken, schedule.table(),
        forged,
    )  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drilled]:
    """One drill without any fault, by two engines."""
    with pytest.MonkeyPatch.context() as patch:
        yield drill(tmp_path_factory.mktemp("clean"), patch, workers=2)


def sent_by(drilled: Drilled) -> Counter[str]:
    """The codes that the app said yes to."""
    said_yes = drilled.history().filter(
        pl.col("kind") == "submit_report", pl.col("answer_class") == "accepted"
    )
    return Counter(record.rpartition("-")[2] for record in said_yes["record"])


def test_every_code_that_was_keyed_or_texted_stands_in_the_app(clean: Drilled) -> None:
    """Nothing is lost, doubled or altered on a clean night, and nobody is left in doubt."""
    assert clean.result.state == "finished", clean.result.problems
    callers = [index for index in range(CALLERS) if index % 10 != 9 or index % 4 == 3]
    expected = Counter(code_of(index, n) for index in callers for n in range(CODES))
    assert clean.codes == expected
    assert sent_by(clean) == expected
    history = clean.history()
    assert set(history["channel"]) == {"voice", "sms"}
    assert set(history["outcome"]) == {"ok", "refused"}
    wrong = history.filter(pl.col("outcome") == "refused")
    assert set(wrong["kind"]) == {"sign_in"}
    assert len(wrong) == CALLERS - len(callers)


def test_every_call_is_told_of_whole(clean: Drilled) -> None:
    """Its keys are counted, its end is known, and its name is the carrier's."""
    calls = clean.folder.calls.with_columns(pl.col("cause").cast(pl.String)).collect()
    assert set(calls["cause"]) <= {"hung_up", "app_hung_up"}
    served = calls.filter(pl.col("digits") > 8)  # the others were told that their PIN is wrong
    assert set(served["digits"]) == {8 + 4 * CODES}
    assert set(served["cause"]) == {"hung_up"}
    assert set(calls["sid"]) == set(clean.webhooks().filter(pl.col("purpose") == "voice")["sid"])
    assert clean.counts["open"] == 0


def test_what_the_carrier_asked_is_sealed_on_the_drills_clock(clean: Drilled) -> None:
    """Each call begins with a request after the barrier; forgeries came before it."""
    assert clean.sealed.problems == ()
    webhooks = clean.webhooks()
    calls = len(clean.folder.calls.collect())
    by = Counter(webhooks["purpose"])
    assert by["voice"] == calls
    assert by["text"] == sum(index % 4 == 3 for index in range(CALLERS))
    assert by["forged"] == 3
    assert (webhooks.filter(pl.col("purpose") == "forged")["sent"] < 0).all()
    assert (webhooks.filter(pl.col("purpose") != "forged")["sent"] > 0).all()
    assert set(webhooks.filter(pl.col("purpose") == "forged")["status"]) == {403}
    assert webhooks.filter(pl.col("error") != 0, pl.col("purpose") != "forged").is_empty()
    assert [(said["voice"], said["text"]) for said in clean.forged] == [(403, 403), (403, None)]


def test_times_of_a_walk_are_in_order(clean: Drilled) -> None:
    """Intended, released, sent and done; what was keyed went out before its answer was heard."""
    history = clean.history().filter(pl.col("sent").is_not_null())
    assert len(history) == len(clean.history())
    for earlier, later in (("intended", "released"), ("released", "sent"), ("sent", "done")):
        late = history.filter(pl.col(earlier) > pl.col(later) + 2_000_000)  # two clocks: 2 ms
        assert late.is_empty(), late.select(earlier, later)


def test_dropped_calls_leave_doubts_that_the_app_can_settle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the app holds is what was said yes to, and perhaps what nobody knows; no more."""
    dropped = drill(tmp_path, monkeypatch, ("drop", {"share": 0.5}))
    causes = dropped.folder.calls.collect()["cause"].cast(pl.String).to_list()
    assert causes.count("dropped") > 0
    (inject,) = dropped.injects.rows(named=True)
    assert inject["touched"] >= causes.count("dropped")  # some ended before they would drop
    assert inject["undone"]
    possible = dropped.history().filter(
        pl.col("kind") == "submit_report", pl.col("outcome") != "refused"
    )
    held, yes = set(dropped.codes), set(sent_by(dropped))
    assert yes <= held <= {record.rpartition("-")[2] for record in possible["record"]}


def test_a_webhook_taken_twice_shows_as_a_code_taken_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app that ignores idempotency tokens holds codes more often than they were keyed."""
    doubled = ("doubled", {"share": 1.0})
    defective = drill(tmp_path, monkeypatch, doubled, defect="twice")
    assert max(defective.codes.values()) == 2
    assert max(sent_by(defective).values()) == 1
    asked = defective.webhooks().filter(pl.col("purpose") == "action")
    again = asked.filter(pl.col("fault") == "doubled")
    assert 0 < len(again) <= len(asked.filter(pl.col("token").is_duplicated())) / 2


def test_an_app_that_looks_at_no_signature_is_found_out(tmp_path: Path) -> None:
    """The forged request is answered as any other, and the check says so."""
    probes = {probe.name: probe for probe in preflight(described("unsigned"), folder=tmp_path)}
    assert not probes["forged.strike.voice"].ok
    assert probes["forged.strike.voice"].found == "200"
    assert probes["voice.submit_report"].ok


def test_target_check_walks_every_menu_once(tmp_path: Path) -> None:
    """One call, one text and a forgery, each as it should be."""
    probes = preflight(described(), folder=tmp_path)
    assert [(probe.name, probe.ok) for probe in probes] == [
        ("reachable", True),
        ("call.strike", True),
        ("voice.sign_in", True),
        ("voice.submit_report", True),
        ("call.help", True),
        ("sms.submit_report", True),
        ("forged.strike.voice", True),
        ("forged.strike.text", True),
        ("forged.help.voice", True),
    ]
    assert probes[3].found.startswith("accepted: ")


@pytest.mark.parametrize("channel", ["voice", "sms"])
def test_a_record_that_was_phoned_in_is_phoned_in_again(channel: str, tmp_path: Path) -> None:
    """A replay keys the code in a call of its own, or texts it, as it was on the night."""
    row = {
        "op": "s-4711", "attempt": 1, "kind": "submit_report", "channel": channel, "version": 1,
        "record": "WI-0012-4711", "values": [1],
    }  # fmt: skip
    target = described()
    with standing(target, tmp_path) as carrier:
        bench = SimpleNamespace(name="tiny", carrier=carrier)
        answered = replay_phone(bench, watcher(), row, "again")  # type: ignore[arg-type]
        taken = codes_in(target)
    assert answered.answer_class == "accepted"
    assert taken == Counter(["4711"])


def test_secrets_are_in_no_file(clean: Drilled) -> None:
    """Neither the account nor the token is written down; the app had them in its environment."""
    target = described()
    carrier = Carrier(target, clean.folder.path.parent, speed=1.0)
    account = carrier._account
    assert len(account.sid) == 34
    text = b"".join(
        path.read_bytes() for path in clean.folder.path.rglob("*") if path.suffix == ".jsonl"
    )
    assert b'"token":"AC' not in text
    assert target.redact(f"it said {account.token}") == "it said (secret)"


def test_the_carrier_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """It goes when its standard input closes, and then answers nobody."""
    carrier = Carrier(described(), tmp_path, speed=1.0)
    carrier.start()
    child = carrier._child._process
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()  # as the kernel does for a process that was killed
    assert child.wait(10) == 0
    with pytest.raises(CarrierError, match="does not answer"):
        carrier.counts()
    carrier.close()


def test_an_app_that_runs_already_needs_its_account(tmp_path: Path) -> None:
    """Nobody can sign for an account that they do not know."""
    with pytest.raises(TargetError, match="export CARRIER_ACCOUNT and CARRIER_TOKEN"):
        Carrier(described(), tmp_path, speed=1.0, running=True)
