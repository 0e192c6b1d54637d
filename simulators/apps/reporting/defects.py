"""Ways in which reporting apps have failed, each switchable, each at one place in the code.

They are off unless named at the start (``--defect``). Nothing the app serves tells which are
on: the drill has to find out. ``history`` restates what is on record; ``source`` names who
published it (SOURCES.md is in simulators/data). Where no night is on record for a defect,
``history`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulators.apps.reporting.open_doors import INTRUSIONS
from simulators.apps.serving.defect import Defect
from simulators.apps.serving.switches import DefectSwitches

DEFECTS = (
    Defect(
        "partial_export",
        "Iowa, 3 February 2020: the app recorded what chairs entered, but a coding fault in the "
        "reporting system passed on only part of it.",
        "Iowa Democratic Party statement, The Atlantic, 4 Feb 2020; vendor's account in Bloomberg",
        "The warehouse export leaves out the final alignment; what is stored is whole.",
        "altered:export",
    ),
    Defect(
        "no_idempotency",
        "A slow answer makes people tap again, and a cut connection makes some browsers send "
        "the same form twice. No caucus night is on record for it.",
        "measured with Chromium against a server that cut connections (SOURCES.md S13)",
        "A repeated operation is stored again, and counted again.",
        "duplicate:records",
    ),
    Defect(
        "lost_on_restart",
        "json-server, a popular stand-in back end, lost 96 of 432 acknowledged rows when it was "
        "killed during a burst of writes.",
        "measured (SOURCES.md S13)",
        "Reports are acknowledged at once and committed every 10 drill minutes; what was not "
        "yet committed is gone when the process stops or is killed.",
        "lost:records",
    ),
    Defect(
        "last_cell_dropped",
        "Iowa 2020: two precincts were published with one candidate's count under a "
        "neighbouring name, and a third of the bad cells that were later corrected had been "
        "left out.",
        "corrections between the published result files of 8 and 10 Feb 2020",
        "The last number that was filled in is stored as 0.",
        "altered:records",
    ),
    Defect(
        "stale_totals",
        "Iowa 2020: between 8 and 10 February the counts of 47 precincts were corrected; every "
        "total above them had to follow.",
        "published result files; Des Moines Register, 9 Feb 2020",
        "Totals keep the first report of a precinct, whatever is accepted for it later.",
        "mis_totalled:totals",
    ),
    Defect(
        "one_delegate_precincts",
        "Iowa 2020: precincts that elect one delegate had to be worked out with pen and paper.",
        "Washington Post Outlook, 4 Feb 2020",
        "Where one delegate is elected, state delegate equivalents are shared out in "
        "proportion, as if a delegate could be split.",
        "rules:records",
    ),
    Defect(
        "pin_lockout_storm",
        "Iowa 2020: many chairs typed the precinct ID into the PIN box. Orca, 6 November 2012: "
        "wrong PINs and passwords had been handed out, and the tool to reset them failed.",
        "Vice/Motherboard, 2020, quoted at archive.minorthoughts.com; Boston Globe, 2012",
        "One wrong code locks an account for an hour, and with it the whole county and the "
        "counties that share its counter.",
        "lockouts",
    ),
    Defect(
        "cross_precinct_write",
        "Iowa 2020: four pairs of precincts were first published with the same report.",
        "published result files, 8 Feb 2020",
        "A chair may write the report of any precinct.",
        "authorization",
    ),
    Defect(
        "accepts_then_drops_under_load",
        "Queues that overflow answer yes and forget. No night is on record for it: Orca, "
        "6 November 2012, had been load-tested, but never over the public internet.",
        "Ars Technica, Nov 2012, quoted at foolocracy.com",
        "Beyond 5 reports in a wall second, every second one is answered 201 and thrown away.",
        "lost:records",
    ),
    Defect(
        "slow_under_load",
        "Orca, 6 November 2012: eleven database servers stood behind one web server, and it was "
        "out for about 90 minutes.",
        "Ars Technica and Boston Globe, Nov 2012",
        "Every report waits a quarter of a second for each other one of the last wall second, "
        "12 s at most; a single user sees nothing.",
        "response_time:submit_report",
    ),
    Defect(
        "lost_update",
        "Who reads a row, waits, and writes it back whole undoes what came between: the oldest "
        "anomaly of shared tables, and the default of many. No caucus night is on record for it.",
        "Berenson and others, A Critique of ANSI SQL Isolation Levels, SIGMOD 1995 (anomaly P4)",
        "A report is looked over 15 drill minutes after it came in and written back as it was "
        "first read; a correction that came meanwhile is undone.",
        "stale:records",
    ),
    Defect(
        "stored_then_refused",
        "A check that comes after the write turns the sender down and leaves the row. No night "
        "is on record for it.",
        "",
        "A report for another's precinct is stored, and only then refused.",
        "resurrected:records",
    ),
    Defect(
        "mixed_up_in_rush",
        "Iowa 2020: four pairs of precincts were first published with the same report. What one "
        "request keeps where the next one finds it does that to any two that come together.",
        "published result files, 8 Feb 2020; the mechanism is common knowledge of the trade",
        "Beyond 5 reports in a wall second, every fourth one is stored under the precinct of the "
        "report before it.",
        "misattributed:records",
    ),
    Defect(
        "satellites_forgotten",
        "Iowa 2020: 87 satellite sites in five pools stood beside 1,678 precincts, and reached "
        "the results by a way of their own; of the 143 sites whose recanvass was asked for, 61 "
        "were satellites.",
        "party's result files; iowademocrats.org and Des Moines Register, Feb 2020",
        "Totals leave satellites out.",
        "mis_totalled:totals",
    ),
    Defect(
        "rounded_totals",
        "Iowa 2020: what was published, 2,152.89 state delegate equivalents in all, was added up "
        "from the fractions of 1,765 sites.",
        "party's result files, Feb 2020; the error itself is common knowledge of the trade",
        "State delegate equivalents are rounded to one decimal before they are added up.",
        "rules:totals",
    ),
    Defect(
        "day_ends_in_utc",
        "Iowa's meetings began at 7 pm Central: an hour after midnight in UTC, in which servers "
        "count their days. No caucus night is on record for it.",
        "times of the night: SOURCES.md S1 and S5",
        "The export has the reports of one day, and the server's day ends a drill hour after the "
        "first report.",
        "lost:export",
    ),
    Defect(
        "export_columns_shift",
        "Iowa 2020: two precincts were published with one candidate's first count under the "
        "neighbouring name.",
        "GOliveira10/Iowa-Caucus-Inconsistencies on GitHub, Feb 2020",
        "In the export, a site's name of several words pushes the numbers of its first alignment "
        "one column to the right.",
        "altered:export",
    ),
    *INTRUSIONS,
)


@dataclass(frozen=True, slots=True)
class Switches(DefectSwitches):
    """Which defects are on.

    Example:
        >>> Switches.on(["stale_totals"]).stale_totals
        True
    """

    APP: ClassVar[str] = "reporting"

    partial_export: bool = False
    no_idempotency: bool = False
    lost_on_restart: bool = False
    last_cell_dropped: bool = False
    stale_totals: bool = False
    one_delegate_precincts: bool = False
    pin_lockout_storm: bool = False
    cross_precinct_write: bool = False
    accepts_then_drops_under_load: bool = False
    slow_under_load: bool = False
    lost_update: bool = False
    stored_then_refused: bool = False
    mixed_up_in_rush: bool = False
    satellites_forgotten: bool = False
    rounded_totals: bool = False
    day_ends_in_utc: bool = False
    export_columns_shift: bool = False

    foreign_read: bool = False
    unsigned_tokens: bool = False
    token_survives_sign_out: bool = False
    tokens_never_expire: bool = False
    replayed_code: bool = False
    session_fixation: bool = False
    id_enumeration: bool = False
    mass_assignment: bool = False
    guessing_unslowed: bool = False
    slow_clients_starve: bool = False
    refusals_block: bool = False
    junk_crashes: bool = False
    oversized_upload: bool = False
