"""The ways in which a service goes wrong, one a file. They know services by protocol alone."""

from harness.injects.ways.clock import Clock
from harness.injects.ways.disconnect import Disconnect
from harness.injects.ways.disk_full import DiskFull
from harness.injects.ways.kill import Kill, Stop
from harness.injects.ways.pause import Pause
from harness.injects.ways.rebuild import Rebuild
from harness.injects.ways.squeeze import Squeeze

__all__ = ["Clock", "Disconnect", "DiskFull", "Kill", "Pause", "Rebuild", "Squeeze", "Stop"]
