"""What a scenario may do to phones, texts and their provider."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from harness.injects.base_model import InjectBase, Seconds, Share


class PhoneInject(InjectBase):
    """Something that the phone carrier does; a target without ``phone`` is spared it."""

    kind: str

    @property
    def fault(self) -> str:
        """The carrier's name of the fault."""
        return self.kind.partition(".")[2]

    @property
    def settings(self) -> dict[str, Any]:
        """What the carrier is told of it."""
        return self.model_dump(exclude={"kind", *InjectBase.model_fields})


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


class ProviderInject(PhoneInject):
    """Something that the provider does to the app's own requests of it.

    What it sends of itself twice, or out of order, is ``phone.doubled`` and ``phone.reordered``.
    """

    share: Share = Field(default=1.0, description="Share of the app's requests.")

    @property
    def fault(self) -> str:
        """The carrier's name of the fault."""
        what = self.kind.removeprefix("provider.")
        return what if what == "rest" else f"rest_{what}"


class RestModel(ProviderInject):
    """The carrier's REST API, which the app calls, answers with an error."""

    kind: Literal["provider.rest"]
    share: Share = Field(description="Share of the app's requests.")
    status: Literal[429, 500] = 500


class RestLateModel(ProviderInject):
    """It does what the app asks for at once, and says so late."""

    kind: Literal["provider.late"]
    seconds: Seconds = Field(description="Wall seconds, at any speed.")


class RestSilentModel(ProviderInject):
    """It does nothing of what the app asks for, and does not answer at all."""

    kind: Literal["provider.silent"]


PhoneModels = (
    TrunksModel
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
    | RestModel
    | RestLateModel
    | RestSilentModel
)
