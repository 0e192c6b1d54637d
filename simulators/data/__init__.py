"""Calibration: quantiles, fits and counts of real elections, each with its source.

``SOURCES.md`` beside it holds the single figures that code and scenarios cite. The real rows
themselves are not here. Units: people, minutes, shares. Quantile keys run from ``p0`` (least) to
``p100`` (most).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def calibration() -> dict[str, Any]:
    """Every figure of ``calibration.json``, by data set. Treat it as read-only.

    Example:
        >>> calibration()["iowa_2020_dem"]["totals"]["precincts"]
        1678
    """
    text = files(__name__).joinpath("calibration.json").read_text(encoding="utf-8")
    figures: dict[str, Any] = json.loads(text)
    return figures
