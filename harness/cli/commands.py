"""All commands, and what becomes of a mistake."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Sequence

import typer
from rich.text import Text

from harness.attended import AttendError
from harness.cli.console import err
from harness.cli.drills import live, run
from harness.cli.machine import doctor_command
from harness.cli.nights import list_scenarios, show, simulate, world
from harness.cli.proof import prove
from harness.cli.runs import recheck, replay, report
from harness.cli.targets import practice, target_check, target_record
from harness.document import DocumentError
from harness.drill import DrillError
from harness.ledger import LedgerError
from harness.live.deck import DeckError
from harness.live.host import LiveServerError
from harness.live.rehearsal import RehearsalError
from harness.logbook import DiskFull
from harness.prove.catalogue import ProveError
from harness.record import RecordError
from harness.scenario import ScenarioError
from harness.target import SafetyError, TargetError
from harness.words import shown
from simulators.apps.serving.store import StoreError

app = typer.Typer(
    name="drillhall",
    help="Rehearse election night before it comes. Drillhall drives your app, your phones and "
    "your people through the night, breaks things on the way, compares what the app holds with "
    "what was sent, and says GO or NO-GO.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
target_app = typer.Typer(help="The app under test: check its description.", no_args_is_help=True)
app.add_typer(target_app, name="target")

app.command("list")(list_scenarios)
app.command()(show)
app.command()(run)
app.command()(live)
app.command()(simulate)
app.command()(world)
app.command()(replay)
app.command()(report)
app.command()(recheck)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(practice)
app.command("doctor")(doctor_command)
app.command()(prove)
target_app.command("check")(target_check)
target_app.command("record")(target_record)

MISTAKES = (
    ScenarioError, DocumentError, TargetError, RecordError, DrillError, DeckError,
    LiveServerError, ProveError, RehearsalError, StoreError, AttendError,
)  # fmt: skip
"""What a user can put right: told in one line, exit code 2."""


def hear_ctrl_c_at_once() -> None:
    """Let Ctrl-C end what is being waited for.

    Polars, once imported, hears it first, and has the system begin every wait anew after it: who
    waits for another thread would hear of it when that has done its work.
    """
    signal.siginterrupt(signal.SIGINT, True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; every user's mistake is one line and its exit code."""
    hear_ctrl_c_at_once()
    try:
        app(args=list(arguments) if arguments is not None else None)
    except MISTAKES as error:
        code, text = 2, str(error)
    except SafetyError as error:
        code, text = 4, str(error)
    except (LedgerError, DiskFull) as error:
        code, text = 3, str(error)
    except KeyboardInterrupt:
        code, text = 130, "stopped"
    except Exception as error:  # the last layer: whatever is left is our own failure
        traceback.print_exc()
        code, text = (
            5,
            f"Drillhall itself failed: {error!r}. The run folder keeps what was recorded.",
        )
    err.print(Text(shown(f"drillhall: {text}")), soft_wrap=True)
    sys.exit(code)
