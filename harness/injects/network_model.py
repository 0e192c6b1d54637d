"""What a scenario may do to the network between people and the target."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from harness.injects.base_model import InjectBase, Share

Milliseconds = Annotated[int, Field(ge=0)]


class NetworkInject(InjectBase):
    """Something on the way between the app and some of the people.

    Whose traffic is touched is said by ``share``, by ``where`` or by both. Injects that name the
    same ``way`` touch the same people, one after the other or at once.
    """

    # For editors; what is refused, and in which words, says the validator.
    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["share"]}, {"required": ["where"]}]}
    )

    kind: str
    share: Share = Field(
        default=1.0, description="Share of the people; with `where`, of those who are there."
    )
    where: tuple[str, ...] = Field(
        default=(),
        description="Counties, or states of a campaign, whose people it is; empty for everywhere.",
    )
    way: str = Field(
        default="",
        description="Name of the network they are on, as `a bad carrier`; its own if empty.",
    )

    @model_validator(mode="after")
    def _touches_somebody(self) -> NetworkInject:
        if not self.where and "share" not in self.model_fields_set:
            raise ValueError(
                "neither share nor where is there: say which share of the people it touches "
                "(share: 0.2), where they are (where: [Story, Polk]), or both"
            )
        return self

    @property
    def whose(self) -> str:
        """Whom it touches, in words."""
        return f"share {self.share:g}" + (f" of {', '.join(self.where)}" if self.where else "")


class CutAnswersModel(NetworkInject):
    """Answers to writes are lost after the request arrived."""

    kind: Literal["network.cut_answers"]
    every: int = Field(ge=1, description="1 cuts each answer to them, 3 each third one.")


class LatencyModel(NetworkInject):
    """Everything takes longer, each way."""

    kind: Literal["network.latency"]
    latency_ms: Milliseconds
    jitter_ms: Milliseconds = 0

    @model_validator(mode="after")
    def _something(self) -> LatencyModel:
        if not self.latency_ms and not self.jitter_ms:
            raise ValueError("latency_ms and jitter_ms are 0, so nothing takes longer")
        return self


class LossModel(NetworkInject):
    """Packets are lost, and come again after TCP's time-out, which doubles each time."""

    kind: Literal["network.loss"]
    loss: Annotated[float, Field(gt=0, lt=1)] = Field(description="Share of packets, as 0.05.")


class BandwidthModel(NetworkInject):
    """So much a second and no more, each way and connection."""

    kind: Literal["network.bandwidth"]
    kb_per_second: Annotated[int, Field(ge=1)]


class SlowCloseModel(NetworkInject):
    """Connections that are over stay open for a while."""

    kind: Literal["network.slow_close"]
    delay_ms: Annotated[int, Field(ge=1)]


class ResetModel(NetworkInject):
    """Connections are reset, at once or after a while."""

    kind: Literal["network.reset"]
    after_ms: Milliseconds = 0


class BlackHoleModel(NetworkInject):
    """Nothing comes through and nothing is closed."""

    kind: Literal["network.black_hole"]


class CutAfterModel(NetworkInject):
    """A connection ends after so many bytes of answers."""

    kind: Literal["network.cut_after"]
    bytes: Annotated[int, Field(ge=1)]


NetworkModels = (
    CutAnswersModel
    | LatencyModel
    | LossModel
    | BandwidthModel
    | SlowCloseModel
    | ResetModel
    | BlackHoleModel
    | CutAfterModel
)
