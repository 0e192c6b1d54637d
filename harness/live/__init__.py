"""The live training drill: real volunteers do the job in the target, and are scored against cards.

Imports simulators, ``harness.target`` and its readers, ``harness.record`` and
``harness.statistics``; ``harvest`` the ledger too, and what holds a drill also what plays one.
"""
