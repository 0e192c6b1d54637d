"""Hostile visitors: what they try while people play, one kind a file.

Imports the target, the wire and the record. Each kind is a function that makes its tries with
two accounts which nobody else uses, and yields what came of each.
"""
