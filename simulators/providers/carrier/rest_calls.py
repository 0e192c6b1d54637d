"""Calls of the REST API: place, fetch, list, change and delete.

An account places so many calls a second as its profile allows; the rest wait as ``queued``, and
``queue_time`` tells how long (docs: voice/api/call-resource).
"""

from __future__ import annotations

import asyncio
import re
from typing import Literal, cast

from multidict import MultiMapping

from simulators.providers.carrier.call import PhoneCall
from simulators.providers.carrier.carrier import Carrier, CarrierError, parse
from simulators.providers.carrier.config import Hook
from simulators.providers.carrier.pace import Gate, Pace
from simulators.providers.carrier.profile import Profile
from simulators.providers.carrier.rest_answers import VERSION, Page, Refusal, date, page_of
from simulators.providers.carrier.rest_request import Asked, Said, check_number, check_url
from simulators.providers.carrier.twiml import Document

__all__ = ["CallsResource"]

Method = Literal["POST", "GET"]
Event = Literal["initiated", "ringing", "answered", "completed"]
_EVENTS = ("initiated", "ringing", "answered", "completed")
_DIGITS = re.compile(r"[0-9*#wW,]{0,32}")
_NO_DOCUMENT = "http://127.0.0.1/"


class CallsResource:
    """``Calls.json`` and what is below it."""

    def __init__(self, carrier: Carrier, profile: Profile) -> None:
        self._carrier = carrier
        self._profile = profile
        self._pace = Pace(profile.outbound_per_second)
        self._gate = Gate(profile.outbound_per_second)
        self._queued: dict[str, float] = {}

    async def create(self, asked: Asked) -> Said:
        """Place a call, now or when it is its turn."""
        form = asked.form
        to = check_number(form.get("To", ""), missing=21201)
        from_ = form.get("From", "")
        if not from_:
            raise Refusal(400, 21213, "A 'From' phone number is required")
        if from_ not in self._carrier.numbers:
            raise Refusal(400, 21210, f"'From' phone number {from_} is not this account's own")
        document = self._document(form)
        hook = _hook(form, form.get("Url") or (_NO_DOCUMENT if document is not None else ""))
        if not _DIGITS.fullmatch(form.get("SendDigits", "")):
            raise Refusal(400, 20001, "SendDigits takes up to 32 of 0-9 * # w W and the comma")
        timeout = _seconds(form, "Timeout", 60, 600)
        limit = _seconds(form, "TimeLimit", 14_400, 86_400)
        wait = self._turn()
        call = self._carrier.place(
            from_=from_,
            to=to,
            hook=hook,
            document=document,
            timeout=timeout,
            time_limit=limit,
            begin=not wait,
        )
        if wait:
            self._queued[call.sid] = wait
            self._carrier.tasks.start(self._begin_later(call, wait))
        return Said(201, self._shown(call), call.sid)

    async def fetch(self, asked: Asked) -> Said:
        """One call."""
        call = self._found(asked)
        return Said(200, self._shown(call), call.sid)

    async def listed(self, asked: Asked) -> Said:
        """All calls, newest first, filtered by ``To``, ``From``, ``Status`` and
        ``ParentCallSid``."""
        query = asked.query
        page = Page.asked(query, self._profile.page_size)
        wanted = [
            call
            for call in reversed(self._carrier.calls.values())
            if query.get("To", call.to) == call.to
            and query.get("From", call.from_) == call.from_
            and query.get("Status", call.status) == call.status
            and query.get("ParentCallSid", call.parent_sid) == call.parent_sid
        ]
        begin = page.number * page.size
        items = [self._shown(call) for call in wanted[begin : begin + page.size + 1]]
        return Said(200, page_of("calls", items, page, asked.path, query))

    async def modify(self, asked: Asked) -> Said:
        """End a live call, or send it to another document."""
        call = self._found(asked)
        form = asked.form
        status = form.get("Status", "")
        if status not in ("", "completed", "canceled"):
            raise Refusal(400, 20001, f"Status is {status!r}; it is 'completed' or 'canceled'")
        document = None if status else self._document(form)
        url = check_url(form.get("Url", ""), 21205, "Url")
        if not status and document is None and not url:
            raise Refusal(400, 20001, "Status, Url or Twiml is required")
        if not status and call.answered_at is None:
            raise Refusal(400, 21220, f"Call is {call.status}, not in-progress. Cannot redirect.")
        try:
            self._carrier.modify(
                call, status=status, url=url, method=_method(form, "Method"), document=document
            )
        except CarrierError as error:
            raise Refusal(400, 21220, f"Call is not in-progress. {error}") from error
        return Said(200, self._shown(call), call.sid)

    async def delete(self, asked: Asked) -> Said:
        """Forget a call that is over."""
        call = self._found(asked)
        if not call.cause:
            raise Refusal(409, 20009, f"Call is {call.status}: it is still under way")
        del self._carrier.calls[call.sid]
        return Said(204, None, call.sid)

    def dequeue(self, sid: str, url: str, method: str) -> None:
        """Take a waiting call out of its queue and to a document."""
        self._carrier.modify(self._carrier.calls[sid], url=url, method=method)

    def _turn(self) -> float:
        """Wall seconds until the next call may be placed.

        Raises:
            Refusal: If the provider turns down what is beyond its limits.
        """
        profile, now = self._profile, asyncio.get_running_loop().time()
        rate, at_once, queued = (
            profile.outbound_per_second,
            profile.calls_at_once,
            profile.queued_calls,
        )
        if at_once is not None and self._carrier.open_calls >= at_once:
            raise Refusal(429, 10004, f"More than {at_once} calls at once")
        if profile.over_rate == "refused":
            if not self._gate.passes(now):
                raise Refusal(429, 20429, f"More than {rate:g} calls a second")
            return 0.0
        if rate is not None and queued is not None and self._pace.ahead(now) * rate > queued:
            raise Refusal(429, 22005, f"{queued} calls are queued already")
        return self._pace.wait(now)

    async def _begin_later(self, call: PhoneCall, wait: float) -> None:
        await asyncio.sleep(wait)
        self._carrier.begin(call)

    def _document(self, form: MultiMapping[str]) -> Document | None:
        """TwiML given in the request; ``Url`` wins over it."""
        text = form.get("Twiml", "")
        if form.get("Url") or not text:
            return None
        if len(text) > self._profile.twiml_characters:
            raise Refusal(
                400,
                32018,
                f"Twiml has {len(text)} characters; the most is {self._profile.twiml_characters}",
            )
        try:
            return parse(text)
        except CarrierError as error:
            raise Refusal(400, 12100, str(error)) from error

    def _found(self, asked: Asked) -> PhoneCall:
        call = self._carrier.calls.get(asked.sid)
        if call is None:
            raise asked.not_found()
        return call

    def _shown(self, call: PhoneCall) -> dict[str, object]:
        account = self._carrier.account
        path = f"/{VERSION}/Accounts/{account}/Calls/{call.sid}"
        return {
            "account_sid": account,
            "annotation": None,
            "answered_by": None,
            "api_version": VERSION,
            "caller_name": None,
            "date_created": date(call.created),
            "date_updated": date(call.ended_at or call.answered_at or call.created),
            "direction": call.direction,
            "duration": str(call.seconds) if call.cause else None,
            "end_time": date(call.ended_at),
            "forwarded_from": None,
            "from": call.from_,
            "from_formatted": call.from_,
            "group_sid": None,
            "parent_call_sid": call.parent_sid or None,
            "phone_number_sid": None,
            "price": None,
            "price_unit": "USD",
            "queue_time": str(round(1000 * self._queued.get(call.sid, 0.0))),
            "sid": call.sid,
            "start_time": date(call.answered_at),
            "status": call.status,
            "subresource_uris": {"recordings": f"{path}/Recordings.json"},
            "to": call.to,
            "to_formatted": call.to,
            "trunk_sid": None,
            "uri": f"{path}.json",
        }


