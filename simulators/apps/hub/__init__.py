"""A practice app that merges people and contacts from four sources: what Narwhal was in 2012.

Servers of its own (``python -P -m simulators.apps.hub web``, ``worker``, ``front``). It imports
nothing of ours but what practice apps are served with: its merge rule is its own, apart from that
of the world that it is checked against.
"""
