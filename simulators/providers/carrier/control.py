"""The control socket: orders in, what came of them out, one JSON object a line.

Any number of clients; each chooses the names of its calls and texts, which must be its own. What
happens in a call is told to the client that dialled it, whose end is the end of its calls.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import orjson

from simulators.providers.carrier.caller import Caller, Walked
from simulators.providers.carrier.carrier import Carrier, CarrierError
from simulators.providers.carrier.faults import FaultError
from simulators.providers.carrier.lag import Lag
from simulators.providers.carrier.orders import (
    CountsOrder,
    DialOrder,
    FaultOrder,
    ForgeOrder,
    HangUpOrder,
    MendOrder,
    Order,
    OrderError,
    TextOrder,
    WalkOrder,
    read_order,
)

__all__ = ["Control"]

LONGEST_LINE = 1 << 20
Tell = Callable[[dict[str, Any]], None]


class Control:
    """Listens on loopback and drives a carrier."""

    def __init__(self, carrier: Carrier, lag: Lag) -> None:
        self._carrier = carrier
        self._lag = lag
        self._callers: dict[str, Caller] = {}
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def start(self) -> str:
        """Listen on a free port; returns the address as ``host:port``."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST_LINE)
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Hang up on every client."""
        if self._server is not None:
            self._server.close()
        for client in list(self._clients):
            client.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(self, writer)
        self._clients.add(writer)
        try:
            with contextlib.suppress(ConnectionError):
                while line := await _line(reader, client.tell):
                    client.take(line)
                    await writer.drain()
        finally:
            self._clients.discard(writer)
            client.leave()
            writer.close()

    # One method an order; each tells its client at once or when it knows.

    def dial(self, order: DialOrder, tell: Tell) -> Caller:
        """Phone a number.

        Raises:
            CarrierError: If the call's name is taken, or the number answers no calls.
        """
        name = order.call
        if name in self._callers:
            raise CarrierError(f"call {name!r} is under way; give each call a name of its own")
        caller = Caller(
            name,
            self._carrier.clock,
            self._carrier.faults,
            answered=lambda: tell(
                {"call": name, "event": "answered", "sid": caller.call.sid if caller.call else ""}
            ),
            walked=lambda walked: tell(_walked(name, walked)),
            ended=lambda cause, code: self._ended(name, caller, cause, code, tell),
        )
        self._callers[name] = caller
        try:
            caller.call = self._carrier.dial(
                caller, key=name, from_=order.from_, to=order.to, within=order.within
            )
        except CarrierError:
            del self._callers[name]
            raise
        return caller

    def walk(self, order: WalkOrder, tell: Tell) -> None:
        """Walk a menu; in a call that has ended, the answer is ``unreachable``."""
        caller = self._callers.get(order.call)
        if caller is None:
            gone = Walked(order.walk, "unreachable", "", "", None)
            tell(_walked(order.call, gone))
            return
        try:
            caller.begin(order.made())
        except ValueError as error:
            raise CarrierError(str(error)) from error

    def hang_up(self, order: HangUpOrder) -> None:
        """Hang up; a call that has ended has told so already."""
        caller = self._callers.get(order.call)
        if caller is not None and caller.call is not None:
            caller.call.hang_up()

    async def text(self, order: TextOrder, tell: Tell) -> None:
        """Send a text and wait for the reply."""
        texts = self._carrier.texts
        if texts is None:
            raise CarrierError("this carrier was opened without a network for texts")
        try:
            texted = await texts.send_in(
                key=order.id,
                from_=order.from_,
                to=order.to,
                body=order.body,
                replies=order.rules(),
                within=order.within,
            )
        except ValueError as error:
            tell({"id": order.id, "event": "error", "detail": str(error)})
            return
        tell(
            {
                "id": order.id,
                "event": "texted",
                "class": texted.answer_class,
                "reply": texted.reply,
                "segments": texted.segments,
            }
        )

    async def forge(self, order: ForgeOrder, tell: Tell) -> None:
        """Send forged requests."""
        try:
            found = await self._carrier.forge(order.to)
        except CarrierError as error:
            tell({"event": "error", "do": "forge", "detail": str(error)})
            return
        tell({"event": "forged", "to": order.to, **found})

    def take(self, order: Order, client: _Client) -> None:
        """Do what an order says."""
        faults, tasks, tell = self._carrier.faults, self._carrier.tasks, client.tell
        match order:
            case DialOrder():
                caller = self.dial(order, tell)
                if not caller.over:
                    client.callers[order.call] = caller
            case WalkOrder():
                self.walk(order, tell)
            case HangUpOrder():
                self.hang_up(order)
            case TextOrder():
                tasks.start(self.text(order, tell))
            case ForgeOrder():
                tasks.start(self.forge(order, tell))
            case FaultOrder():
                faults.switch_on(order.name, order.settings())
                tell(_fault("faulted", order.name, faults.touched[order.name]))
            case MendOrder():
                tell(_fault("mended", order.name, faults.mend(order.name)))
            case CountsOrder():
                tell({"event": "counts", **self._carrier.counts(), "lag": self._lag.figures()})

    def _ended(self, name: str, caller: Caller, cause: str, code: int, tell: Tell) -> None:
        self._callers.pop(name, None)
        webhooks = caller.call.webhooks if caller.call is not None else 0
        tell({"call": name, "event": "ended", "cause": cause, "code": code, "webhooks": webhooks})


class _Client:
    """One connection."""

    def __init__(self, control: Control, writer: asyncio.StreamWriter) -> None:
        self._control = control
        self._writer = writer
        self.callers: dict[str, Caller] = {}

    def tell(self, event: dict[str, Any]) -> None:
        """Send one line; a client that has gone is told nothing."""
        if event.get("event") == "ended":
            self.callers.pop(event["call"], None)
        if not self._writer.is_closing():
            self._writer.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))

    def take(self, line: bytes) -> None:
        """Read one line and do it; a line that cannot be done is answered by an error."""
        try:
            self._control.take(read_order(line), self)
        except (OrderError, CarrierError, FaultError) as error:
            self.tell({**_names(line), "event": "error", "detail": str(error)})

    def leave(self) -> None:
        """The client has gone, and the people it played with it."""
        for caller in list(self.callers.values()):
            if caller.call is not None:
                caller.call.hang_up()


async def _line(reader: asyncio.StreamReader, tell: Tell) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        tell({"event": "error", "detail": f"a line of more than {LONGEST_LINE:,} bytes"})
        return b""


def _names(line: bytes) -> dict[str, Any]:
    """What of a refused order says which one it was."""
    try:
        order = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    named = ("do", "call", "walk", "id", "name", "to")
    return {key: order[key] for key in named if key in order} if isinstance(order, dict) else {}


def _walked(call: str, walked: Walked) -> dict[str, Any]:
    return {
        "call": call,
        "event": "walked",
        "walk": walked.number,
        "class": walked.answer_class,
        "heard": walked.heard,
        "pressed": walked.pressed,
        "sent": walked.sent,
    }


def _fault(event: str, name: str, touched: int) -> dict[str, Any]:
    return {"event": event, "name": name, "touched": touched}
