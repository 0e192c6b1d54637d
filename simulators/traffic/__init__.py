"""When things arrive: arrival curves, flash crowds and the night's phases. Pure and seeded."""

from simulators.traffic.arrivals import Arrivals, read_trace
from simulators.traffic.load import Traffic
from simulators.traffic.report_curve import CAUCUS_2008, CAUCUS_2016, ReportCurve

__all__ = ["CAUCUS_2008", "CAUCUS_2016", "Arrivals", "ReportCurve", "Traffic", "read_trace"]
