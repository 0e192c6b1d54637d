"""A phone carrier that places calls and texts into any app that speaks TwiML, and is called by it.

Runs in a process of its own; ``control.py`` tells what it may be told. No real phone ever rings:
every number, queue and address that an app dials is data.
"""
