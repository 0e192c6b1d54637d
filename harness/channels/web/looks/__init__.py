"""One look a file: each asks one question of a page as it stands, and says what shuts people out.

Imports nothing: ``registry.py`` names every look, and needs Playwright.
"""
