"""report.html: one file that an official, an engineer and an auditor can all read.

It holds no script and reaches for nothing on a network; a content security policy inside it says
so to the browser as well. Every piece of text goes through :func:`reports.cleaning.clean` and
is then escaped, so text from a target stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.record import RunFolder
from harness.verdict import Verdict
from reports import barriers, brief, charts, personas, phone_charts, volunteer_charts, words
from reports.cleaning import clean
from reports.evidence import index_of
from reports.glossary import GLOSSARY, LIMITS
from reports.hours import Hours
from reports.injects import injects_of, troubles_of
from reports.integrity import CLASSES, folder_name, offences_of, readers_of
from reports.method import anchors_of, method_of
from reports.night import Night, night_of, offered
from reports.phones import inboxes_of, phones_of
from reports.plan import plan_of
from reports.recovery import HEAD, in_short, recovered_of, rows_of
from reports.strengths import measured_of, silent_of, strengths_of
from reports.timeline import timeline
from reports.volunteers import groups_of

LARGEST = 300 * 1024  # bytes: a page that any mail system passes on
SHOWN = (60, 30, 10, 0)  # offending records, fewer where the page would be too large


def render_html(run: RunFolder, verdict: Verdict) -> str:
    """The whole page.

    Raises:
        RecordError: If a table of the run cannot be read.
    """
    info, findings = run.info, run.findings
    hours, night = Hours.of(info), night_of(run)
    injects = injects_of(run)
    phones = phones_of(run)
    last_call = max((each.holding[-1][0] for each in phones), default=0.0)
    end = max(night.end, float(info.get("ends_drill") or 0.0), last_call, 60.0)
    people = groups_of(run)
    scale = charts.Scale(hours, end, tuple(each.band for each in injects if each.band))
    recovered = recovered_of(run, verdict)
    context = {
        "banner": brief.BANNER,
        "brief": brief.brief_of(run, verdict),
        "limits": (brief.LIMITS, *LIMITS),
        "info": info,
        "title": brief.title_of(info),
        "app": brief.app_of(info),
        "verdict": verdict,
        "results": brief.results_by_weight(verdict),
        "hours": hours,
        "night": night,
        "span": words.span(info),
        "offered": clean(offered(info)),
        "night_charts": _night_charts(night, scale),
        "channels": (charts.channel_head(night), charts.channel_rows(night, hours)),
        "phones": phones,
        "phone_charts": [phone_charts.charts_of(each, scale) for each in phones],
        "inboxes": inboxes_of(run),
        "line_tests": [
            each
            for each in findings
            if each.check == "line_capacity" and "measured" in each.figures
        ],
        "people": people,
        "people_charts": [volunteer_charts.charts_of(each) for each in people],
        "grid": personas.grid_of(run),
        "knobs": personas.knobs_of(info),
        "injects": injects,
        "timeline": timeline(run, scale, recovered),
        "recovered": recovered,
        "recoveries": (HEAD, rows_of(recovered)),
        "recovered_in_short": in_short(recovered),
        "troubles": troubles_of(info),
        "classes": CLASSES,
        "readers": readers_of(findings),
        "strengths": strengths_of(verdict, findings),
        "measured": measured_of(verdict, findings),
        "silent": silent_of(findings),
        "plan": plan_of(verdict, findings),
        "phases": _phases(info, hours),
        "anchors": anchors_of(info),
        "method": method_of(run),
        "index": index_of(run.path),
        "folder": folder_name(run.path),
        "glossary": GLOSSARY,
        "page_label": _page_label(info),
    }
    template = _environment().get_template("report.html.j2")
    for shown in SHOWN:
        page = template.render(
            **context,
            offences=offences_of(findings, run.path, shown),
            looks=barriers.looks_of(run, shown) if context["grid"] else (),
        )
        page = re.sub(r"\n\s*\n+", "\n", page)
        if len(page.encode()) <= LARGEST:
            break
    return page


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clean": clean,
        "command": command_markup,
        "count": words.count,
        "day": brief.day,
        "duration": words.duration,
        "number": words.number,
        "percent": lambda value: words.share(value, 1),
        "evidence": evidence_anchor,
        "found": brief.found,
    }
    environment.globals |= {
        "STATES": brief.STATES,
        "WORD_CLASS": brief.CLASS_OF_WORD,
        "WALKED": personas.STATES,
        "COVERED": barriers.COVERED,
        "CHECKLIST": barriers.CHECKLIST,
        # Our own style sheet: it is not escaped, since a browser would not unescape it.
        "css": Markup(files("reports").joinpath("templates/report.css").read_text("utf-8")),  # noqa: S704
    }
    return environment


def _finalize(value: object) -> object:
    """What every ``{{ ... }}`` passes before it is escaped; markup of ours is left alone."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else clean(value, 2000)


def evidence_anchor(name: str) -> str:
    """The page's anchor for a finding.

    Example:
        >>> evidence_anchor("lost:warehouse export")
        'f-lost-warehouse-export'
    """
    return "f-" + re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:80]


def command_markup(command: str) -> Markup:
    """A command as code that breaks between its options and not inside one.

    Example:
        >>> print(command_markup("drillhall run '<x>' --seed 7"))
        <code>drillhall run &#39;&lt;x&gt;&#39; <span class="nb">--seed 7</span></code>
    """
    first, *options = clean(command, 2000).split(" --")
    pieces = [escape(first), *(Markup('<span class="nb">--{}</span>').format(o) for o in options)]
    return Markup("<code>{}</code>").format(Markup(" ").join(pieces))


def _page_label(info: Mapping[str, Any]) -> Markup:
    """The run's name for the foot of printed pages: inside CSS, so only plain characters."""
    return Markup(re.sub(r"[^A-Za-z0-9 ._-]+", "", str(info.get("run") or ""))[:80])  # noqa: S704


def _night_charts(night: Night, scale: charts.Scale) -> list[charts.Chart]:
    if not night.bins:
        return []
    shown = [charts.answers(night, scale), charts.response(night, scale)]
    incoming = charts.incoming(night, scale)
    return [incoming, *shown] if incoming else shown


def _phases(info: Mapping[str, Any], hours: Hours) -> list[tuple[str, str, str]]:
    """Each stretch by its name; to the second where one of them needs it."""
    found = [
        (str(each["name"]), each.get("start_drill"), each.get("end_drill"))
        for each in info.get("phases") or ()
        if isinstance(each, dict) and "name" in each
    ]
    ends = [at for _, *both in found for at in both]
    whole = all(hours.exact(at).endswith(":00") for at in ends if at is not None)
    text = hours.text if whole else hours.exact
    return [(name, text(start), text(end)) for name, start, end in found]
