"""One question to a finished run a file. Checks read the run folder and nothing else.

``ask_all`` asks every one of them; a check that crashes says unknown, with the error's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from harness.record import Finding, RunFolder, Status

Check = Callable[[RunFolder], Iterable[Finding]]

CHECKS: dict[str, Check] = {}

# Checks that measure: their findings fail only by the objectives declared for them.
MEASURES = frozenset(
    {
        "completeness",
        "accuracy",
        "sign_in",
        "response_time",
        "service_time",
        "errors",
        "phones",
    }
)


def ask_all(run: RunFolder) -> Iterator[Finding]:
    """Ask every check of a run."""
    for name, check in CHECKS.items():
        yield from _ask(name, check, run)


def _ask(name: str, check: Check, run: RunFolder) -> list[Finding]:
    try:
        return list(check(run))
    except Exception as error:  # a check that crashed saw nothing: it says so and never passes
        answer = f"The check itself failed: {type(error).__name__}: {error}"
        return [Finding(name, Status.UNKNOWN, f"Could {name} be checked?", answer)]
