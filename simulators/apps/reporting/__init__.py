"""A practice app that collects caucus reports: the kind of system that failed in Iowa in 2020.

A server of its own (``python -P -m simulators.apps.reporting``). It imports nothing of ours but
what practice apps are served with, so that it starts quickly and does its own sums.
"""
