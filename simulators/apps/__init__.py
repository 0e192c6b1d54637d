"""Practice apps: real servers with switchable historical defects."""
