"""Fixtures of the strikes app's tests."""

from strikes_day import day as day
from strikes_day import open_day as open_day
