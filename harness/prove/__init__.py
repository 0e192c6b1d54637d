"""The harness proves itself: every seeded defect, every inject and clean apps, against every check.

Imports the rest of the harness and the practice apps' lists of defects; nothing but the command
line imports it.
"""
