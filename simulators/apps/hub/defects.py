"""Eighteen ways in which such hubs fail, each switchable, each at one place in the code.

They are off unless named at the start (``--defect``). Nothing the app serves tells which are
on: the drill has to find out. ``history`` restates what is on record; ``source`` names who
published it (SOURCES.md is in simulators/data). Where no campaign's night is on record for a
defect, ``history`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulators.apps.serving.defect import Defect
from simulators.apps.serving.switches import DefectSwitches

DEFECTS = (
    Defect(
        "memory_queue",
        "json-server, a popular stand-in back end, lost 96 of 432 acknowledged rows when it was "
        "killed during a burst of writes.",
        "measured (SOURCES.md S13)",
        "Contacts are acknowledged from a queue in memory and stored three seconds later; what "
        "was in it when the process is killed is gone.",
        "lost:records",
    ),
    Defect(
        "queue_drops_when_full",
        "Orca, 6 November 2012: 34,000 to 37,000 users came in one day to a system that had been "
        "load-tested, but never over the public internet. A queue with too few places is how "
        "such an app forgets; no campaign's night is on record for it.",
        "Washington Post and Ars Technica, Nov 2012, for the users",
        "A queue in memory holds five contacts and is emptied once a second; beyond that they "
        "are acknowledged and dropped.",
        "lost:records",
    ),
    Defect(
        "replica_reads",
        "Narwhal's game day, 21 October 2012: replicas were lost and had to be rebuilt. Who reads "
        "from a copy that lags does not see what was just written.",
        "The Atlantic, 16 Nov 2012 [copy at thatericalper.com]",
        "People, and contacts one by one, are read from a copy of up to 30 seconds ago.",
        "read_your_writes",
    ),
    Defect(
        "totals_cached",
        "Iowa 2020: between 8 and 10 February the counts of 47 precincts were corrected; every "
        "total above them had to follow.",
        "published result files; Des Moines Register, 9 Feb 2020",
        "The dashboard adds up the first contact of each record, whatever is corrected later.",
        "mis_totalled:totals",
    ),
    Defect(
        "truncated_names",
        "Columns that count bytes cut names that are not English in the middle of a letter. No "
        "campaign's night is on record for it.",
        "",
        "Names are cut at 16 bytes of UTF-8.",
        "names",
    ),
    Defect(
        "wrong_tenant",
        "A hub of one campaign holds many states' people, and each reads its own. No night is on "
        "record, in print that we know, of one that read another's.",
        "",
        "Whoever is signed in reads the people of every state.",
        "intrusions:foreign_read",
    ),
    Defect(
        "id_enumeration",
        "BERN, April 2019: a critic found that name and state sufficed to look any voter up, with "
        "no limit on how many.",
        "J. Jarvis, note of 8 May 2019 (github.com/jakejarvis/jarv.is-hugo)",
        "A contact is shown to anybody who names its number; numbers are counted up.",
        "intrusions:counted_ids",
    ),
    Defect(
        "mass_assignment",
        "Only 25 % of the supporters from door knocks were confirmed in an independent poll: what "
        "is verified matters. No night is on record on which a client said so of itself.",
        "C. Edwards on Bernie 2020 [markpack.org.uk], for the 25 %",
        "A contact that says that it is verified is.",
        "intrusions:mass_assignment",
    ),
    Defect(
        "pool_exhausted",
        "Orca, 6 November 2012: eleven database servers stood behind one web server and one "
        "application server, and it was out for about 90 minutes. That slow clients can do it is "
        "common knowledge of the trade.",
        "Ars Technica and Boston Globe, Nov 2012, for Orca",
        "Contacts are taken and shown at four counters, and each is held until the sender's last "
        "byte has come: four slow phones hold up everybody.",
        "intrusions:slow_clients",
    ),
    Defect(
        "retry_without_backoff",
        "Narwhal's game day, 21 October 2012: the servers of the East Coast were lost. Iowa 2020: "
        "chairs held for 50 to 180 minutes, and came back after being cut off. Of an app that did "
        "the same no campaign's night is on record.",
        "The Atlantic, 16 Nov 2012 [copy at thatericalper.com]; accounts of SOURCES.md S4",
        "What the other region did not take is sent again at once, each notice by itself, without "
        "a pause, and its sender waits up to three seconds for it; so is every failed merge.",
        "response_time:submit_report",
    ),
    Defect(
        "two_leaders",
        "Narwhal's game day, 21 October 2012: the servers of the East Coast were lost. What a "
        "failover does that only one side believes in is not on record for a campaign.",
        "The Atlantic, 16 Nov 2012 [copy at thatericalper.com], for the loss",
        "A region that does not hear from the other leads on its own: it takes contacts down "
        "itself, and when the other is back drops them for what the other has.",
        "lost:records",
    ),
    Defect(
        "merge_by_name",
        "BERN, April 2019: a voter was looked up by first and last name with city and state or "
        "ZIP; its critic found that the state alone sufficed.",
        "app.berniesanders.com, FAQ; J. Jarvis, note of 8 May 2019",
        "Two people of one state with the same last name and first letter become one.",
        "merged",
    ),
    Defect(
        "lost_update",
        "Narwhal was built because field offices kept sheets of their own in 2008, which nobody "
        "could put together again. The race of two writers is common knowledge of the trade.",
        "Ars Technica, Nov 2012, for the sheets",
        "The worker merges into the copy of a person that it read up to five seconds ago, and so "
        "overwrites what another source brought meanwhile.",
        "merged",
    ),
    Defect(
        "duplicate_import",
        "A voter file that did not load is loaded once more: every export and import by hand "
        "invites it. No campaign's night is on record for it.",
        "",
        "A row of the voter file that is sent again is stored and counted again.",
        "duplicate:records",
    ),
    Defect(
        "late_contacts",
        "Phone banks work in the evening, and midnight of universal time is 8 pm on the East Coast "
        "in summer. No campaign's night is on record for it.",
        "",
        "The dashboard closes its day at midnight of universal time, which comes 20 drill seconds "
        "after the app's first start, and leaves out what comes later.",
        "mis_totalled:totals",
    ),
    Defect(
        "health_lies",
        "Narwhal's game day, 21 October 2012: an engineer called out what had failed, and the "
        "team had to find it. A page that says all is well is no help.",
        "The Atlantic, 16 Nov 2012 [copy at politicit.com]",
        "/health says that all is well whenever the web server answers at all.",
        "health_truth",
    ),
    Defect(
        "no_reconnect",
        "Narwhal's game day, 21 October 2012: databases were killed under the running apps, which "
        "had to find them again.",
        "The Atlantic, 16 Nov 2012 [copy at thatericalper.com]",
        "A web server that has once lost its database does not look for it again.",
        "recovery",
    ),
    Defect(
        "forgetful_cache",
        "Narwhal's game day, 21 October 2012: clusters of the cache were lost.",
        "The Atlantic, 16 Nov 2012 [copy at thatericalper.com]",
        "The dashboard is added up as contacts come in, in the cache alone, and starts from "
        "nothing when the cache does.",
        "mis_totalled:totals",
    ),
)


@dataclass(frozen=True, slots=True)
class Switches(DefectSwitches):
    """Which defects are on.

    Example:
        >>> Switches.on(["totals_cached"]).totals_cached
        True
    """

    APP: ClassVar[str] = "hub"

    memory_queue: bool = False
    queue_drops_when_full: bool = False
    replica_reads: bool = False
    totals_cached: bool = False
    truncated_names: bool = False
    wrong_tenant: bool = False
    id_enumeration: bool = False
    mass_assignment: bool = False
    pool_exhausted: bool = False
    retry_without_backoff: bool = False
    two_leaders: bool = False
    merge_by_name: bool = False
    lost_update: bool = False
    duplicate_import: bool = False
    late_contacts: bool = False
    health_lies: bool = False
    no_reconnect: bool = False
    forgetful_cache: bool = False
