"""Real SIP and RTP over UDP: a caller, a hotline with a fixed number of lines, and their parts.

Imports nothing of ours but ``simulators.phones`` and ``simulators.quick``.
"""
