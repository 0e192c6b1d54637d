"""The ledger: intent before send, outcome after, provably whole. Imports ``harness.record``.

One append-only JSONL file for each writing process. Every line has its kind (``k``) and a number
without gaps (``n``); checkpoints and the trailer carry the SHA-256 of every byte before them.
"""

from harness.ledger.reader import verify
from harness.ledger.seal import Sealed, seal
from harness.ledger.writer import Ledger, LedgerError, LedgerFull

__all__ = ["Ledger", "LedgerError", "LedgerFull", "Sealed", "seal", "verify"]
