"""How operations travel that are not HTTP requests of ours: calls, texts, SIP.

Imports simulators, ``harness.target``, the live app of ``harness.engine`` and ``harness.record``.
"""
