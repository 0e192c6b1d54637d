"""Which plan a night has: one class for each kind of election, and what all of them offer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import polars as pl

from simulators.campaign_plan import CampaignPlan
from simulators.lines import Lines
from simulators.night import Night
from simulators.plan import Plan
from simulators.stage import Participant
from simulators.strike_plan import StrikePlan
from simulators.world import CampaignSpec, VoterListSpec


class ElectionWorld(Protocol):
    """The part of a world that a target's description may ask about."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the cells of a report."""
        ...

    def lookup(self, record: str) -> Any:
        """What is known of a record's place.

        Raises:
            LookupError: There is no such place.
        """
        ...


class ElectionPlan(Protocol):
    """Who takes part, when, and what they mean to report; a pure function of the night.

    Attributes:
        night: What was asked for.
        world: The election whose truth is known.
        records: Keys of everything that must be reported.
        count: Participants; who answers phones is numbered from here on.
        tag: Begins every operation key.
        hash: SHA-256 of it all.
        rates: Offered peak of each kind of operation, per drill second.
        expected: How many of an operation are planned: ``submit_report``, ``sign_in``.
    """

    @property
    def night(self) -> Night: ...
    @property
    def world(self) -> ElectionWorld: ...
    @property
    def records(self) -> list[str]: ...
    @property
    def count(self) -> int: ...
    @property
    def tag(self) -> str: ...
    @property
    def hash(self) -> str: ...
    @property
    def rates(self) -> dict[str, float]: ...
    @property
    def expected(self) -> dict[str, int]: ...
    @property
    def fields(self) -> tuple[str, ...]: ...

    def people_table(self) -> pl.DataFrame:
        """Everybody with an account."""
        ...

    def precinct_table(self) -> pl.DataFrame:
        """The driven precincts, one row each."""
        ...

    def report_table(self) -> pl.DataFrame:
        """What must be reported, one row a record."""
        ...

    def voter_table(self) -> pl.DataFrame | None:
        """Everybody on a list, with ``precinct`` and ``code`` or as a voter file; None without."""
        ...

    def role(self, index: int) -> str:
        """The role of a participant."""
        ...

    @property
    def by_county(self) -> dict[str, tuple[int, ...]]:
        """Participants of each county, or of each state of a campaign, in the world's order.

        Who phones for help, looks at results or answers phones may be anywhere, and is in none.
        """
        ...

    @property
    def texters(self) -> frozenset[str]:
        """Accounts of those who mean to text the app, and so want the texts that it replies."""
        ...

    def walks_out(self, at: float) -> int:
        """How many of those who answer or place calls leave at a drill second."""
        ...

    def participants(self, shard: int = 0, shards: int = 1) -> Iterator[Participant]:
        """The participants of one worker, in order of arrival."""
        ...

    def lines(self, shard: int = 0, shards: int = 1) -> Lines:
        """The phone lines of one worker."""
        ...


def plan_of(night: Night) -> Plan | StrikePlan | CampaignPlan:
    """The plan of a night, by the kind of its world."""
    if isinstance(night.world, CampaignSpec):
        return CampaignPlan(night)
    return StrikePlan(night) if isinstance(night.world, VoterListSpec) else Plan(night)
