"""Real time: the executor, the wire client, the drill clock, and Locust as the conductor."""
