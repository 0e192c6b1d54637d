"""Fixtures of the hub's tests."""

from hub_day import day as day
from hub_day import open_day as open_day