def _hook(form: MultiMapping[str], url: str) -> Hook:
    """Where the app answers for a call that it places."""
    if not url:
        raise Refusal(400, 21205, "Url or Twiml is required (this stand-in has no applications)")
    events = tuple(form.getall("StatusCallbackEvent", ["completed"]))
    # The SDK sends a list as repeated names; some write them in one, parted by spaces.
    events = tuple(each for event in events for each in event.split())
    if strange := [each for each in events if each not in _EVENTS]:
        raise Refusal(
            400, 21626, f"StatusCallbackEvent {strange[0]!r} is none of {', '.join(_EVENTS)}"
        )
    return Hook(
        url=check_url(url, 21205, "Url"),
        method=_method(form, "Method"),
        fallback=check_url(form.get("FallbackUrl", ""), 21205, "FallbackUrl"),
        fallback_method=_method(form, "FallbackMethod"),
        status=check_url(form.get("StatusCallback", ""), 21205, "StatusCallback"),
        status_method=_method(form, "StatusCallbackMethod"),
        events=cast("tuple[Event, ...]", events),
    )


def _method(form: MultiMapping[str], name: str) -> Method:
    text = form.get(name, "POST").upper()
    if text not in ("POST", "GET"):
        raise Refusal(400, 21200, f"{name} is {text[:20]!r}; it is 'GET' or 'POST'")
    return cast("Method", text)


def _seconds(form: MultiMapping[str], name: str, default: int, most: int) -> int:
    text = form.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(400, 20001, f"{name} is {text[:20]!r}; it is a number from 1 to {most}")
    return int(text)
