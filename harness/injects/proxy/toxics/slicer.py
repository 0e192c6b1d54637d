"""Bytes come in small slices, with a pause after each."""

from __future__ import annotations

import random
from typing import ClassVar

from pydantic import Field, model_validator

from harness.injects.proxy.stage import Attributes, Cause, Direction, Waiting


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

    def __init__(self, toxic: Cause, link: Direction, rng: random.Random) -> None:
        super().__init__(toxic, link, rng)
        self._ready = 0.0  # when the pause after the last slice is over

    def take(self, data: bytes) -> None:
        """Cut it up."""
        told = self.toxic.told
        assert isinstance(told, SlicerAttributes)
        if not told.average_size:
            self.later(data, 0.0)
            return
        self.toxic.touched += 1
        at = 0
        while at < len(data):
            size = told.average_size
            if told.size_variation:
                size += self.rng.randint(-told.size_variation, told.size_variation)
            now = self.loop.time()
            self._ready = max(self._ready, now)
            self.later(data[at : at + size], self._ready - now)
            self._ready += told.delay / 1e6
            at += size
