"""Rule sets of precinct caucuses: who is viable, and what happens with too many groups.

Iowa 2020: party note "Caucus Math in 3 minutes" (2016), the 2020 delegate selection plan as
quoted in the press, checked against the published precinct rows. Nevada 2020: party memo of
26 September 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

SATELLITE = 0
"""Delegates of a site that elects none of its own: its share of a pool is worked out instead."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What one party's caucus rules say where the states differ.

    Attributes:
        name: As a scenario writes it.
        two: Share of the meeting that makes a group viable with two delegates, as a fraction.
        three: The same with three delegates.
        more: The same with four and more, and at satellites.
        adds_delegates: With more viable groups than delegates: True gives each viable group
            one all the same (Nevada), False sends the smallest group back (Iowa).
        tiebreak: What decides an exact tie.
    """

    name: str
    two: tuple[int, int] = (1, 4)
    three: tuple[int, int] = (1, 6)
    more: tuple[int, int] = (15, 100)
    adds_delegates: bool = False
    tiebreak: str = "coin"

    def share(self, delegates: int) -> tuple[int, int]:
        """The viability share for a precinct with this many delegates, as a fraction."""
        return {2: self.two, 3: self.three}.get(delegates, self.more)


IOWA_2020 = RuleSet("iowa-2020")
NEVADA_2020 = RuleSet("nevada-2020", adds_delegates=True, tiebreak="high card")
RULE_SETS = {rules.name: rules for rules in (IOWA_2020, NEVADA_2020)}


def threshold(delegates: int, attendance: int, rules: RuleSet = IOWA_2020) -> int:
    """People that a group needs to be viable; 0 where one delegate is elected by majority.

    Always rounded up, in whole numbers: 16.67 % in place of one sixth is one too high at every
    multiple of six.

    Args:
        delegates: Delegates to elect; 0 for a satellite, which uses the share of four and more.
        attendance: Eligible people counted at the first alignment.

    Example:
        >>> threshold(3, 78), threshold(4, 100), threshold(2, 41), threshold(1, 30)
        (13, 15, 11, 0)
    """
    if delegates == 1:
        return 0
    parts, whole = rules.share(delegates)
    return -(-attendance * parts // whole)
