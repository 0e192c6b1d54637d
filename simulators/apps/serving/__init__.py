"""What every practice app is served with: a durable store, refusals, requests, a server.

Imports nothing of ours outside this folder; an app imports it and its own folder.
"""
