"""When precincts have a report ready: a shifted log-normal with a county's own pace.

Two nights are known to the minute or nearly so. In 2008 the touch-tone reports of 1,545 Iowa
precincts came in log-normally, median 55.0 minutes after the start, sigma .573, with an
intraclass correlation of .475 on log time within counties (iowa-caucus/iowa-tools,
``iagop2008certifiedresults.csv``). In 2016 the published share fits 0.4 h + log-normal(mu .21,
sigma .50 on hours). Both: simulators/data/SOURCES.md S5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from scipy.special import ndtr, ndtri

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class ReportCurve:
    """Minutes from the start of the meeting until a precinct's report is ready."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    median_minutes: Annotated[float, Field(gt=0)] = 55.0
    """Median of the log-normal part, in minutes."""
    sigma: Annotated[float, Field(gt=0)] = 0.573
    """Standard deviation of the logarithm of the minutes."""
    shift_minutes: Annotated[float, Field(ge=0)] = 0.0
    """Minutes before which no report can be ready."""
    county_icc: Share = 0.475
    """Share of the variance of log time that a county's precincts have in common."""
    latest_minutes: Annotated[float, Field(gt=0)] = 190.0
    """No report is later than this; the tail beyond is cut off, not moved to the end."""

    def __post_init__(self) -> None:
        """Refuse a curve with nothing left of it.

        Raises:
            ValueError: If ``latest_minutes`` is not above ``shift_minutes``.
        """
        if self.latest_minutes <= self.shift_minutes:
            raise ValueError(
                f"latest_minutes={self.latest_minutes} leaves no time after "
                f"shift_minutes={self.shift_minutes}; make it larger."
            )

    def share_by(self, minutes: float) -> float:
        """Expected share of reports that are ready ``minutes`` after the start.

        Example:
            >>> round(CAUCUS_2016.share_by(120), 2)
            0.7
        """
        kept = float(ndtr(self._score(self.latest_minutes)))
        return min(1.0, float(ndtr(self._score(minutes))) / kept)

    def _score(self, minutes: float) -> float:
        after = minutes - self.shift_minutes
        if after <= 0:
            return -math.inf
        return math.log(after / self.median_minutes) / self.sigma

    def minutes(
        self,
        counties: NDArray[np.int64],
        own: np.random.Generator,
        shared: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Draw one time for each precinct.

        Args:
            counties: County number of each precinct, from 0, shape (n,).
            own: Draws what is a precinct's own.
            shared: Draws what a county's precincts have in common, one draw a county.

        Returns:
            Minutes after the start of the meeting, shape (n,).
        """
        if not len(counties):
            return np.zeros(0)
        pace = shared.standard_normal(int(counties.max()) + 1)[counties]
        score = math.sqrt(self.county_icc) * pace
        score += math.sqrt(1.0 - self.county_icc) * own.standard_normal(len(counties))
        # The tail is cut by squeezing the whole distribution function under the last minute.
        score = ndtri(ndtr(score) * ndtr(self._score(self.latest_minutes)))
        drawn = self.shift_minutes + self.median_minutes * np.exp(self.sigma * score)
        # Rounding in the distribution functions may overshoot the last minute by an ulp.
        return np.asarray(np.minimum(drawn, self.latest_minutes), dtype=np.float64)


CAUCUS_2008 = ReportCurve()
CAUCUS_2016 = ReportCurve(
    median_minutes=60.0 * math.exp(0.21),
    sigma=0.50,
    county_icc=0.0,  # not known for 2016
    shift_minutes=24.0,
    # 2016 was nearly complete after 4 h 50 min (CNN live page, SOURCES.md S5).
    latest_minutes=330.0,
)
