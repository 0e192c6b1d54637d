"""A practice app that collects caucus reports: the kind of system that failed in Iowa in 2020.

A server of its own (``python -P -m simulators.apps.reporting``). It may import
``simulators.world`` for the caucus arithmetic, and nothing else of ours.
"""
