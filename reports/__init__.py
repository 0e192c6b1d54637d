"""What we show: reads a run folder, runs nothing. Imports ``harness.record`` and verdict types."""

from reports.folder import write_reports
from reports.terminal import plan_table, show_simulation, show_verdict

__all__ = ["plan_table", "show_simulation", "show_verdict", "write_reports"]
