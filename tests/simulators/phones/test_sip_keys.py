"""Keys as RTP telephone events: sent by RFC 4733, heard by timestamp through loss and disorder."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.phones.sip.dtmf import GAP, KeyReader, packets, seconds_for
from simulators.phones.sip.rtp import Packet, Reception, parse, write


def row(digits: str, *, sequence: int = 65_530, timestamp: int = 0xFFFFFF00) -> list[Packet]:
    """The packets of a row of keys, with counters that are about to wrap."""
    made = packets(digits, payload_type=101, ssrc=7, sequence=sequence, timestamp=timestamp)
    return [packet for _, packet in made]


def sent(digits: str) -> list[Packet]:
    """The same after they have been datagrams."""
    read = [parse(write(packet)) for packet in row(digits)]
    assert None not in read
    return [packet for packet in read if packet is not None]


def heard(given: list[Packet]) -> str:
    reader = KeyReader()
    for packet in given:
        reader.take(packet)
    return reader.digits


@given(st.text(alphabet="0123456789*#", max_size=12))
def test_what_is_keyed_is_heard(digits: str) -> None:
    """Equal keys in a row are as many, also where timestamps and numbers wrap around."""
    assert heard(sent(digits)) == digits


@given(st.text(alphabet="0123456789", min_size=1, max_size=6), st.integers(0, 10**6))
def test_one_packet_of_each_key_is_enough(digits: str, seed: int) -> None:
    """Loss of all packets of a key but one, and doubling, change nothing."""
    rng, kept = Random(seed), list[Packet]()
    for start in dict.fromkeys(packet.timestamp for packet in sent(digits)):
        of_key = [packet for packet in sent(digits) if packet.timestamp == start]
        kept += [rng.choice(of_key)] * 2
    assert heard(kept) == digits


def test_a_key_that_is_overtaken_keeps_its_place() -> None:
    """The order of keys is that of their timestamps, not of their arrival."""
    first, second, third = (
        [packet for packet in sent("123") if packet.timestamp == start]
        for start in dict.fromkeys(packet.timestamp for packet in sent("123"))
    )
    assert heard([*first, *third, *second]) == "123"


def test_a_key_whose_every_packet_is_lost_is_missing() -> None:
    """What never arrived cannot be heard: eight packets in a row are needed for that."""
    gone = sent("5")
    lost = [packet for packet in sent("456") if packet.payload[0] != 5]
    assert heard(lost) == "46"
    assert len(gone) == 6


def test_a_key_ends_three_times() -> None:
    """The first packet is marked, durations grow, and the last three carry the end bit."""
    made = sent("8")
    assert [packet.marker for packet in made] == [True, False, False, False, False, False]
    assert [packet.payload[1] >> 7 for packet in made] == [0, 0, 0, 1, 1, 1]
    assert [int.from_bytes(packet.payload[2:]) for packet in made] == [160, 320, 480, 640, 640, 640]
    assert len({packet.timestamp for packet in made}) == 1


def test_keys_are_pressed_at_a_persons_pace() -> None:
    """Each packet is due 20 ms after the one before, and 60 ms lie between two keys."""
    due = [at for at, _ in packets("12", payload_type=101, ssrc=1, sequence=0, timestamp=0)]
    assert due[:3] == pytest.approx([0.0, 0.02, 0.04])
    assert due[6] == pytest.approx(seconds_for("1"))
    assert seconds_for("1") - due[5] == pytest.approx(GAP + 0.02)


def test_a_long_key_that_goes_on_is_one_key() -> None:
    """A key of more than 8.2 seconds is cut into segments, which are not keys of their own."""
    first = Packet(101, True, 1, 1000, 7, bytes([3, 10, 0xFF, 0xFF]))
    second = Packet(101, False, 2, 1000 + 0xFFFF, 7, bytes([3, 0x8A, 0, 80]))
    assert heard([first, second]) == "3"


def test_tones_that_are_no_keys_are_left_out() -> None:
    """A fax tone (event 36) or a flash (16) is nobody's digit."""
    assert heard([Packet(101, True, 1, 1, 7, bytes([each, 10, 0, 80])) for each in (16, 36)]) == ""


def test_loss_is_counted_by_sequence_numbers() -> None:
    """Of twelve packets two did not come; the wrap of the numbers is no loss."""
    reception = Reception()
    for number, packet in enumerate(sent("12")):
        if number not in (3, 8):
            reception.take(packet, number * 0.02)
    assert (reception.received, reception.missing) == (10, 2)


def test_what_is_no_rtp_is_not_read() -> None:
    """RTCP, short datagrams and other versions are left alone."""
    good = write(row("1")[0])
    assert parse(good) is not None
    assert parse(good[:11]) is None
    assert parse(bytes([0x80, 200]) + good[2:]) is None
    assert parse(b"\x00" + good[1:]) is None


def test_padding_and_extensions_are_not_part_of_the_payload() -> None:
    """What is left of a padded packet with an extension header is its four bytes."""
    packet = row("1")[0]
    plain = write(packet)
    extended = bytes([0xB0]) + plain[1:12] + b"\xbe\xde\x00\x01abcd" + plain[12:] + b"\x00\x00\x03"
    read = parse(extended)
    assert read is not None
    assert read.payload == packet.payload


@given(st.binary(max_size=64))
def test_no_datagram_breaks_the_reader(data: bytes) -> None:
    """Whatever arrives is a packet or is not."""
    packet = parse(data)
    if packet is None:
        return
    assert packet.payload in data
    assert parse(write(packet)) == packet
    KeyReader().take(packet)
