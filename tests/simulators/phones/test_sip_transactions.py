"""SIP transactions on a clock moved by hand: what is sent again, when, and for how long."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from simulators.phones.sip.message import Request, Response, answer, parse, write
from simulators.phones.sip.transaction import Address, ServerTransaction, Transactions

FAR: Address = ("127.0.0.1", 5070)


class HandClock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, _Timer]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> _Timer:
        timer = _Timer(callback, args)
        heapq.heappush(self._due, (self.now + delay, id(timer), timer))
        return timer

    def run(self, until: float) -> None:
        """Call what is due up to then."""
        while self._due and self._due[0][0] <= until:
            self.now, _, timer = heapq.heappop(self._due)
            timer.fire()
        self.now = until


class _Timer:
    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self._callback: Callable[..., object] | None = callback
        self._args = args

    def cancel(self) -> None:
        self._callback = None

    def fire(self) -> None:
        if self._callback is not None:
            self._callback(*self._args)


class Bench:
    """Transactions whose datagrams are kept with the moment they were sent."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.sent: list[tuple[float, bytes]] = []
        self.asked: list[tuple[Request, ServerTransaction | None]] = []
        self.heard: list[Response | None] = []
        self.layer = Transactions(
            self.clock,
            lambda data, to: self.sent.append((self.clock.now, data)),
            lambda request, source, server: self.asked.append((request, server)),
        )

    @property
    def moments(self) -> list[float]:
        return [moment for moment, _ in self.sent]

    def ask(self, method: str) -> None:
        self.layer.ask(method, "z9hG4bKa", datagram(method), FAR, self.heard.append)

    def hear(self, status: int, method: str) -> None:
        request = parse(datagram(method))
        assert isinstance(request, Request)
        self.layer.receive(parse(answer(request, status, "x", tag="far")), FAR)

    def be_asked(self, method: str, branch: str = "z9hG4bKa") -> None:
        self.layer.receive(parse(datagram(method, branch)), FAR)


def datagram(method: str, branch: str = "z9hG4bKa") -> bytes:
    lines = [
        f"Via: SIP/2.0/UDP 127.0.0.1:5070;branch={branch}", "From: <sip:a@x>;tag=1",
        "To: <sip:b@x>", "Call-ID: c", f"CSeq: 1 {method}", "Max-Forwards: 70",
    ]  # fmt: skip
    return write(f"{method} sip:b@127.0.0.1 SIP/2.0", lines)


def test_an_invite_that_nobody_answers_is_sent_seven_times_in_32_seconds() -> None:
    """Timer A doubles from half a second without a bound; timer B ends it (17.1.1.2)."""
    bench = Bench()
    bench.ask("INVITE")
    bench.clock.run(31.9)
    assert bench.moments == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert bench.heard == []
    bench.clock.run(40)
    assert bench.heard == [None]
    assert len(bench.sent) == 7
    assert len(bench.layer) == 0


def test_another_request_is_sent_every_four_seconds_at_most() -> None:
    """Timer E doubles up to T2; timer F ends it (17.1.2.2)."""
    bench = Bench()
    bench.ask("BYE")
    bench.clock.run(40)
    assert bench.moments == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert bench.heard == [None]


def test_a_ringing_invite_is_not_sent_again() -> None:
    """A provisional answer stops timers A and B: ringing may take as long as it likes."""
    bench = Bench()
    bench.ask("INVITE")
    bench.hear(180, "INVITE")
    bench.clock.run(100)
    assert bench.moments == [0.0]
    assert [each.status for each in bench.heard if each] == [180]


def test_a_request_in_progress_is_sent_every_four_seconds() -> None:
    """A provisional answer to another request slows its repetition to T2."""
    bench = Bench()
    bench.ask("BYE")
    bench.hear(100, "BYE")
    bench.clock.run(13)
    assert bench.moments == [0.0, 0.5, 4.5, 8.5, 12.5]


