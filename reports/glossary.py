"""The words of the report, for a reader who has never run a drill."""

from __future__ import annotations

GLOSSARY = {
    "Acknowledged": "The app said yes: the sender had every reason to believe the report was in.",
    "Refused": "The app said no for certain, so the sender knew to try again.",
    "Unknown": "Nobody can tell: the line was cut or the app never answered. Neither blamed nor "
    "credited to the app.",
    "Requirement, objective": "A line drawn before the drill. A required one that is not met makes "
    "NO-GO; an optional one makes a condition.",
    "Invariant": "A count that must be zero, over everything. One case fails it.",
    "Census": "A count over all that were driven. There is no sampling error, so no margin.",
    "Sample": "A share of a larger group, such as volunteers who were watched. It passes only if "
    "the low end of what the sample allows is good enough.",
    "Bound": "How bad things could still be, given how few cases were seen, with 95 % confidence.",
    "95 of 100 within": "Of every hundred answers, 95 took no longer than this. Averages hide the "
    "slow ones.",
    "Response time": "From when a person meant to act until the answer was there, waiting "
    "included.",
    "Drill time": "The clock of the night that was played. A fast drill plays many minutes of it "
    "in one.",
    "Persona": "One invented person with a certain way of using a phone or computer, played in a "
    "real browser. Personas find what shuts people out; how many people that is, they cannot say.",
    "Volunteer": "Somebody real who took part in a live drill. Simulated volunteers are named so.",
    "95 % interval": "Where the true share may well lie, given how few people were watched.",
    "Inject": "A fault that the drill caused on purpose: a restart, a cut line.",
    "Runbook": "What the people who keep the app alive are to do when something fails, step by "
    "step. In an attended drill somebody presses a key when they notice a fault, and another when "
    "it is fixed.",
    "Health page": "Where the app says of itself whether it is well. It was asked all the while.",
    "Read-back": "Reading everything out of the app after the drill, by another way than it "
    "went in.",
    "Seed": "The number that decides all that is invented. The same seed gives the same night.",
    "Cast": "Who plays: how well trained, how well connected and how patient the people are.",
}

LIMITS = (
    (
        "People, precincts and results in this drill were invented. Simulated people find faults "
        "in an app; they do not show that your own people can use it."
    ),
    (
        "The drill saw one build of the app, on the machines named here, under the load named "
        "here. Another build, another server or a larger crowd is another drill."
    ),
    (
        "Only what is listed under “Objectives” and “Integrity” was asked. What no objective "
        "names was not judged, however it went."
    ),
    (
        "Drillhall also watched itself: if its own machine lagged, or a part of its record was "
        "lost, what depends on it counts as not known."
    ),
)
