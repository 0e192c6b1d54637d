"""Sizing the phones: a night's own callers, played against other numbers of people and lines.

The queue model of ``simulators.phones`` plays them, far faster than a whole night.
"""
