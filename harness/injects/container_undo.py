"""How what was done to containers is undone, by id and plain values.

A container that is gone needs nothing: every way is harmless then.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from typing import Any

from harness.injects.docker_host import DockerError, engine, told

PROJECT = "com.docker.compose.project"
BESIDE = "drillhall.beside"  # label of what is started beside a container: whose it is
_LOOK = 0.1  # seconds between looks at a container that is starting
_LOOKS = 5  # at what may be left of a project
_HEALTHY = 60.0  # seconds that a health check of its own gets to come good
_UNLIMITED = -1  # to the engine 0 means: as it is


def find(container: str) -> Any | None:
    """A container by id or name; None if it is gone."""
    import docker.errors

    with told(), contextlib.suppress(docker.errors.NotFound):
        return engine().containers.get(container)
    return None


def state(found: Any) -> dict[str, Any]:
    """What the engine says of a container now: ``Running``, ``Paused``, ``ExitCode``, ..."""
    with told():
        found.reload()
    said: dict[str, Any] = found.attrs["State"]
    return said


def start(container: str) -> None:
    """Start it, and wait for its own health check where it has one."""
    found = find(container)
    if found is None:
        return
    with told():
        if not state(found)["Running"]:
            found.start()
    wait_until_healthy(found)


def wait_until_healthy(found: Any, within: float = _HEALTHY) -> None:
    """Wait until a container is well by its own health check, or runs where it has none.

    Raises:
        DockerError: If it ends, or is not well in time.
    """
    deadline = time.monotonic() + within
    while True:
        now = state(found)
        health = now.get("Health", {}).get("Status", "healthy")
        if not now["Running"]:
            raise DockerError(f"{found.name} ended with {now['ExitCode']} when it was started")
        if health == "healthy":
            return
        if time.monotonic() > deadline:
            raise DockerError(f"{found.name} is {health} after {within:g} s")
        time.sleep(_LOOK)


def unpause(container: str) -> None:
    """Thaw it."""
    found = find(container)
    if found is not None and state(found)["Paused"]:
        with told():
            found.unpause()


def connect(container: str, network: str, aliases: list[str], address: str) -> None:
    """Put it back on a network, under its names there, and at its address where that is free."""
    import docker.errors

    found = find(container)
    if found is None:
        return
    with told():
        try:
            back = engine().networks.get(network)
        except docker.errors.NotFound:
            return
        back.reload()
        if found.id in {each.id for each in back.containers}:
            return
        try:
            back.connect(found, aliases=aliases, ipv4_address=address or None)
        except docker.errors.APIError:  # engines give addresses only in subnets that users chose
            back.connect(found, aliases=aliases)


def give_back(
    container: str, cpu_quota: int, cpu_period: int, memory: int, memory_swap: int
) -> None:
    """Give processor time and memory back as they were; 0 was no limit."""
    found = find(container)
    if found is None:
        return
    with told():
        # Engines take no memory limit back altogether; more than there is comes to the same.
        total = engine().info()["MemTotal"]
        found.update(
            cpu_quota=cpu_quota or _UNLIMITED,
            cpu_period=cpu_period or 100_000,
            mem_limit=memory or total,
            memswap_limit=memory_swap if memory_swap > 0 else 2 * total,
        )


def remove_file(container: str, path: str) -> None:
    """Remove a file inside it, also when it does not run."""
    found = find(container)
    if found is not None:
        inside(found, ["rm", "-f", "--", path])


def write_file(container: str, path: str, text: str) -> None:
    """Write a small file inside it."""
    found = find(container)
    if found is not None:
        inside(found, writing(path, text))


def writing(path: str, text: str) -> list[str]:
    """The command that writes a small file."""
    return ["sh", "-c", 'printf %s "$1" > "$2"', "sh", text, path]


def remove(container: str) -> None:
    """Remove a container, whatever it does; its volumes are another's."""
    import docker.errors

    found = find(container)
    if found is not None:
        with told(), contextlib.suppress(docker.errors.NotFound):  # it has just gone by itself
            found.remove(force=True)


def answers(found: Any) -> bool:
    """Whether commands can be run inside a container: it runs, and is not frozen."""
    now = state(found)
    return bool(now["Running"]) and not now["Paused"]


def beside(found: Any, command: list[str]) -> str:
    """The name of what runs a command beside a container; the same whoever runs it."""
    what = hashlib.sha256("\0".join(command).encode()).hexdigest()[:8]
    return f"drillhall-beside-{found.id[:12]}-{what}"


def inside(found: Any, command: list[str]) -> str:
    """Run a command inside a container, or beside it on the same volumes if it does not run.

    What is beside it must be removed, too, should we be killed meanwhile: whoever breaks something
    writes that down before, and whoever undoes something does it again under the same name.

    Returns:
        What it printed.

    Raises:
        DockerError: If it fails.
    """
    import docker.errors

    if answers(found):
        with told():
            code, (said, complained) = found.exec_run(command, user="root", demux=True)
        if code:
            words = " ".join((complained or b"").decode("utf-8", "replace").split())[-200:]
            raise DockerError(f"{command[0]} in {found.name} ended with {code}: {words}")
    else:
        name = beside(found, command)
        remove(name)  # whoever was killed while this was run has left one
        with told():
            try:
                said = engine().containers.run(
                    found.image.id, command[1:], entrypoint=command[0], volumes_from=[found.id],
                    user="root", remove=True, network_mode="none", name=name,
                    labels={BESIDE: found.name},
                )  # fmt: skip
            except docker.errors.ContainerError as error:
                raise DockerError(f"{command[0]} beside {found.name}: {error}") from error
    return str((said or b"").decode("utf-8", "replace"))


def down(project: str) -> None:
    """Take a Compose project down with its networks and volumes, as ``down -v`` does.

    By the labels that Compose gives, so that neither its file nor its variables are needed, which
    may hold secrets. What the engine was making just then comes late, so it is looked for again.

    Raises:
        DockerError: If something of it is still there.
    """
    for _ in range(_LOOKS):
        if not _take_down(project):
            return
    raise DockerError(f"there is always something left of the Compose project {project}")


def _take_down(project: str) -> bool:
    """Remove what there is of it now; whether there was anything."""
    import docker.errors

    there = False
    mine = {"label": f"{PROJECT}={project}"}
    with told():
        client = engine()
        built = set()
        for each in client.containers.list(all=True, filters=mine, ignore_removed=True):
            there = True
            built |= {
                tag for tag in each.image.tags if tag.startswith((f"{project}_", f"{project}-"))
            }
            with contextlib.suppress(docker.errors.NotFound):
                each.remove(v=True, force=True)
        for network in client.networks.list(filters=mine):
            there = True
            with contextlib.suppress(docker.errors.NotFound):
                network.remove()
        for volume in client.volumes.list(filters=mine):
            there = True
            with contextlib.suppress(docker.errors.NotFound):
                volume.remove(force=True)
        for tag in built:  # an image that the file gives no name of its own is for this project
            with contextlib.suppress(docker.errors.NotFound):
                client.images.remove(tag)
    return there


WAYS: dict[str, Callable[..., None]] = {
    "container.remove": remove,
    "container.start": start,
    "container.unpause": unpause,
    "container.connect": connect,
    "container.give_back": give_back,
    "container.remove_file": remove_file,
    "container.write_file": write_file,
    "compose.down": down,
}
