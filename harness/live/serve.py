"""The live server: ``python -P -m harness.live.serve ORDER.json``.

Serves a drill's pages and watches its target. Prints its address once it listens, and ends in
good order when its standard input is closed or it is told to stop, so that it never outlives
whoever started it. The organizer's password comes in the environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harness.live.app import make_live_app
from harness.live.board import Board
from harness.live.deck import Deck
from harness.live.hall import Hall, LiveSettings, Service
from harness.live.host import end_with_our_starter
from harness.live.model import Happening
from harness.live.orders import PASSWORD, ServeOrder, read_order
from harness.live.watcher import watching
from harness.target import Run, load_target
from simulators.apps.serving.server import serve
from simulators.night import night_from_dict
from simulators.plans import plan_of


def main(arguments: list[str]) -> int:
    """Serve the order that a file holds, until told to stop; returns the exit code."""
    order = read_order(Path(arguments[0]), ServeOrder)
    night = night_from_dict(order.night)
    deck = Deck(plan_of(night))
    about = Run(order.run, night.seed, deck.fields, deck.plan.world.lookup)
    target = load_target(order.target, run=about)
    settings = LiveSettings(
        database=Path(order.database),
        deck=deck,
        handout=order.handout,
        terms=order.terms,
        languages=order.languages,
        seed=night.seed,
        password=os.environ.pop(PASSWORD, ""),
    )
    end_with_our_starter()
    watcher = watching(target, every=order.look_every)
    board = Board(watcher.watch)
    beside: list[Service] = [watcher, board, *([_opened] if order.opens else [])]
    app = make_live_app(settings, services=beside, routes=board.routes)
    return serve(app, order.host, order.port)


@asynccontextmanager
async def _opened(hall: Hall) -> AsyncIterator[None]:
    """Open the drill, if it was not before, once what the target holds already is known."""
    if hall.live.roll.opened is None:
        await hall.look()
        await hall.live.happened(Happening.OPEN)
    yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
