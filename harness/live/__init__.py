"""The live training drill: real volunteers do the job in the target, and are scored against cards.

Imports simulators, ``harness.target`` and its readers, ``harness.record`` and
``harness.statistics``; ``serve`` and ``rehearse`` also what plays a drill.
"""
