"""The synthetic election whose truth is known: places, contests and results. Pure and seeded."""

from simulators.world.campaign import Campaign, CampaignSpec, Contact
from simulators.world.checker import CODES, HARD, any_hard, broken_rules, broken_rules_many
from simulators.world.rules import IOWA_2020, NEVADA_2020, RuleSet
from simulators.world.site import Site
from simulators.world.spec import WorksheetErrors, WorldSpec
from simulators.world.voter_list import Electorate, Voter, VoterLists, VoterListSpec
from simulators.world.world import Reports, World

__all__ = [
    "CODES",
    "HARD",
    "IOWA_2020",
    "NEVADA_2020",
    "Campaign",
    "CampaignSpec",
    "Contact",
    "Electorate",
    "Reports",
    "RuleSet",
    "Site",
    "Voter",
    "VoterListSpec",
    "VoterLists",
    "WorksheetErrors",
    "World",
    "WorldSpec",
    "any_hard",
    "broken_rules",
    "broken_rules_many",
]
