"""SIP messages and session descriptions: what is read, what is written, what is refused."""

from __future__ import annotations

from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.phones.sip import sdp
from simulators.phones.sip.message import MessageError, Request, Response, answer, parse, sequence
from simulators.phones.sip.peers import PeerError, Peers, parse_address
from simulators.phones.sip.transaction import Transactions

INVITE = b"""INVITE sip:strike@127.0.0.1:5060 SIP/2.0\r
v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK0\r
f: "Doe, J" <sip:100@127.0.0.1>;tag=a\r
To: <sip:strike@127.0.0.1>\r
i: 1@x\r
CSeq: 7 INVITE\r
Subject: the lines\r
  are down\r
l: 4\r
\r
bodyrest"""


def test_short_names_folds_and_lengths_are_read() -> None:
    """Compact header names, a folded line and Content-Length are taken as RFC 3261 has them."""
    message = parse(INVITE)
    assert isinstance(message, Request)
    assert (message.method, message.uri) == ("INVITE", "sip:strike@127.0.0.1:5060")
    assert message.headers["call-id"] == ["1@x"]
    assert message.headers["subject"] == ["the lines are down"]
    assert message.body == b"body"
    assert sequence(message.headers) == (7, "INVITE")


def test_an_answer_copies_what_it_must_and_says_where_it_came_from() -> None:
    """Via, From, To with our tag, Call-ID and CSeq come back; the topmost Via says the port."""
    request = parse(INVITE)
    assert isinstance(request, Request)
    said = parse(answer(request, 486, "Busy Here", tag="us", source=("127.0.0.1", 6001)))
    assert isinstance(said, Response)
    assert said.status == 486
    first, _, second = said.headers["via"][0].partition(", ")
    assert first == "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport=6001;received=127.0.0.1"
    assert second == "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK0"
    assert said.headers["from"] == ['"Doe, J" <sip:100@127.0.0.1>;tag=a']
    assert said.headers["to"] == ["<sip:strike@127.0.0.1>;tag=us"]
    assert said.headers["content-length"] == ["0"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"SIP/2.0\r\nv:", b"HTTP/1.1\r\nv:", "the version is 'HTTP/1.1'"),
        (b"\r\n\r\n", b"", "no empty line"),
        (b"i: 1@x\r\n", b"", "the header call-id is missing"),
        (b"l: 4", b"l: 400", "Content-Length is '400', the body has 8 bytes"),
        (b"To: <", b"To <", "a header without a colon|the header to is missing"),
        (b"Doe", b"D\xff", "not UTF-8"),
        (b"7 INVITE", b"2147483648 INVITE", "CSeq is '2147483648 INVITE'"),
    ],
)
def test_what_is_no_message_is_refused(old: bytes, new: bytes, told: str) -> None:
    """The text says what is wrong with the datagram."""
    assert old in INVITE
    with pytest.raises(MessageError, match=told):
        sequence(parse(INVITE.replace(old, new, 1)).headers)


@given(st.binary(max_size=200), st.integers(0, len(INVITE)))
def test_no_datagram_breaks_the_reader(junk: bytes, at: int) -> None:
    """Whatever arrives is a message or is refused."""
    for data in (junk, INVITE[:at] + junk + INVITE[at:]):
        try:
            message = parse(data)
            number, method = sequence(message.headers)
        except MessageError:
            continue
        assert 0 <= number < 2**31
        assert method
        assert message.body in data


PLACES = (
    b"SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK0",
    b"a\r\n",
    b"strike@127.0.0.1",
    b"127.0.0.1",
    b"5060",
    b"7 INVITE",
    b"4\r\n",
    b"body",
)


