"""Whether the practice apps' stacks run in Docker here, or as processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from harness.injects.docker_host import engine, why_no_docker
from harness.target.compose import find_compose

BASE = "drillhall-base:bookworm"


@pytest.fixture(scope="session")
def in_docker() -> Iterator[bool]:
    """An engine answers, Compose is installed, and there is a base image to build on."""
    name = os.environ.get("DRILLHALL_BASE_IMAGE", BASE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRILLHALL_BASE_IMAGE", name)
        yield not why_no_docker() and find_compose() is not None and _has(name)


def _has(image: str) -> bool:
    import docker.errors

    try:
        engine().images.get(image)
    except docker.errors.ImageNotFound:
        return False
    return True
