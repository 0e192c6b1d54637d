"""The System Usability Scale: ten answers, a score from 0 to 100, and what that is worth.

J. Brooke, "SUS: a quick and dirty usability scale", in Usability Evaluation in Industry (1996),
189-194. How products usually fare: J. Sauro and J. R. Lewis, Quantifying the User Experience
(2016), chapter 8.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, stdev

from harness.means import half_width

ITEMS = 10
NEUTRAL = 3
FEWEST_ANSWERS = 8
FEWEST_FOR_MEAN = 5
"""Below it only the scores themselves are shown."""
FEWEST_FOR_GRADE = 12

# Score, and of 100 products how many score lower.
_NORM = ((52.0, 15.0), (68.0, 50.0), (75.0, 73.0), (80.3, 90.0))
# From which score on a grade is given; A begins above 80.3 and D above 51, as published.
_GRADES = (
    (51.0, "D"), (62.7, "C-"), (65.0, "C"), (71.1, "C+"), (72.6, "B-"), (74.1, "B"), (77.2, "B+"),
    (78.9, "A-"), (80.3, "A"), (84.1, "A+"),
)  # fmt: skip
_ABOVE = (51.0, 80.3)  # these belong to the lower grade


@dataclass(frozen=True)
class Satisfaction:
    """What the questionnaires of a group come to.

    Attributes:
        scores: One a questionnaire that could be scored, as they came.
        mean: None where there are fewer than 5.
        low, high: Two-sided 95 % t interval of the mean, clipped to 0 to 100, for showing.
        lower, upper: One-sided 95 % bounds, clipped, for gates.
        spread: Standard deviation of the scores.
        grade: None where there are fewer than 12.
    """

    scores: tuple[float, ...]
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    lower: float | None = None
    upper: float | None = None
    spread: float | None = None
    grade: str | None = None

    @property
    def n(self) -> int:
        """How many could be scored."""
        return len(self.scores)


def sus_score(answers: Sequence[int | None]) -> float | None:
    """The score of one questionnaire; None if too little of it was answered.

    Odd items count their answer less 1, even ones 5 less their answer; the sum times 2.5. An item
    left out counts as the neutral 3: Brooke has people mark the middle where they cannot answer,
    and throwing the other nine answers away would lose those who find it hardest. With more than
    two left out the score would be more of our making than of theirs, so there is none.

    Raises:
        ValueError: If there are not ten answers, or one is not from 1 to 5.

    Example:
        >>> sus_score([5, 1] * 5), sus_score([3] * 10), sus_score([4, None] * 5)
        (100.0, 50.0, None)
    """
    if len(answers) != ITEMS:
        raise ValueError(f"{len(answers)} answers, but the scale has {ITEMS} items.")
    for place, answer in enumerate(answers, 1):
        if answer is not None and not 1 <= answer <= 5:
            raise ValueError(f"answer {place} is {answer!r}, but it must be from 1 to 5.")
    if sum(answer is not None for answer in answers) < FEWEST_ANSWERS:
        return None
    given = [NEUTRAL if answer is None else answer for answer in answers]
    odd = sum(answer - 1 for answer in given[0::2])
    even = sum(5 - answer for answer in given[1::2])
    return 2.5 * (odd + even)


def satisfaction(questionnaires: Sequence[Sequence[int | None]]) -> Satisfaction:
    """Everything that may be said of a group's questionnaires, and nothing that may not."""
    found = (sus_score(each) for each in questionnaires)
    scores = tuple(score for score in found if score is not None)
    if len(scores) < FEWEST_FOR_MEAN:
        return Satisfaction(scores)
    mean, spread = fmean(scores), stdev(scores)
    half, gate = (half_width(spread, len(scores), sides=sides) for sides in (2, 1))
    return Satisfaction(
        scores,
        mean,
        low=max(0.0, mean - half),
        high=min(100.0, mean + half),
        lower=max(0.0, mean - gate),
        upper=min(100.0, mean + gate),
        spread=spread,
        grade=grade(mean) if len(scores) >= FEWEST_FOR_GRADE else None,
    )


def grade(score: float) -> str:
    """The letter of a mean score, on the scale that is curved by what products usually reach.

    Example:
        >>> grade(51.0), grade(68.0), grade(80.3), grade(80.4)
        ('F', 'C', 'A-', 'A')
    """
    at = bisect_right(_GRADES, score, key=lambda each: each[0])
    if at and score == _GRADES[at - 1][0] and score in _ABOVE:
        at -= 1
    return _GRADES[at - 1][1] if at else "F"


def norm_words(score: float) -> str:
    """How a mean score stands among products in general, in words.

    Example:
        >>> norm_words(75.0)
        'better than about 7 in 10 products'
        >>> norm_words(81.0), norm_words(40.0)
        ('among the best tenth of products', 'among the lowest 15 in 100 products')
    """
    if score > _NORM[-1][0]:
        return "among the best tenth of products"
    if score < _NORM[0][0]:
        return "among the lowest 15 in 100 products"
    return f"better than about {round(percentile(score) / 10):d} in 10 products"


def percentile(score: float) -> float:
    """Of 100 products, how many score lower; straight between the published points.

    Below 52 and above 80.3 nothing is published, so there it stays at 15 and at 90.

    Example:
        >>> percentile(52.0), percentile(68.0), percentile(75.0)
        (15.0, 50.0, 73.0)
    """
    points = list(_NORM)
    if score <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if score <= right:
            return low + (high - low) * (score - left) / (right - left)
    return points[-1][1]
