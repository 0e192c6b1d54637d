"""A dialog: what two ends of a call must agree on to ask each other more (RFC 3261 section 12)."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.phones.sip.endpoint import Endpoint
from simulators.phones.sip.message import (
    Headers,
    MessageError,
    Request,
    Response,
    address_of,
    parameter,
    split_list,
    uri_of,
    write,
)
from simulators.phones.sip.transaction import Address


@dataclass(slots=True)
class Dialog:
    """One end's view.

    Attributes:
        local, remote: From and To of our requests, with their tags.
        target: The far end's Contact: the URI of requests to it.
        route: Route values of our requests, the next hop first.
        near: Where the far end's messages come from: where ours go, unless a target or a route
            names an address that may be sent to.
        number: CSeq of our last request.
    """

    call: str
    local: str
    remote: str
    target: str
    route: tuple[str, ...]
    near: Address
    number: int

    @classmethod
    def of_answer(cls, response: Response, local: str, number: int, near: Address) -> Dialog:
        """The caller's dialog, from the answer to its INVITE (12.1.2)."""
        headers = response.headers
        route = tuple(reversed(split_list(headers.get("record-route", []))))
        call, remote = headers["call-id"][0], headers["to"][0]
        return cls(call, local, remote, _target(headers, remote), route, near, number)

    @classmethod
    def of_invite(cls, request: Request, tag: str, near: Address) -> Dialog:
        """The answerer's dialog, from an INVITE (12.1.1)."""
        headers = request.headers
        local = headers["to"][0]
        if parameter(local, "tag") is None:
            local = f"{local};tag={tag}"
        route = tuple(split_list(headers.get("record-route", [])))
        remote = headers["from"][0]
        return cls(headers["call-id"][0], local, remote, _target(headers, remote), route, near, 0)

    def request(
        self, endpoint: Endpoint, method: str, *, number: int | None = None
    ) -> tuple[str, bytes, Address]:
        """A request within the dialog: its branch, its datagram, and where it goes.

        Args:
            number: CSeq; the next one if None. An ACK has its INVITE's.
        """
        if number is None:
            self.number += 1
            number = self.number
        branch = endpoint.branch()
        lines = [
            endpoint.via(branch), *(f"Route: {each}" for each in self.route),
            f"From: {self.local}", f"To: {self.remote}", f"Call-ID: {self.call}",
            f"CSeq: {number} {method}", "Max-Forwards: 70",
        ]  # fmt: skip
        return branch, write(f"{method} {self.target} SIP/2.0", lines), self._next_hop(endpoint)

    def _next_hop(self, endpoint: Endpoint) -> Address:
        hop = uri_of(self.route[0]) if self.route else self.target
        try:
            address = address_of(hop)
        except MessageError:
            return self.near
        return address if endpoint.peers.allows(address[0]) else self.near


def _target(headers: Headers, otherwise: str) -> str:
    contact = split_list(headers.get("contact", []))
    return uri_of(contact[0] if contact else otherwise)
