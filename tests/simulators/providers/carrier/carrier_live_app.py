"""A voice app as a campaign would write one, with the provider's own package; no thought of drills.

Run as a program it prints its port: an aiohttp server that validates every signature.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

TOKEN = "12345"


class App:
    """Signs watchers in and takes four-digit codes."""

    def __init__(self) -> None:
        self.validator = RequestValidator(TOKEN)
        self.codes: list[str] = []
        self.bad = 0
        self.most = 0
        self.open = 0

    async def voice(self, request: web.Request) -> web.Response:
        """The precinct, the PIN, then codes until the caller hangs up."""
        form = dict((await request.post()).items())
        signature = request.headers.get("X-Twilio-Signature", "")
        if not self.validator.validate(str(request.url), form, signature):
            self.bad += 1
            return web.Response(status=403)
        response = VoiceResponse()
        step = request.query.get("step", "precinct")
        if step == "stored":
            self.codes.append(f"{form['CallSid']} {form['Digits']}")
            response.say("Thank you.")
            step = "code"
        following = {"precinct": "pin", "pin": "code", "code": "stored"}[step]
        gather = response.gather(num_digits=4, action=f"/voice?step={following}", timeout=30)
        gather.say(f"Enter {step}")
        return web.Response(text=str(response), content_type="text/xml")

    async def slow(self, request: web.Request) -> web.Response:
        """Never in time."""
        await asyncio.sleep(60)
        return web.Response(text="<Response/>", content_type="text/xml")

    async def sorry(self, request: web.Request) -> web.Response:
        """What callers hear when the menu fails."""
        return web.Response(
            text="<Response><Say>Call the office</Say></Response>", content_type="text/xml"
        )

    async def figures(self, request: web.Request) -> web.Response:
        """What the app holds."""
        return web.json_response({"codes": self.codes, "bad": self.bad})

    def build(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_post("/voice", self.voice)
        app.router.add_post("/slow", self.slow)
        app.router.add_post("/sorry", self.sorry)
        app.router.add_get("/figures", self.figures)
        return app


async def main() -> None:
    """Serve until standard input ends."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    runner = web.AppRunner(App().build(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - whoever started us waits for it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
