"""Bytes come in small slices, with a pause after each."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from harness.injects.proxy.stage import Attributes, Waiting


class SlicerAttributes(Attributes):
    """Sizes in bytes, the pause in microseconds."""

    average_size: int = Field(default=0, ge=0)
    size_variation: int = Field(default=0, ge=0)
    delay: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _smaller(self) -> SlicerAttributes:
        if self.size_variation and self.size_variation >= self.average_size:
            raise ValueError("size_variation must be below average_size")
        return self


class Slicer(Waiting):
    """Sizes are drawn evenly from around the average."""

    kind: ClassVar[str] = "slicer"
    attributes: ClassVar[type[Attributes]] = SlicerAttributes

    def take(self, data: bytes) -> None:
        """Cut it up."""
        told = self.toxic.told
        assert isinstance(told, SlicerAttributes)
        if not told.average_size:
            self.later(data, 0.0)
            return
        self.toxic.touched += 1
        at, after = 0, 0.0
        while at < len(data):
            size = told.average_size
            if told.size_variation:
                size += self.rng.randint(-told.size_variation, told.size_variation)
            now = self.loop.time()
            self.later(data[at : at + size], max(self.last, now) - now + after)
            at, after = at + size, told.delay / 1e6
