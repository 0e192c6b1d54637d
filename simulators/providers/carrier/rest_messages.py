"""Messages of the REST API: send, fetch, list, cancel, redact and delete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulators.providers.carrier.message import FINAL, Message
from simulators.providers.carrier.rest_answers import VERSION, Page, Refusal, date, page_of
from simulators.providers.carrier.rest_request import Asked, Said, check_number, check_url
from simulators.providers.carrier.texts import TextNetwork

__all__ = ["MessagesResource"]


class MessagesResource:
    """``Messages.json`` and what is below it."""

    def __init__(
        self, account: str, numbers: Iterable[str], texts: TextNetwork, longest: int, page_size: int
    ) -> None:
        """``numbers`` are the app's own; ``longest`` in characters."""
        self._account = account
        self._numbers = tuple(numbers)
        self._texts = texts
        self._longest = longest
        self._page_size = page_size

    async def create(self, asked: Asked) -> Said:
        """Send a text."""
        form = asked.form
        to = check_number(form.get("To", ""), missing=21604)
        from_ = self._sender(form)
        if from_ == to:
            raise Refusal(400, 21266, f"'To' and 'From' are both {to}: they cannot be the same")
        body = form.get("Body", "")
        if not body:
            raise Refusal(
                400, 21602, "Message body is required (this stand-in sends words, not media)"
            )
        if len(body) > self._longest:
            raise Refusal(
                400,
                21617,
                f"The concatenated message body exceeds the {self._longest} character limit",
            )
        callback = check_url(form.get("StatusCallback", ""), 21609, "StatusCallback")
        message = self._texts.send_out(from_=from_, to=to, body=body, callback=callback)
        return Said(201, self._shown(message), message.sid)

    async def fetch(self, asked: Asked) -> Said:
        """One message."""
        message = self._found(asked)
        return Said(200, self._shown(message), message.sid)

    async def listed(self, asked: Asked) -> Said:
        """All messages, newest first, filtered by ``To`` and ``From``."""
        page = Page.asked(asked.query, self._page_size)
        wanted = [
            message
            for message in reversed(self._texts.messages.values())
            if asked.query.get("To", message.to) == message.to
            and asked.query.get("From", message.from_) == message.from_
        ]
        items = [
            self._shown(message)
            for message in wanted[page.number * page.size : (page.number + 1) * page.size + 1]
        ]
        return Said(200, page_of("messages", items, page, asked.path, asked.query))

    async def modify(self, asked: Asked) -> Said:
        """Cancel a message that has not left, or empty the body of one that has."""
        message = self._found(asked)
        if "Status" in asked.form:
            if asked.form["Status"] != "canceled":
                raise Refusal(400, 20001, f"Status is {asked.form['Status']!r}, not 'canceled'")
            if not self._texts.cancel(message):
                raise Refusal(400, 30409, f"Message is {message.status} and cannot be canceled")
        elif "Body" in asked.form:
            if asked.form["Body"]:
                raise Refusal(400, 20001, "Body may only be emptied")
            self._finished(message)
            message.body = ""
        return Said(200, self._shown(message), message.sid)

    async def delete(self, asked: Asked) -> Said:
        """Forget a message."""
        message = self._found(asked)
        self._finished(message)
        del self._texts.messages[message.sid]
        return Said(204, None, message.sid)

    def _sender(self, form: Mapping[str, str]) -> str:
        """The number that a text is sent from; a messaging service sends from the first one."""
        from_ = form.get("From", "")
        if not from_:
            if not form.get("MessagingServiceSid") or not self._numbers:
                raise Refusal(400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required")
            return self._numbers[0]
        if from_ not in self._numbers:
            raise Refusal(400, 21660, f"'From' number {from_} does not belong to this account")
        return from_

    def _found(self, asked: Asked) -> Message:
        message = self._texts.messages.get(asked.sid)
        if message is None:
            raise asked.not_found()
        return message

    def _finished(self, message: Message) -> None:
        if message.status not in FINAL and message.status != "sent":
            raise Refusal(409, 20009, f"Message is {message.status}: it is still under way")

    def _shown(self, message: Message) -> dict[str, object]:
        path = f"/{VERSION}/Accounts/{self._account}/Messages/{message.sid}"
        return {
            "account_sid": self._account,
            "api_version": VERSION,
            "body": message.body,
            "date_created": date(message.created),
            "date_sent": date(message.sent),
            "date_updated": date(message.updated),
            "direction": message.direction,
            "error_code": message.error or None,
            "error_message": "Queue overflow" if message.error else None,
            "from": message.from_,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": str(message.parts),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {"media": f"{path}/Media.json"},
            "to": message.to,
            "uri": f"{path}.json",
        }
