"""The injects as a scenario says them: what goes wrong, when, and in which casts."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text):
        raise ValueError(f"{text!r} is not a time of day such as 19:05")
    return text


TimeOfDay = Annotated[str, AfterValidator(_clock)]
Share = Annotated[float, Field(gt=0, le=1)]
Seconds = Annotated[float, Field(gt=0)]


class _Inject(BaseModel):
    """What every inject has: a name, its hours, and the casts it belongs to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    begins: TimeOfDay
    ends: TimeOfDay
    casts: list[str] = Field(default=[], description="Casts it is played with; empty for all.")


class RestartModel(_Inject):
    """The app's process is stopped or killed, and started again."""

    kind: Literal["process.restart"]
    how: Literal["stop", "kill"] = "stop"


class CutAnswersModel(_Inject):
    """Answers to writes are lost after the request arrived, for a share of the people."""

    kind: Literal["network.cut_answers"]
    share: Share = Field(description="Share of the people whose traffic is touched.")
    every: int = Field(ge=1, description="1 cuts each answer to them, 3 each third one.")


class PhoneInject(_Inject):
    """Something that the phone carrier does; a target without ``phone`` is spared it."""

    kind: str

    @property
    def fault(self) -> str:
        """The carrier's name of the fault."""
        return self.kind.partition(".")[2]

    @property
    def settings(self) -> dict[str, Any]:
        """What the carrier is told of it."""
        return self.model_dump(exclude={"kind", *_Inject.model_fields})


class TrunksModel(PhoneInject):
    """The carrier connects no more calls at once than so many; others hear busy."""

    kind: Literal["phone.trunks"]
    lines: int = Field(ge=1, description="Calls at once in each trunk group.")


class SilenceModel(PhoneInject):
    """The carrier is silent: no webhook goes out, and calls ring out."""

    kind: Literal["phone.silence"]


class DropModel(PhoneInject):
    """Calls drop in the middle."""

    kind: Literal["phone.drop"]
    share: Share = Field(description="Share of the calls that drop.")


class LateModel(PhoneInject):
    """Webhooks go out late."""

    kind: Literal["phone.late"]
    seconds: Seconds = Field(description="Wall seconds, at any speed.")


class UnreachableModel(PhoneInject):
    """The app's own URLs cannot be reached from the carrier; its fallback URLs can."""

    kind: Literal["phone.unreachable"]
    share: Share = Field(description="Share of the webhooks of lines that have a fallback.")


class DoubledModel(PhoneInject):
    """Webhooks go out twice, with the same idempotency token."""

    kind: Literal["phone.doubled"]
    share: Share = Field(description="Share of the webhooks that go out twice.")


class ReorderedModel(PhoneInject):
    """Status callbacks overtake each other."""

    kind: Literal["phone.reordered"]


class DigitsModel(PhoneInject):
    """Keys are lost, doubled or inserted on the way to the carrier."""

    kind: Literal["phone.digits"]
    share: Share = Field(description="Share of the strings of keys that suffer.")
    how: Literal["lost", "doubled", "inserted"]


class CallerIdModel(PhoneInject):
    """Callers' numbers are withheld, or many callers show the same number."""

    kind: Literal["phone.caller_id"]
    share: Share = Field(description="Share of the calls.")
    how: Literal["withheld", "shared"] = Field(
        default="withheld", description="withheld: no number; shared: one switchboard's number."
    )


class TextDelayModel(PhoneInject):
    """Texts arrive late."""

    kind: Literal["phone.sms_delay"]
    seconds: Seconds = Field(description="Wall seconds, at any speed.")


class TextLossModel(PhoneInject):
    """Texts are lost."""

    kind: Literal["phone.sms_loss"]
    share: Share = Field(description="Share of the texts.")


class TextDoubledModel(PhoneInject):
    """Texts arrive twice."""

    kind: Literal["phone.sms_doubled"]
    share: Share = Field(description="Share of the texts.")


class TextSplitModel(PhoneInject):
    """Long texts arrive as several messages, in any order."""

    kind: Literal["phone.sms_split"]
    characters: int = Field(ge=1, description="Longest text that stays whole.")


class RestModel(PhoneInject):
    """The carrier's REST API, which the app calls, answers with an error."""

    kind: Literal["provider.rest"]
    share: Share = Field(description="Share of the app's requests.")
    status: Literal[429, 500] = 500


InjectModel = Annotated[
    RestartModel
    | CutAnswersModel
    | TrunksModel
    | SilenceModel
    | DropModel
    | LateModel
    | UnreachableModel
    | DoubledModel
    | ReorderedModel
    | DigitsModel
    | CallerIdModel
    | TextDelayModel
    | TextLossModel
    | TextDoubledModel
    | TextSplitModel
    | RestModel,
    Field(discriminator="kind"),
]
"""One inject of a scenario; ``kind`` says which."""
