"""What of the carrier an app can reach: its REST API, directly and through the proxy."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from simulators.providers.carrier.admission import Admission
from simulators.providers.carrier.carrier import Carrier
from simulators.providers.carrier.certificate import issue
from simulators.providers.carrier.log import Entry
from simulators.providers.carrier.profile import Profile
from simulators.providers.carrier.proxy import HOST, Proxy
from simulators.providers.carrier.rest import RestApi
from simulators.providers.carrier.rest_calls import CallsResource
from simulators.providers.carrier.rest_messages import MessagesResource
from simulators.providers.carrier.rest_queues import QueuesResource
from simulators.providers.carrier.texts import TextNetwork

__all__ = ["Front", "open_front"]


@dataclass(frozen=True, slots=True)
class Front:
    """Where an app finds the carrier.

    Attributes:
        rest: Base URL, for apps that can be given one.
        proxy: URL of the proxy, for apps that cannot: ``HTTPS_PROXY``, and ``HTTP_PROXY``
            for Node.
        ca: Certificate that those must trust: ``REQUESTS_CA_BUNDLE``, ``NODE_EXTRA_CA_CERTS``.
    """

    rest: str
    proxy: str
    ca: Path
    api: RestApi
    gate: Proxy

    async def close(self) -> None:
        """Stop answering."""
        await self.gate.close()
        await self.api.close()


async def open_front(carrier: Carrier, profile: Profile, folder: Path) -> Front:
    """Give a carrier its limits and its text network; open its API and proxy on loopback.

    Args:
        folder: Where ``ca.pem`` is written.

    Raises:
        OSError: If the folder cannot be written.
    """
    texts = TextNetwork(carrier, carrier.log, profile)
    carrier.texts = texts
    carrier.admission = Admission(profile)
    calls = CallsResource(carrier, profile)
    api = RestApi(
        carrier.account,
        carrier.config.token,
        carrier.clock,
        carrier.log,
        carrier.faults,
        calls=calls,
        messages=MessagesResource(
            carrier.account, carrier.numbers, texts, profile.text_characters, profile.page_size
        ),
        queues=QueuesResource(
            carrier.account, carrier.queues, carrier.clock, calls.dequeue, profile.page_size
        ),
    )
    authority = issue(HOST, folder, now=datetime.datetime.now(datetime.UTC))
    rest, secure = await api.start(authority.server)
    carrier.rest = rest

    def refused(destination: str) -> None:
        detail = f"proxy: the app asked for {destination[:200]}, which is not part of this drill"
        entry = Entry(carrier.clock.unix(), 0.0, "rest", status=403, detail=detail)
        carrier.log.write(entry)

    gate = Proxy(secure, refused)
    return Front(rest, await gate.start(), authority.pem, api, gate)