@given(st.binary(max_size=30) | st.just(b"9" * 5000), st.sampled_from(PLACES))
def test_no_request_breaks_what_answers_it(junk: bytes, place: bytes) -> None:
    """A request with anything at all in one place is answered, or refused as no message."""
    data = INVITE.replace(place, junk, 1)
    sent: list[bytes] = []
    layer = Transactions(
        _NoTime(), lambda said, to: sent.append(said), lambda request, source, server: None
    )
    try:
        message = parse(data)
        layer.receive(message, ("127.0.0.1", 6001))
    except MessageError:
        return
    assert isinstance(message, Request)
    parse(answer(message, 486, "Busy Here", tag="us", source=("127.0.0.1", 6001)))


class _NoTime:
    """No transaction sets a timer before it is answered."""

    def time(self) -> float:
        return 0.0

    def call_later(self, delay: float, callback: object, *args: object) -> NoReturn:
        raise AssertionError


@given(st.binary(max_size=30) | st.just(b"9" * 5000), st.integers(0, 120))
def test_no_description_breaks_its_reader(junk: bytes, at: int) -> None:
    """Whatever a body holds is a description or is refused."""
    offer = sdp.offer("127.0.0.1", 6000, 1)
    for body in (offer[:at] + junk + offer[at:], offer[:at] + junk):
        try:
            streams = sdp.parse(body)
        except sdp.DescriptionError:
            continue
        answered = sdp.parse(sdp.answer(streams, "127.0.0.1", 7000, 1))
        assert len(answered) == len(streams)


def test_an_offer_is_answered_with_its_own_event_type() -> None:
    """SIPp sends keys as type 96: the answer takes what the offer says, and refuses video."""
    offer = (
        b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        b"m=audio 6000 RTP/AVP 9 8 96\r\na=rtpmap:96 telephone-event/8000\r\n"
        b"m=video 6002 RTP/AVP 34\r\n"
    )
    streams = sdp.parse(offer)
    taken = sdp.audio(streams)
    assert taken is not None
    assert (taken.host, taken.port, taken.codec, taken.events) == ("127.0.0.1", 6000, sdp.PCMA, 96)
    said = sdp.parse(sdp.answer(streams, "127.0.0.1", 7000, 1))
    assert [(each.kind, each.port) for each in said] == [("audio", 7000), ("video", 0)]
    assert said[0].formats == ("8", "96")
    assert said[0].events == 96


def test_our_offer_can_be_read_back() -> None:
    """Two codecs and telephone events, at the address given."""
    (stream,) = sdp.parse(sdp.offer("127.0.0.1", 6000, 1))
    assert (stream.host, stream.port, stream.codec) == ("127.0.0.1", 6000, sdp.PCMU)
    assert stream.events == sdp.EVENTS


@pytest.mark.parametrize(
    "body", [b"hello", b"v=0\r\nm=audio\r\n", b"v=0\r\nm=audio 99999 RTP/AVP 0\r\n"]
)
def test_what_is_no_description_is_refused(body: bytes) -> None:
    """A stream without a port that exists cannot be sent to."""
    with pytest.raises(sdp.DescriptionError):
        sdp.parse(body)


def test_a_stream_without_a_codec_of_ours_is_not_taken() -> None:
    """G.722 alone is refused, as is a stream whose port is 0."""
    assert sdp.audio(sdp.parse(b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 6000 RTP/AVP 9\r\n")) is None
    assert sdp.audio(sdp.parse(b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n")) is None


def test_only_this_machine_and_own_hosts_are_peers() -> None:
    """All of 127.0.0.0/8 is this machine; names are never looked up."""
    peers = Peers(["192.0.2.5:5060"])
    assert peers.allows("127.0.0.1")
    assert peers.allows("127.8.8.8")
    assert peers.allows("192.0.2.5")
    assert not peers.allows("192.0.2.6")
    assert not peers.allows("localhost")
    assert not Peers().allows("192.0.2.5")


@pytest.mark.parametrize("text", ["pbx.example.org", "127.0.0.1:http", "127.0.0.1:70000", "::1"])
def test_an_address_must_be_one(text: str) -> None:
    """The message shows what an address looks like."""
    with pytest.raises(PeerError, match=r"127\.0\.0\.1:5060|0 to 65535"):
        parse_address(text)
