"""A toxic: what goes wrong on one proxy, for which share of its connections, in which direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.injects.proxy.stage import Attributes, Stage
from harness.injects.proxy.toxics import TOXICS


class ToxicError(Exception):
    """A toxic that cannot be.

    Attributes:
        status: As HTTP says it.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class ToxicModel(BaseModel):
    """A toxic as the control API is told of it, in Toxiproxy's words."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    type: str = ""
    stream: Literal["upstream", "downstream"] = "downstream"
    toxicity: float = Field(default=1.0, ge=0, le=1)
    attributes: dict[str, Any] = {}


class Toxic:
    """One toxic of a proxy.

    Attributes:
        told: Its attributes.
        touched: Pieces, answers or connections that it has changed.
        stages: Where it is at work now.
    """

    def __init__(self, model: ToxicModel) -> None:
        if model.type not in TOXICS:
            raise ToxicError(f"invalid toxic type: there is {', '.join(sorted(TOXICS))}")
        self.kind: type[Stage] = TOXICS[model.type]
        self.name = model.name or f"{model.type}_{model.stream}"
        self.stream, self.toxicity = model.stream, model.toxicity
        self.told: Attributes = self._read(model.attributes)
        self.touched = 0
        self.stages: set[Stage] = set()

    def retune(self, attributes: Mapping[str, Any], toxicity: float) -> None:
        """Change attributes, those that are named, where it is at work now and from now on."""
        self.told = self._read(self.told.model_dump() | dict(attributes))
        self.toxicity = toxicity
        for stage in list(self.stages):
            stage.retuned()

    def leave(self) -> None:
        """It is removed: nothing suffers any more."""
        for stage in list(self.stages):
            stage.link.remove(stage)
        self.stages.clear()

    def _read(self, attributes: Mapping[str, Any]) -> Attributes:
        try:
            return self.kind.attributes.model_validate(dict(attributes))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(each) for each in ("attributes", *first["loc"]))
            raise ToxicError(f"bad request body: {where}: {first['msg']}") from error

    def as_json(self) -> dict[str, Any]:
        """As the control API shows it: Toxiproxy's fields, and how much it touched."""
        return {
            "name": self.name,
            "type": self.kind.kind,
            "stream": self.stream,
            "toxicity": self.toxicity,
            "attributes": self.told.model_dump(),
            "touched": self.touched,
        }
