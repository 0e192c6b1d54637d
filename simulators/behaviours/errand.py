"""What a chair has to do tonight, and the names of the operations they do it with."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.behaviours.protocol import Keyed
from simulators.people.cast import Cast
from simulators.people.person import Person

LINE = "results"
"""The number that everybody dials: chairs with results, and whoever else found it."""

INBOXES = {"photo": "photos", "text": "texts"}
"""Where a chair sends what somebody else shall key, by the channel on which it is keyed."""

CHANNELS = {"api": "", "hotline": "h", "photo": "p", "text": "t"}


@dataclass(frozen=True, slots=True)
class Errand:
    """One chair's night, as planned.

    Attributes:
        person: The chair.
        cast: How the people of this night err and persist.
        tag: Begins every operation key of this plan.
        worksheet: What the paper says, in the order of the world's fields.
        first: The report as first keyed: on the app's form, or by the operator who hears it.
        arrives: Drill second of their first action.
        ready: Drill second at which the report is ready.
        uses_app: They get through the app; the others dial.
        struggles: Those others fight the app for a while before they dial.
        slip: How they first type their codes: ``swapped``, ``mistyped`` or empty.
        double_tap: They tap the send button twice.
        wrong_record: Another precinct's key that they type first, or empty.
        photo: They send a photo of the worksheet.
        reads_back: They look at their report once it is in.
        tries_on_hold: They try the app again while they hold.
        corrects: They notice that the first report was keyed wrong.
        photo_at_once: They send a photo to be read, and neither use the app nor phone.
        mails_photo: They send a photo to be read before they phone.
        gives_way_to: What they send when the phone is in vain: ``photo``, ``text`` or nothing.
    """

    person: Person
    cast: Cast
    tag: str
    worksheet: tuple[int, ...]
    first: Keyed
    arrives: float
    ready: float
    uses_app: bool
    struggles: bool = True
    slip: str = ""
    double_tap: bool = False
    wrong_record: str = ""
    photo: bool = False
    reads_back: bool = False
    tries_on_hold: bool = False
    corrects: bool = False
    photo_at_once: bool = False
    mails_photo: bool = False
    gives_way_to: str = ""


def operation_key(tag: str, record: str, version: int, channel: str = "api") -> str:
    """The key of one report: the same on every retry, and no other report's.

    Example:
        >>> operation_key("d3f9a1c2", "IA-0012", 2, "hotline")
        'd3f9a1c2-IA-0012-2h'
    """
    return f"{tag}-{record}-{version}{CHANNELS[channel]}"
