"""The app under test: its description, how to talk to it, and what its answers mean."""
