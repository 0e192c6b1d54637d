"""Session descriptions of a phone call: one audio stream and its telephone events.

RFC 8866 for the format, RFC 3264 for offer and answer, RFC 4733 for telephone events.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PCMU, PCMA = 0, 8  # static payload types, RFC 3551
OURS = (PCMU, PCMA)
EVENTS = 101  # the payload type of telephone events in our own offers
_DYNAMIC = {str(each) for each in range(96, 128)}
_OURS = {str(each) for each in OURS}
_NAMES = {PCMU: "PCMU/8000", PCMA: "PCMA/8000"}


class DescriptionError(ValueError):
    """A session description that cannot be read; the text says what is wrong with it."""


@dataclass(frozen=True)
class Stream:
    """One ``m=`` section.

    Attributes:
        kind: ``audio``, ``video``, ...
        host: Where packets are to go.
        port: The same; 0 if the stream is refused.
        profile: ``RTP/AVP`` or another.
        formats: Payload types in the order of preference, as written.
        events: Payload type of ``telephone-event/8000``, None if there is none.
    """

    kind: str
    host: str
    port: int
    profile: str
    formats: tuple[str, ...]
    events: int | None = None

    @property
    def codec(self) -> int | None:
        """The first payload type that we speak too; None if there is none."""
        return next((int(each) for each in self.formats if each in _OURS), None)


@dataclass
class _Section:
    words: list[str]
    host: str
    events: int | None = field(default=None)


def parse(body: bytes) -> tuple[Stream, ...]:
    """The streams of a description, in order.

    Raises:
        DescriptionError: If it is not one.
    """
    text = body.decode("utf-8", "replace")
    if not text.startswith("v=0"):
        raise DescriptionError(f"it begins with {text[:20]!r}, not with v=0")
    host, sections = "", list[_Section]()
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key == "m":
            sections.append(_Section(value.split(), host))
        elif key == "c" and value.startswith("IN IP4 "):
            named = value[7:].strip().partition("/")[0]
            if sections:
                sections[-1].host = named
            else:
                host = named
        elif key == "a" and sections and value.startswith("rtpmap:"):
            number, _, name = value[7:].partition(" ")
            if name.lower().startswith("telephone-event/8000") and number in _DYNAMIC:
                sections[-1].events = int(number)
    return tuple(_stream(each) for each in sections)


def _stream(section: _Section) -> Stream:
    words = section.words
    port = words[1].partition("/")[0] if len(words) > 3 else ""
    if not port.isdecimal() or len(port) > 5 or int(port) > 65_535:
        raise DescriptionError(f"m={' '.join(words)}: not a stream with a port")
    return Stream(words[0], section.host, int(port), words[2], tuple(words[3:]), section.events)


def audio(streams: tuple[Stream, ...]) -> Stream | None:
    """The first audio stream that is in use and speaks one of our codecs."""
    fits = (each for each in streams if each.kind == "audio" and each.port and each.host)
    return next((each for each in fits if each.codec is not None), None)


def offer(host: str, port: int, session: int) -> bytes:
    """Our offer: PCMU, PCMA and telephone events 0 to 15.

    Args:
        host: Our IPv4 address.
        port: Where we receive RTP.
        session: Number of the session, any.
    """
    formats = " ".join(str(each) for each in (*OURS, EVENTS))
    return _write(host, session, [f"m=audio {port} RTP/AVP {formats}", *_maps(OURS, EVENTS)])


def answer(offered: tuple[Stream, ...], host: str, port: int, session: int) -> bytes:
    """Our answer: the first audio stream we can speak is taken, every other refused."""
    taken, lines = audio(offered), list[str]()
    for stream in offered:
        if stream is taken and stream.codec is not None:
            codecs = (stream.codec,)
            formats = [str(stream.codec)]
            formats += [] if stream.events is None else [str(stream.events)]
            lines.append(f"m=audio {port} {stream.profile} {' '.join(formats)}")
            lines += _maps(codecs, stream.events)
        else:
            lines.append(f"m={stream.kind} 0 {stream.profile} {' '.join(stream.formats)}")
    return _write(host, session, lines)


def _maps(codecs: tuple[int, ...], events: int | None) -> list[str]:
    lines = [f"a=rtpmap:{each} {_NAMES[each]}" for each in codecs]
    if events is not None:
        lines += [f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15"]
    return [*lines, "a=ptime:20", "a=sendrecv"]


def _write(host: str, session: int, lines: list[str]) -> bytes:
    head = f"v=0\r\no=- {session} {session} IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    return (head + "\r\n".join(lines) + "\r\n").encode()
