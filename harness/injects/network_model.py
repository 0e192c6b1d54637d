"""What a scenario may do to the network between people and the target."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.injects.base_model import InjectBase, Share

Milliseconds = Annotated[int, Field(ge=0)]


class NetworkInject(InjectBase):
    """Something on the way between the app and a share of the people.

    Injects that name the same ``way`` touch the same people, one after the other or at once.
    """

    kind: str
    share: Share = Field(description="Share of the people whose traffic is touched.")
    way: str = Field(
        default="",
        description="Name of the network they are on, as `a bad carrier`; its own if empty.",
    )


class CutAnswersModel(NetworkInject):
    """Answers to writes are lost after the request arrived."""

    kind: Literal["network.cut_answers"]
    every: int = Field(ge=1, description="1 cuts each answer to them, 3 each third one.")


class LatencyModel(NetworkInject):
    """Everything takes longer, each way."""

    kind: Literal["network.latency"]
    latency_ms: Milliseconds
    jitter_ms: Milliseconds = 0


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
    delay_ms: Milliseconds


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
