"""The network between people and app: a TCP proxy on loopback whose toxics are switched live.

A process of its own, controlled over HTTP in Toxiproxy's words. Imports nothing of ours.
"""
