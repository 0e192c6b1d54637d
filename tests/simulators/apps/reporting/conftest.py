"""Fixtures of the practice app's tests."""

from reporting_night import practice as practice
from reporting_night import start as start
