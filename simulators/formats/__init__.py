"""The world as files that other programs read."""
