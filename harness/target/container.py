"""A service that is a container: what a drill may do to it, and how each thing is undone.

Every undoing is written down as a lease before the thing is done.
"""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePosixPath
from typing import Any

from harness.injects import container_undo
from harness.injects.docker_host import DockerError, engine, told
from harness.injects.lease import Lease, Leases
from harness.injects.undo import Undo
from harness.injects.ways.clock import RIGHT, VARIABLE
from harness.injects.ways.disk_full import BALLOON, why_too_large

_GONE_WITHIN = 10  # seconds until a container that was killed is gone
_PERIOD = 100_000  # microseconds in which the processor time of a container is counted
# The number of the disk that the data is on, that of the container's own layer, and its room.
_LOOK_AT_DISK = 'stat -c "%d" "$1" / && df -Pk "$1" | tail -1'
_BLOW_UP = 'dd if=/dev/zero of="$1" bs=64k >/dev/null 2>&1; stat -c %s "$1"'


class Container:
    """Controls one container.

    Args:
        role: Its name under ``services``.
        found: The container, as the SDK has it.
        volume: Where in it its data is; empty if nobody says.
        ours: Whether this drill made it, and may throw its data away.
    """

    def __init__(
        self, role: str, found: Any, leases: Leases, *, volume: str = "", ours: bool = False
    ) -> None:
        self.role, self.found, self.leases = role, found, leases
        self.volume, self.ours = volume, ours
        self.id: str = found.id
        self._places: dict[str, str] = {}  # its address on each network it was taken off
        self._leases: dict[tuple[str, str], Lease] = {}

    @property
    def alive(self) -> bool:
        """Whether it runs now; what is frozen does."""
        return bool(container_undo.state(self.found)["Running"])

    def take(self, do: str, says: str, *, of: str = "", **needs: Any) -> None:
        """Write down how something that is about to be done is undone.

        Args:
            do: The way of undoing, as in ``container_undo``.
            of: Tells apart what is undone in the same way, as of several networks.
        """
        if (do, of) not in self._leases:
            undo = Undo(do, f"{says} {self.found.name}", {"container": self.id, **needs})
            self._leases[do, of] = self.leases.take(undo)

    def give(self, do: str) -> None:
        """Undo all of one way; harmless when there is nothing to undo.

        Raises:
            UndoError: If it cannot be undone.
        """
        for key in [each for each in self._leases if each[0] == do]:
            self._leases[key].undo()
            del self._leases[key]

    def _inside(self, command: list[str]) -> str:
        """Run a command in it; if it does not run, beside it, which is written down first."""
        if container_undo.answers(self.found):
            return container_undo.inside(self.found, command)
        name = container_undo.beside(self.found, command)
        lease = self.leases.take(Undo("container.remove", f"remove {name}", {"container": name}))
        try:
            return container_undo.inside(self.found, command)
        finally:
            lease.undo()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.take("container.start", "start")
        with told():
            if self.alive:
                self.found.kill()
                self.found.wait(timeout=_GONE_WITHIN)

    def stop(self) -> None:
        """End it politely; how long it then has is the container's own affair."""
        self.take("container.start", "start")
        with told():
            self.found.stop()

    def start(self) -> None:
        """Start it, and wait until it is well."""
        container_undo.start(self.id)
        self.give("container.start")

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nothing answers."""
        self.take("container.unpause", "thaw")
        with told():
            self.found.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.give("container.unpause")

    # -- networks ---------------------------------------------------------------------------

    def disconnect(self) -> list[str]:
        """Take it off all its networks; their names."""
        self._places = self._addresses()
        for name, place in self._networks().items():
            own = {self.id[:12]}  # the engine adds this name itself
            aliases = sorted({*(place.get("Aliases") or ()), *self._service_names()} - own)
            self.take(
                "container.connect",
                "connect",
                of=name,
                network=place["NetworkID"],
                aliases=[] if name == "bridge" else aliases,  # the old one has no names
                address=place.get("IPAddress") or "",
            )
            with told():
                engine().networks.get(place["NetworkID"]).disconnect(self.id)
        return list(self._places)

    def reconnect(self) -> list[str]:
        """Put it back on them; where its address is another one, says so."""
        self.give("container.connect")
        now = self._addresses()
        return [
            f"at another address on {name}, {now.get(name) or 'none'} for {before}"
            for name, before in self._places.items()
            if before and now.get(name) != before
        ]

    def _networks(self) -> dict[str, Any]:
        container_undo.state(self.found)
        networks: dict[str, Any] = self.found.attrs["NetworkSettings"]["Networks"]
        return networks

    def _addresses(self) -> dict[str, str]:
        return {name: place.get("IPAddress") or "" for name, place in self._networks().items()}

    def _service_names(self) -> list[str]:
        service = self.found.labels.get("com.docker.compose.service")
        return [service] if service else []

    # -- processor and memory ---------------------------------------------------------------

    def why_not_squeezed(self) -> str:
        """Why its limits cannot be changed and given back."""
        container_undo.state(self.found)
        if self.found.attrs["HostConfig"].get("NanoCpus"):
            return (
                f"{self.role} has its processor time as `cpus`, which the engine does not change; "
                "give it as cpu_quota and cpu_period"
            )
        return ""

    def squeeze(self, cpu: float | None, memory_mb: int | None) -> None:
        """Leave it so many cores and so many MiB."""
        given = self.found.attrs["HostConfig"]
        self.take(
            "container.give_back",
            "give processor time and memory back to",
            cpu_quota=given.get("CpuQuota") or 0,
            cpu_period=given.get("CpuPeriod") or 0,
            memory=given.get("Memory") or 0,
            memory_swap=given.get("MemorySwap") or 0,
        )
        limits: dict[str, int] = {}
        if cpu is not None:
            limits |= {"cpu_period": _PERIOD, "cpu_quota": max(1000, round(cpu * _PERIOD))}
        if memory_mb is not None:
            limits |= {"mem_limit": memory_mb << 20, "memswap_limit": memory_mb << 20}
        with told():
            self.found.update(**limits)

    def relax(self) -> None:
        """Give back what it had."""
        self.give("container.give_back")

    # -- data -------------------------------------------------------------------------------

    def why_not_filled(self) -> str:
        """Why its disk must not be filled."""
        if not self.volume:
            return f"services.{self.role}.volume does not say where in the container its data is"
        try:
            said = self._inside(["sh", "-c", _LOOK_AT_DISK, "sh", self.volume])
            disk, root, *table = said.split()
            free = int(table[-3]) * 1024
        except (DockerError, ValueError) as error:
            return f"the disk of {self.role} cannot be looked at: {error}"
        if int(disk) in _devices(engine().info()["DockerRootDir"]) or disk == root:
            return f"{self.volume} of {self.role} is on the machine's own disk, which is not filled"
        return why_too_large(self.role, free)

    def fill(self) -> int:
        """Take all the room there is in its volume; how many bytes that was."""
        path = f"{self.volume.rstrip('/')}/{BALLOON}"
        self.take("container.remove_file", "free the disk of", path=path)
        return int(self._inside(["sh", "-c", _BLOW_UP, "sh", path]))

    def free(self) -> None:
        """Give the room back."""
        self.give("container.remove_file")

    def why_not_wiped(self) -> str:
        """Why its data must not be thrown away."""
        if not self.ours:
            return (
                f"the data of {self.role} could not be brought back; only what the drill itself "
                "brings up, by `compose`, is wiped"
            )
        if not self.volume:
            return f"services.{self.role}.volume does not say where in the container its data is"
        if self._on_others_data():
            return (
                f"{self.volume} of {self.role} is a folder of this machine's, or a volume that the "
                "drill did not make; only what it makes itself is wiped"
            )
        return ""

    def _on_others_data(self) -> bool:
        """Whether its data, or some of it, is where the drill's Compose project does not reach."""
        here = PurePosixPath(self.volume)
        project = self.found.labels.get(container_undo.PROJECT)
        container_undo.state(self.found)
        for mount in self.found.attrs["Mounts"]:
            place = PurePosixPath(mount["Destination"])
            if not (here.is_relative_to(place) or place.is_relative_to(here)):
                continue
            if mount["Type"] == "tmpfs" or (mount["Type"] == "volume" and _of(mount, project)):
                continue
            return True
        return False

    def wipe(self) -> None:
        """Throw its data away, while it does not run."""
        self._inside(["find", self.volume, "-mindepth", "1", "-delete"])

    # -- clock ------------------------------------------------------------------------------

    def clock_file(self) -> str:
        """The file that libfaketime reads in it; empty if it was started without."""
        for each in self.found.attrs["Config"]["Env"] or ():
            name, _, value = each.partition("=")
            if name == VARIABLE:
                return str(value)
        return ""

    def set_clock(self, says: str) -> None:
        """Write what libfaketime is to read."""
        path = self.clock_file()
        if says == RIGHT:
            self.give("container.write_file")
            return
        self.take("container.write_file", "set the clock of", path=path, text=RIGHT)
        self._inside(container_undo.writing(path, says))


def _of(mount: dict[str, Any], project: str | None) -> bool:
    """Whether a mounted volume was made by this Compose project, or for its container alone."""
    with told():
        labels = engine().volumes.get(mount["Name"]).attrs.get("Labels") or {}
    made_for_it = "com.docker.volume.anonymous" in labels
    return made_for_it or (bool(project) and labels.get(container_undo.PROJECT) == project)


def _devices(*places: str) -> set[int]:
    """The disks of this machine that must never be filled."""
    found = set()
    for place in ("/", str(Path.home()), str(Path.cwd()), *places):
        with contextlib.suppress(OSError):
            found.add(Path(place).stat().st_dev)
    return found
