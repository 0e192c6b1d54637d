"""Which way of matching a reader's rows calls for."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from harness.checks.reconcile.by_key import by_key
from harness.checks.reconcile.by_record import by_record
from harness.checks.reconcile.by_state import by_state
from harness.checks.reconcile.by_values import by_values
from harness.checks.reconcile.children import children
from harness.checks.reconcile.evidence import Evidence, Reader
from harness.checks.reconcile.offences import Reconciled
from harness.checks.reconcile.rows import read_rows

_DONE: WeakKeyDictionary[Evidence, dict[str, Reconciled]] = WeakKeyDictionary()


def reconciled(evidence: Evidence, reader: Reader) -> Reconciled:
    """Reconcile one reader of rows, once for all checks of this evidence."""
    done = _DONE.setdefault(evidence, {})
    if reader.name not in done:
        done[reader.name] = _reconcile(evidence, reader)
    return done[reader.name]


def _reconcile(evidence: Evidence, reader: Reader) -> Reconciled:
    if reader.mode == "children":
        return children(evidence, reader)
    last = read_rows(evidence, reader, evidence.last_round)
    if reader.mode == "state":
        return by_state(evidence, reader, last)
    if reader.mode == "keyed" and (last.recorded or not last.keyed):
        return by_record(evidence, reader, last)
    if last.keyed or not len(last.frame):
        return by_key(evidence, reader, last)
    return by_values(evidence, reader, last)
