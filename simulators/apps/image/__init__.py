"""The image that practice apps run in under Docker: one for all of their services.

``python -P -m simulators.apps.image`` builds it. Imports nothing else of ours.
"""
