"""What a scenario says about its world. The defaults are Iowa's Democratic caucuses of 2020."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from simulators.world.rules import RULE_SETS, RuleSet


@dataclass(frozen=True)
class WorksheetErrors:
    """How often the paper worksheet breaks a rule, as chances per precinct.

    The rates are those of the 100 % release of Iowa 2020 (1,678 precincts): 227 break a rule
    that no legal caucus can break (13.5 %); with "more viable groups than delegates" 273
    (16.3 %). They hardly depend on size or county, but do on the number of delegates.

    Attributes:
        one_delegate: Chance of any error (E1 to E6, E9, E10) where one delegate is elected.
        two_delegates, three_delegates, more_delegates: The same for two, three, four and more.
        satellite: The same at a satellite (one of 87 had more people at the end).
        extra_group: Chance that one viable group too many stands at the end (E7), where that
            could happen. Fitted, so that 3.3 % of all precincts show it.
        copied: Chance that the whole report of a neighbour was written down instead.
        scale: Multiplies every chance; 0 gives worksheets without errors.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    one_delegate: float = 0.033
    two_delegates: float = 0.174
    three_delegates: float = 0.211
    more_delegates: float = 0.131
    satellite: float = 0.0115
    extra_group: float = 0.34
    copied: float = 0.002
    scale: float = 1.0

    def __post_init__(self) -> None:
        for name in ("one_delegate", "two_delegates", "three_delegates", "more_delegates"):
            _share(name, getattr(self, name))
        for name in ("satellite", "extra_group", "copied"):
            _share(name, getattr(self, name))
        if not self.scale >= 0:
            raise ValueError(
                f"scale={self.scale!r}, but worksheet errors are multiplied by 0 or more. "
                "Write 0 for worksheets without errors."
            )


@dataclass(frozen=True)
class WorldSpec:
    """A synthetic election, before the seed.

    Attributes:
        kind: What is held; ``caucus``.
        state: Two capital letters; they begin every record key (``IA-0001``).
        name: What to call it.
        precincts: Precincts of the state.
        satellites: Sites beside the precincts, in five pools; they elect no delegates.
        counties: Counties that the precincts are dealt out to.
        county_delegates: Delegates to the county conventions, all precincts together.
        state_delegates: State delegate equivalents of all counties together.
        rules: ``iowa-2020`` or ``nevada-2020``.
        worksheet_errors: How often the paper is wrong.
        deck: A test deck: unrealistic counts, no two cells of a first alignment alike and no
            two rows of a county alike, without worksheet errors.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    kind: Literal["caucus"] = "caucus"
    state: str = "IA"
    name: str = "Iowa Democratic precinct caucuses"
    precincts: int = 1678
    satellites: int = 87
    counties: int = 99
    county_delegates: int = 11402
    state_delegates: int = 2107
    rules: Literal["iowa-2020", "nevada-2020"] = "iowa-2020"
    worksheet_errors: WorksheetErrors = field(default_factory=WorksheetErrors)
    deck: bool = False

    def __post_init__(self) -> None:
        if not (len(self.state) == 2 and self.state.isascii() and self.state.isupper()):
            raise ValueError(f"state={self.state!r}, but a state is two capital letters, like IA.")
        if self.rules not in RULE_SETS:
            raise ValueError(
                f"rules={self.rules!r}, but known rule sets are {', '.join(RULE_SETS)}."
            )
        _at_least("precincts", self.precincts, 1, "a world needs a precinct")
        _at_least("satellites", self.satellites, 0, "write 0 for none")
        _at_least("counties", self.counties, 1, "precincts belong to a county")
        if self.counties > self.precincts:
            raise ValueError(
                f"counties={self.counties!r} for precincts={self.precincts!r}, but every county "
                "needs a precinct. Ask for fewer counties."
            )
        _at_least(
            "county_delegates", self.county_delegates, self.precincts, "each precinct elects one"
        )
        _at_least("state_delegates", self.state_delegates, 1, "they are what is at stake")

    @property
    def sites(self) -> int:
        """Precincts and satellites together."""
        return self.precincts + self.satellites

    def scaled(self, factor: float) -> WorldSpec:
        """The same kind of world, larger or smaller: everything counted is multiplied.

        Example:
            >>> WorldSpec().scaled(2).precincts
            3356
        """
        precincts = max(1, round(self.precincts * factor))
        return replace(
            self,
            precincts=precincts,
            satellites=round(self.satellites * factor),
            counties=min(self.counties, precincts),
            county_delegates=max(precincts, round(self.county_delegates * factor)),
            state_delegates=max(1, round(self.state_delegates * factor)),
        )

    @property
    def rule_set(self) -> RuleSet:
        """The caucus rules of this world."""
        return RULE_SETS[self.rules]


def _share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name}={value!r}, but a chance lies between 0 and 1.")


def _at_least(name: str, value: int, least: int, why: str) -> None:
    if value < least:
        raise ValueError(f"{name}={value!r}, but at least {least} is needed: {why}.")
