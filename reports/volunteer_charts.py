"""The charts of a live drill: the funnel, reports coming in, kinds of errors, satisfaction."""

from __future__ import annotations

from reports import svg, words
from reports.charts import Chart
from reports.volunteers import SHARES, Group

CURVE = 200  # points of the line of reports coming in
ROWS = 12
HOUR = 3600.0
_SUS = ((51.0, "F: 51"), (68.0, "half: 68"), (80.3, "best tenth: 80.3"))


def charts_of(group: Group) -> list[Chart]:
    """The charts of one group of volunteers."""
    found = [_funnel(group), _incoming(group), _errors(group), _satisfaction(group)]
    return [each for each in found if each is not None]


def _who(group: Group) -> str:
    return "simulated volunteers" if group.simulated else "volunteers"


def _funnel(group: Group) -> Chart | None:
    if not group.funnel:
        return None
    title = f"From invited to fully correct: {group.invited:,} {_who(group)}"
    note = "Everybody invited stays in, whether or not they came."
    if not group.simulated:
        note += (
            " On usual consumer sites 78 of 100 finish a task: a line to know, and no goal for an "
            "election."
        )
    rows = [("invited", group.invited), *group.funnel]
    return Chart(
        title,
        note,
        svg.bars(f"funnel-{group.name}", title, note, [(name, [count]) for name, count in rows]),
        (),
        ("Step", _who(group).capitalize(), "Of all invited"),
        tuple(
            (name, words.count(count), f"{count:,} of {group.invited:,}") for name, count in rows
        ),
    )


def _incoming(group: Group) -> Chart | None:
    if not group.arrived:
        return None
    title = f"Reports in, so far: {_who(group)}"
    n, end = group.invited, group.end
    times = ", ".join(
        f"{share} of 100 after {words.duration(at)}"
        if at is not None
        else f"{share} of 100 not reached"
        for share, at in zip(SHARES, group.reached, strict=True)
    )
    note = f"{times}."
    if not group.simulated:
        note += " In Georgia's drills 98 of 100 observers report within the hour."
    bands = (svg.Band(HOUR, HOUR, "1 h"),) if end > HOUR else ()
    ticks = svg.nice_ticks(end / 60)
    frame = svg.Frame(
        name=f"reports-{group.name}",
        title=title,
        description=note,
        x_end=ticks[-1] * 60,
        x_ticks=[tick * 60 for tick in ticks],
        y_end=n,
        x_text=lambda at: f"{at / 60:g}",
        y_text=words.number,
        x_label="minutes since the drill opened",
        y_label="reports in the app",
        bands=bands,
        levels=[(n * share / 100, f"{share} %") for share in SHARES],
    )
    every = max(1, len(group.arrived) // CURVE)
    points: list[tuple[float, float | None]] = [(0.0, 0.0)]
    points += [
        (group.arrived[i], float(i + 1)) for i in range(every - 1, len(group.arrived), every)
    ]
    points += [(group.arrived[-1], float(len(group.arrived))), (end, float(len(group.arrived)))]
    marks = [end * part / ROWS for part in range(1, ROWS + 1)]
    return Chart(
        title,
        note,
        svg.step(frame, [svg.Series("reports", points)]),
        (),
        ("Within", "Reports in"),
        tuple(
            (words.duration(at), words.count(sum(t <= at for t in group.arrived))) for at in marks
        ),
    )


def _errors(group: Group) -> Chart | None:
    if not group.errors:
        return None
    title = f"Wrong numbers by kind: {_who(group)}"
    note = "In first reports, against the card that each was copied from."
    rows = group.errors[:12]
    return Chart(
        title,
        note,
        svg.bars(f"errors-{group.name}", title, note, [(name, [count]) for name, count in rows]),
        (),
        ("Kind", "Wrong numbers"),
        tuple((name, words.count(count)) for name, count in rows),
    )


def _satisfaction(group: Group) -> Chart | None:
    low, mean, high = (
        group.figure("satisfaction", name) for name in ("mean_low", "mean", "mean_high")
    )
    if low is None or mean is None or high is None:
        return None
    title = "How usable they find it (System Usability Scale)"
    note = group.says("satisfaction")
    legend = " Of all products measured, half reach 68 and a tenth 80.3; 51 or less is an F."
    return Chart(
        title,
        note + legend,
        svg.interval(f"sus-{group.name}", title, note, (low, mean, high), _SUS),
        (),
        ("Figure", "Score"),
        (("mean", f"{mean:.1f}"), ("95 % interval", f"{low:.1f} to {high:.1f}")),
    )
