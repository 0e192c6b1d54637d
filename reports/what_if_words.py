"""What other numbers of people and lines would mean, in sentences that an official can act on.

All functions read the plain data of ``what-if.json``: ``asked``, ``curve`` and ``needed`` hold one
mapping for each combination, with times in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import words
from reports.hours import Hours

Combination = Mapping[str, Any]
HOUR = 3600.0


def people(number: int | None) -> str:
    """A number of people.

    Example:
        >>> people(1), people(1200)
        ('1 person', '1,200 people')
    """
    return "1 person" if number == 1 else f"{words.count(number)} people"


def lines(number: int | None) -> str:
    """A number of lines, or that there is no limit.

    Example:
        >>> lines(85), lines(None)
        ('85 lines', 'lines without limit')
    """
    if number is None:
        return "lines without limit"
    return "1 line" if number == 1 else f"{words.count(number)} lines"


def wait(seconds: float | None) -> str:
    """A wait in whole minutes, as people say it; None is a wait without an end.

    Example:
        >>> [wait(each) for each in (0, 20, 100, 5660, None)]
        ['no time', 'under a minute', '2 minutes', '1 h 34 min', 'until the end, unanswered']
    """
    if seconds is None:
        return "until the end, unanswered"
    if seconds == 0:
        return "no time"
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return words.duration(60.0 * minutes)


def goal_of(result: Mapping[str, Any]) -> str:
    """The goal, such as ``90 % answered within 5 min``."""
    goal = result["goal"]
    return f"{goal['share']:.0%} answered within {words.duration(goal['within'])}".replace(
        "%", " %"
    )


def answer_of(result: Mapping[str, Any]) -> str:
    """The one sentence: how many people and lines are needed."""
    needed, goal = result["needed"], goal_of(result)
    if needed is None:
        return (
            f"No number of people and lines brings {goal}: some callers give up, or call too late."
        )
    if needed["agents"] is None:
        return f"For {goal}, this day needs {lines(needed['trunks'])}{_has(result)}."
    return (
        f"For {goal}, this night needs {people(needed['agents'])} on "
        f"{lines(needed['trunks'])}{_has(result)}."
    )


def _has(result: Mapping[str, Any]) -> str:
    agents, trunks = result["base"]
    has = lines(trunks) if agents is None else f"{people(agents)} on {lines(trunks)}"
    return f"; it has {has}"


def sentences(result: Mapping[str, Any]) -> list[str]:
    """What an official should know, most important first."""
    group = _compared(result)
    found = [answer_of(result)]
    if len(group) > 1:
        found += [*_waits(group), *_results_in(result, group)]
    return found + _more_lines(result)


def _compared(result: Mapping[str, Any]) -> list[Combination]:
    """What is compared in words: from the cast's own size upwards, nothing else being limited."""
    agents, trunks = result["base"]
    if agents is None:
        found = [each for each in result["asked"] if each["trunks"] is not None]
        enough = [each for each in found if trunks is None or each["trunks"] >= trunks]
        return sorted(enough or found, key=lambda each: each["trunks"])
    asked = result["asked"]
    found = [each for each in asked if each["trunks"] is None]
    found = found or [each for each in asked if each["trunks"] == asked[0]["trunks"]]
    enough = [each for each in found if each["agents"] >= agents]
    return sorted(enough if len(enough) > 1 else found, key=lambda each: each["agents"])


def size(each: Combination) -> str:
    """What a combination has, in a few words."""
    return lines(each["trunks"]) if each["agents"] is None else people(each["agents"])


def _waits(group: Sequence[Combination]) -> list[str]:
    """How long half of the callers wait, and the unluckiest tenth."""
    first, *others = group
    said = [f"With {size(first)} half of the callers {_half(first['wait_median'])}"]
    if first["wait_median"] != 0:
        said += [f"with {size(each)} {_in_short(each['wait_median'])}" for each in others]
    slow = [
        f"{_in_short(each['wait_p90'])} with {size(each)}"
        for each in group
        if each["wait_p90"] is None or each["wait_p90"] >= 60
    ]
    found = ["; ".join(said) + "."]
    if slow:
        found.append(f"One caller in ten waits at least as long as this: {', '.join(slow)}.")
    return found


def _half(seconds: float | None) -> str:
    """What half of the callers do."""
    if seconds is None:
        return "are never answered"
    if seconds == 0:
        return "are answered at once"
    if seconds > HOUR:
        return f"wait over an hour ({wait(seconds)} or more)"
    return f"wait {wait(seconds)} or more"


def _in_short(seconds: float | None) -> str:
    return "never answered" if seconds is None else wait(seconds)


def _results_in(result: Mapping[str, Any], group: Sequence[Combination]) -> list[str]:
    """When nine tenths of the results are in."""
    if not result["results"]:
        return []
    hours = Hours.of(result)
    moments = [each["in_by"][1] for each in group]
    if len(set(moments)) == 1 and moments[0] is not None:
        by = hours.text(moments[0])
        return [
            f"Nine of ten results are in by {by} with any of these: phones do not hold them up."
        ]
    parts = [
        f"{f'by {hours.text(at)}' if at is not None else 'not before the end'} with {size(each)}"
        for at, each in zip(moments, group, strict=True)
    ]
    return [f"Nine of ten results are in {', '.join(parts)}."]


def _more_lines(result: Mapping[str, Any]) -> list[str]:
    """What more lines do without more people: busy tones become holds."""
    agents = result["base"][0]
    same = [each for each in result["asked"] if each["agents"] == agents and agents is not None]
    same.sort(key=lambda each: each["trunks"] or float("inf"))
    if len(same) < 2 or not same[0]["busy"]:
        return []
    few, many = same[0], same[-1]
    here, there = lines(few["trunks"]), lines(many["trunks"])
    said = (
        f"More lines alone do not help. {people(agents)} on {here}: {words.count(few['busy'])} "
        f"busy tones, {_share(few['never'])} of callers never answered, longest hold "
        f"{wait(few['hold_longest'])}. The same people on {there}: {words.count(many['busy'])} "
        f"busy tones, longest hold {wait(many['hold_longest'])}. Lines turn busy tones into hold; "
        "only people, or fewer calls, shorten the night."
    )
    return [said]


def _share(share: float) -> str:
    return words.share(share, 1.0)
