"""A practice app that strikes voters off lists by phone: what failed on 4 November 2008.

A server of its own (``python -P -m simulators.apps.strikes``). It imports nothing of ours but what
practice apps are served with, so that it starts quickly and reads the carrier's requests in its
own way.
"""
