"""The paper each chair holds: the truth, with the errors people make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulators.world.awards import Ints
from simulators.world.places import Places
from simulators.world.spec import WorldSpec


def write_block(
    spec: WorldSpec, places: Places, seed: int, block: int, truth: Ints
) -> tuple[Ints, NDArray[np.uint8]]:
    """Write down the worksheets of one block.

    Returns:
        The worksheets, shape of ``truth``, and what was injected: a bit mask for each site, bits in the
        order of :data:`INJECTED`.
    """
    return truth, np.zeros(len(truth), dtype=np.uint8)


INJECTED = ("E1", "E2", "E3", "E5", "E7", "E9", "E10", "COPY")
