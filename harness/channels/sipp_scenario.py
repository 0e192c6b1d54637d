"""Scenarios for SIPp: a caller that dials by a trace, and an answerer, written as its XML.

What this must get right was found by trying SIPp 3.6.1: ``play_dtmf`` sends payload type 96
whatever the session says, so the offer maps telephone-event to 96; ``<pause>`` takes no field of
the injection file, only a variable, which ``assignstr`` and ``todouble`` fill; a call that was
refused counts as successful, so every way out of the scenario has a counter of its own.
"""

from __future__ import annotations

from simulators.phones.trace import CallTrace

EVENTS = 96  # the payload type that play_dtmf sends, fixed in SIPp
COUNTERS = ("answered", "busy", "unavailable", "ended")
START_RATE = 500  # calls a second that SIPp opens; each then waits for its own moment
KEY_MS = 700  # milliseconds that play_dtmf takes for a key, with the silence after it

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'

_VIA = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]"""

_OFFER = f"""v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0 {EVENTS}
a=rtpmap:0 PCMU/8000
a=rtpmap:{EVENTS} telephone-event/8000
a=fmtp:{EVENTS} 0-15"""


def lead_ms(count: int) -> int:
    """Milliseconds that SIPp needs to open ``count`` calls before the first one dials."""
    return 500 + 1000 * count // START_RATE


def injection(trace: CallTrace) -> str:
    """The CSV that ``-inf`` reads: one line a call.

    Its fields: caller, moment, milliseconds left of the hold once the digits are keyed, digits,
    position in the trace, and milliseconds that keying takes.
    """
    lead, rows = lead_ms(len(trace)), list[str]()
    for position, call in enumerate(trace.calls):
        keying = KEY_MS * len(call.digits)
        left = max(0, call.hold_ms - keying)
        rows.append(f"{call.caller};{call.at_ms + lead};{left};{call.digits};{position};{keying}")
    return "\n".join(["SEQUENTIAL", *rows, ""])


def caller_scenario(*, digits: bool, user: str) -> str:
    """A caller that waits for its moment, dials, keys its digits, holds and hangs up.

    Args:
        digits: Whether the trace's calls key anything.
        user: The number or name dialled.
    """
    parts = [
        f'{_HEAD}<scenario name="drillhall caller">',
        _wait("at", minus_clock=True),
        _send_invite(user),
        *(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 183)),
        '<recv response="486" optional="true" next="busy"/>',
        '<recv response="503" optional="true" next="unavailable"/>',
        '<recv response="200" rrs="true" counter="answered"/>',
        _send(_in_dialog("ACK", 1)),
        _log("answered"),
        *([_keys()] if digits else []),
        _wait("hold"),
        _send(_in_dialog("BYE", 2), ' retrans="500"'),
        '<recv response="200" counter="ended"/>',
        _log("served", ' next="end"'),
        *_refused("busy", user),
        *_refused("unavailable", user),
        '<label id="end"/>',
        "</scenario>\n",
    ]
    return "\n".join(parts)


def answerer_scenario() -> str:
    """An answerer of any number of calls that copies Record-Route, as SIPp's own does not."""
    reply = "[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:];tag=[pid]a[call_number]\n"
    reply += "[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:[local_ip]:[local_port]>"
    described = _OFFER.replace("[auto_media_port]", "[media_port]")
    answered = f"{reply}\nContent-Type: application/sdp\nContent-Length: [len]\n\n{described}"
    over = "[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0"
    parts = [
        f'{_HEAD}<scenario name="drillhall answerer">',
        '<recv request="INVITE" crlf="true" rrs="true"/>',
        _send(f"SIP/2.0 180 Ringing\n{reply}\nContent-Length: 0"),
        _send(f"SIP/2.0 200 OK\n{answered}", ' retrans="500"'),
        '<recv request="ACK"/>',
        '<recv request="BYE"/>',
        _send(f"SIP/2.0 200 OK\n{over}"),
        "</scenario>\n",
    ]
    return "\n".join(parts)


def _send(text: str, more: str = "") -> str:
    return f"<send{more}><![CDATA[\n\n{text}\n\n]]></send>"


def _send_invite(user: str) -> str:
    return _send(
        f"""INVITE sip:{user}@[remote_ip]:[remote_port] SIP/2.0
{_VIA}
To: <sip:{user}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{_OFFER}""",
        ' retrans="500"',
    )


def _in_dialog(method: str, number: int) -> str:
    return f"""{method} [next_url] SIP/2.0
{_VIA}
[last_To:]
[routes]
Call-ID: [call_id]
CSeq: {number} {method}
Max-Forwards: 70
Content-Length: 0"""


def _refused(label: str, user: str) -> tuple[str, ...]:
    """The way out of a call that did not get through: ACK, a counter and a line in the log.

    The ACK carries the branch of its INVITE, which the refusal's own Via shows.
    """
    ack = f"""ACK sip:{user}@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0"""
    return (
        f'<label id="{label}"/>',
        _send(ack, f' counter="{label}"'),
        _log(label, ' next="end"'),
    )


def _wait(name: str, *, minus_clock: bool = False) -> str:
    field = {"at": 1, "hold": 2, "keying": 5}[name]
    clock = (
        '<assignstr assign_to="tick" value="[clock_tick]"/>'
        '<todouble assign_to="now" variable="tick"/>'
        f'<subtract assign_to="{name}_ms" variable="now"/>'
    )
    return (
        f'<nop><action><assignstr assign_to="{name}" value="[field{field}]"/>'
        f'<todouble assign_to="{name}_ms" variable="{name}"/>{clock if minus_clock else ""}'
        f'</action></nop>\n<pause variable="{name}_ms"/>'
    )


def _keys() -> str:
    """Press the keys and wait until they are pressed; play_dtmf itself does not wait."""
    return '<nop><action><exec play_dtmf="[field3]"/></action></nop>\n' + _wait("keying")


def _log(what: str, more: str = "") -> str:
    return f'<nop{more}><action><log message="{what};[field4];[clock_tick]"/></action></nop>'