def test_a_refusal_is_acknowledged_each_time_it_comes_and_told_once() -> None:
    """The ACK has the INVITE's branch and the answer's To, and is repeated for 32 seconds."""
    bench = Bench()
    bench.ask("INVITE")
    bench.hear(486, "INVITE")
    bench.clock.run(31)
    bench.hear(486, "INVITE")
    assert [each.status for each in bench.heard if each] == [486]
    (_, ack), (_, again) = bench.sent[1:]
    assert ack == again
    message = parse(ack)
    assert isinstance(message, Request)
    assert message.method == "ACK"
    assert message.headers["via"] == ["SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKa"]
    assert message.headers["to"] == ["<sip:b@x>;tag=far"]
    assert message.headers["cseq"] == ["1 ACK"]
    bench.clock.run(40)
    bench.hear(486, "INVITE")
    assert bench.layer.strays == 1
    assert len(bench.sent) == 3


def test_an_answer_to_an_invite_is_repeated_until_its_ack() -> None:
    """200 goes out after 0.5, 1.5, 3.5, 7.5 s, then every 4 s, until 32 s are over (13.3.1.4)."""
    bench, given_up = Bench(), list[float]()
    bench.be_asked("INVITE")
    request, server = bench.asked[0]
    assert server is not None
    said = answer(request, 200, "OK", tag="us")
    server.respond(200, said, lambda: given_up.append(bench.clock.now))
    bench.clock.run(8)
    assert bench.moments == [0.0, 0.5, 1.5, 3.5, 7.5]
    bench.clock.run(50)
    assert bench.moments[5:] == [11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert given_up == [32.0]


def test_an_acknowledged_answer_is_not_repeated() -> None:
    """After the ACK nothing is sent, not even when the INVITE comes once more (RFC 6026)."""
    bench = Bench()
    bench.be_asked("INVITE")
    request, server = bench.asked[0]
    assert server is not None
    server.respond(200, answer(request, 200, "OK", tag="us"))
    server.acknowledged()
    bench.be_asked("INVITE")
    bench.clock.run(20)
    assert bench.moments == [0.0]
    assert len(bench.asked) == 1
    assert bench.layer.resent.heard_again == 1
    bench.clock.run(40)
    assert len(bench.layer) == 0


def test_the_ack_to_a_refusal_ends_it_by_its_branch() -> None:
    """An ACK with the INVITE's branch is the transaction's own and is told to nobody."""
    bench = Bench()
    bench.be_asked("INVITE")
    request, server = bench.asked[0]
    assert server is not None
    server.respond(486, answer(request, 486, "Busy Here", tag="us"))
    bench.clock.run(0.6)
    bench.be_asked("ACK")
    bench.clock.run(10)
    assert bench.moments == [0.0, 0.5]
    assert len(bench.asked) == 1


def test_a_request_that_comes_twice_is_answered_twice_and_asked_once() -> None:
    """The second copy gets the same answer, for 32 seconds (timer J)."""
    bench = Bench()
    bench.be_asked("BYE")
    request, server = bench.asked[0]
    assert server is not None
    server.respond(200, answer(request, 200, "OK"))
    bench.be_asked("BYE")
    assert len(bench.asked) == 1
    assert bench.sent[0][1] == bench.sent[1][1]
    bench.clock.run(34)
    bench.be_asked("BYE")
    assert len(bench.asked) == 2


def test_closing_leaves_no_timer_behind() -> None:
    """Nothing is sent and nobody is told after the end."""
    bench = Bench()
    bench.ask("INVITE")
    bench.be_asked("INVITE", branch="z9hG4bKb")
    request, server = bench.asked[0]
    assert server is not None
    server.respond(486, answer(request, 486, "Busy Here"))
    bench.layer.close()
    bench.clock.run(60)
    assert bench.moments == [0.0, 0.0]
    assert bench.heard == []
