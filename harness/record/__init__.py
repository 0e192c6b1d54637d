"""The run folder: what a drill leaves behind, and how to read and write it.

Imports nothing else of ours, so that checks and reports can work from a folder alone.
"""

from harness.record.finding import Finding, Status, Witness
from harness.record.folder import RecordError, RunFolder, default_path
from harness.record.hashing import values_hash
from harness.record.tables import (
    BARRIERS,
    CALLS,
    COULD_NOT_BEGIN,
    HANDLING,
    HEALTH,
    HISTORY,
    INJECTS,
    INTRUSIONS,
    LEFT,
    LOOKS,
    PEOPLE,
    PRECINCTS,
    READBACK,
    REPORTS,
    SESSIONS,
    STEPS,
    VOTERS,
    WEBHOOKS,
)

__all__ = [
    "BARRIERS", "CALLS", "COULD_NOT_BEGIN", "HANDLING", "HEALTH", "HISTORY", "INJECTS",
    "INTRUSIONS", "LEFT", "LOOKS", "PEOPLE", "PRECINCTS", "READBACK", "REPORTS", "SESSIONS",
    "STEPS", "VOTERS", "WEBHOOKS",
    "Finding", "RecordError", "RunFolder", "Status", "Witness", "default_path", "values_hash",
]  # fmt: skip
