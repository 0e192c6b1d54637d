"""What we show: reads a run folder, runs nothing. Imports ``harness.record`` and verdict types."""
