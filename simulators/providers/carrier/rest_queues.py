"""Queues of the REST API, and the callers who wait in them."""

from __future__ import annotations

from collections.abc import Callable

from simulators.providers.carrier.clock import Clock
from simulators.providers.carrier.queues import LARGEST, CallQueue, Member, Queues
from simulators.providers.carrier.rest_answers import VERSION, Page, Refusal, date, page_of
from simulators.providers.carrier.rest_request import Asked, Said, check_url

__all__ = ["QueuesResource"]

Dequeue = Callable[[str, str, str], None]
"""Sends a waiting call (its sid) to a document: URL and method."""


class QueuesResource:
    """``Queues.json`` and what is below it."""

    def __init__(
        self, account: str, queues: Queues, clock: Clock, dequeue: Dequeue, page_size: int
    ) -> None:
        self._account = account
        self._queues = queues
        self._clock = clock
        self._dequeue = dequeue
        self._page_size = page_size

    async def create(self, asked: Asked) -> Said:
        """Open a queue."""
        name = asked.form.get("FriendlyName", "")
        if not 1 <= len(name) <= 64:
            raise Refusal(400, 20001, "FriendlyName is required: 1 to 64 characters")
        if name in self._queues.by_name:
            raise Refusal(400, 22003, f"A queue named {name} exists already")
        queue = self._queues.open(name, self._clock.unix(), _size(asked) or 1000)
        return Said(201, self._shown(queue), queue.sid)

    async def fetch(self, asked: Asked) -> Said:
        """One queue."""
        queue = self._found(asked)
        return Said(200, self._shown(queue), queue.sid)

    async def listed(self, asked: Asked) -> Said:
        """All queues, in the order in which they were opened."""
        page = Page.asked(asked.query, self._page_size)
        queues = list(self._queues.by_sid.values())
        begin = page.number * page.size
        items = [self._shown(queue) for queue in queues[begin : begin + page.size + 1]]
        return Said(200, page_of("queues", items, page, asked.path, asked.query))

    async def modify(self, asked: Asked) -> Said:
        """Resize or rename a queue."""
        queue = self._found(asked)
        name = asked.form.get("FriendlyName", queue.name)
        if name != queue.name:
            self._rename(queue, name)
        queue.max_size = _size(asked) or queue.max_size
        return Said(200, self._shown(queue), queue.sid)

    async def delete(self, asked: Asked) -> Said:
        """Close an empty queue."""
        queue = self._found(asked)
        if not self._queues.close(queue.sid):
            raise Refusal(400, 22002, f"Queue {queue.name} is not empty")
        return Said(204, None, queue.sid)

    async def members(self, asked: Asked) -> Said:
        """Who waits, the next to be answered first."""
        queue = self._found(asked)
        page = Page.asked(asked.query, self._page_size)
        begin = page.number * page.size
        waiting = list(queue.members.values())[begin : begin + page.size + 1]
        items = [self._shown_member(queue, each) for each in waiting]
        said = page_of("queue_members", items, page, asked.path, asked.query)
        return Said(200, said, queue.sid)

    async def member(self, asked: Asked) -> Said:
        """One who waits: by the sid of the call, or ``Front``."""
        queue = self._found(asked)
        member = self._member(asked, queue)
        return Said(200, self._shown_member(queue, member), member.call.sid)

    async def dequeue(self, asked: Asked) -> Said:
        """Take a caller out of the queue and to another document."""
        queue = self._found(asked)
        member = self._member(asked, queue)
        url = check_url(asked.form.get("Url", ""), 21205, "Url")
        if not url:
            raise Refusal(400, 21205, "Url is required")
        shown = self._shown_member(queue, member)
        self._dequeue(member.call.sid, url, asked.form.get("Method", "POST").upper())
        return Said(200, shown, member.call.sid)

    def _rename(self, queue: CallQueue, name: str) -> None:
        if not 1 <= len(name) <= 64:
            raise Refusal(400, 20001, "FriendlyName has 1 to 64 characters")
        if name in self._queues.by_name:
            raise Refusal(400, 22003, f"A queue named {name} exists already")
        del self._queues.by_name[queue.name]
        queue.name = name
        self._queues.by_name[name] = queue

    def _found(self, asked: Asked) -> CallQueue:
        queue = self._queues.by_sid.get(asked.sid)
        if queue is None:
            raise asked.not_found()
        return queue

    def _member(self, asked: Asked, queue: CallQueue) -> Member:
        front = asked.member == "Front"
        member = queue.front() if front else queue.members.get(asked.member)
        if member is None:
            raise asked.not_found()
        return member

    def _shown(self, queue: CallQueue) -> dict[str, object]:
        path = f"/{VERSION}/Accounts/{self._account}/Queues/{queue.sid}"
        return {
            "account_sid": self._account,
            "average_wait_time": round(queue.average_wait),
            "current_size": len(queue.members),
            "date_created": date(queue.made),
            "date_updated": date(queue.made),
            "friendly_name": queue.name,
            "max_size": queue.max_size,
            "sid": queue.sid,
            "subresource_uris": {"members": f"{path}/Members.json"},
            "uri": f"{path}.json",
        }

    def _shown_member(self, queue: CallQueue, member: Member) -> dict[str, object]:
        path = f"/{VERSION}/Accounts/{self._account}/Queues/{queue.sid}/Members"
        return {
            "call_sid": member.call.sid,
            "date_enqueued": date(member.enqueued),
            "position": queue.position(member.call.sid),
            "queue_sid": queue.sid,
            "uri": f"{path}/{member.call.sid}.json",
            "wait_time": round(self._clock.now() - member.since),
        }


def _size(asked: Asked) -> int | None:
    text = asked.form.get("MaxSize", "")
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST:
        raise Refusal(400, 20001, f"MaxSize is {text!r}; it is a number from 1 to {LARGEST}")
    return int(text)
