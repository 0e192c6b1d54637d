"""What we show: reads a run folder, runs nothing. Imports ``harness.record`` and verdict types."""

from reports.folder import write_reports
from reports.terminal import render_verdict

__all__ = ["render_verdict", "write_reports"]
