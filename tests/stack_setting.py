"""Whether the practice apps' stacks run in Docker here, or as processes."""

from __future__ import annotations

import os

from harness.injects.docker_host import engine, why_no_docker
from harness.target.compose import find_compose

BASE = "drillhall-base:bookworm"


def in_docker() -> bool:
    """An engine answers, Compose is installed, and there is a base image to build on."""
    os.environ.setdefault("DRILLHALL_BASE_IMAGE", BASE)  # drills are told of it so
    return not why_no_docker() and find_compose() is not None and _has_base()


def _has_base() -> bool:
    import docker.errors

    try:
        engine().images.get(os.environ["DRILLHALL_BASE_IMAGE"])
    except docker.errors.ImageNotFound:
        return False
    return True
