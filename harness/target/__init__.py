"""The app under test: its description, how to talk to it, and what its answers mean.

Imports simulators, ``harness.document`` and ``harness.record``. ``README.md`` here is the
language of ``target.yaml``.
"""

from harness.target.errors import ReadBackError, SafetyError, TargetError
from harness.target.run import Run
from harness.target.session import Session
from harness.target.target import Target, load_target
from harness.target.wire import Answered, Exchange, Fault, Origin, Request, Response

__all__ = [
    "Answered",
    "Exchange",
    "Fault",
    "Origin",
    "ReadBackError",
    "Request",
    "Response",
    "Run",
    "SafetyError",
    "Session",
    "Target",
    "TargetError",
    "load_target",
]
