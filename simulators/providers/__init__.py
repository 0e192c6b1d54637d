"""Stand-ins for what apps lean on: real servers on loopback. They import nothing of ours but
simulators."""
