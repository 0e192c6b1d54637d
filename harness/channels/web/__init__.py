"""Pages walked as people do, in a real browser. A process of its own: ``harness.channels.web``.

Imports simulators, ``harness.target``, ``harness.ledger`` and ``harness.record``.
"""
