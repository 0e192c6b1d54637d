"""Something goes wrong with services of the target, and is put right again at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from harness.document import DocumentError


class Service(Protocol):
    """A service that a drill may break, whether it is a container or a process.

    What more some of them can bear is said by the ways that need it (``harness.injects.ways``).
    """

    role: str

    @property
    def alive(self) -> bool:
        """Whether it runs now; what is frozen does."""
        ...

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        ...

    def stop(self) -> None:
        """End it politely, and wait until it is gone."""
        ...

    def start(self) -> None:
        """Start it, and wait until it is ready; harmless when it runs."""
        ...

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nothing answers."""
        ...

    def resume(self) -> None:
        """Let it go on; harmless when it does."""
        ...


class Way(Protocol):
    """One way in which a service goes wrong."""

    def unable(self, service: Service) -> str:
        """Why it cannot be done to this service; empty if it can."""
        ...

    def begin(self, service: Service) -> str:
        """Do it; what was done, in a few words."""
        ...

    def finish(self, service: Service) -> str:
        """Undo it; what was done, in a few words, empty if there was nothing to do."""
        ...


class ServiceFault:
    """One planned fault of one or more services, all at once.

    Args:
        name: As in the scenario.
        start, end: Drill seconds when it begins, and when it is undone.
        kind: As in the scenario.
        way: What goes wrong.
        services: With whom.
    """

    def __init__(
        self, name: str, start: float, end: float, kind: str, way: Way, services: Sequence[Service]
    ) -> None:
        self.name, self.start, self.end, self.kind = name, start, end, kind
        self.touched, self.detail = 0, ""
        self._way, self._services = way, services
        self._broken: list[Service] = []

    def begin(self) -> None:
        """Break them; one that is down already is left alone.

        Raises:
            RuntimeError: If one cannot be broken; finishing mends those that are.
        """
        self._say(*[f"{each.role} was down" for each in self._services if not each.alive])
        self._broken = [each for each in self._services if each.alive]
        troubles = self._all(self._way.begin)
        self.touched = len(self._broken) - len(troubles)
        _raise(troubles)

    def finish(self) -> None:
        """Mend them; harmless when nothing is broken.

        Raises:
            RuntimeError: If one cannot be mended; it may be tried again.
        """
        troubles = self._all(self._way.finish)
        self._broken = [each for each, _ in troubles]
        _raise(troubles)

    def close(self) -> None:
        """Nothing is left behind once they are mended."""

    def _all(self, do: Callable[[Service], str]) -> list[tuple[Service, Exception]]:
        """Do something to all that are broken at once, since a region goes as a whole.

        Returns:
            With whom it failed, and why.
        """
        with ThreadPoolExecutor(max_workers=max(1, len(self._broken))) as pool:
            doing = [(each, pool.submit(do, each)) for each in self._broken]
        troubles: list[tuple[Service, Exception]] = []
        for each, done in doing:
            try:
                self._say(f"{each.role} {done.result()}")
            except (OSError, RuntimeError, DocumentError) as error:
                troubles.append((each, error))
        return troubles

    def _say(self, *said: str) -> None:
        self.detail = ", ".join(filter(None, [self.detail, *said]))


def _raise(troubles: Sequence[tuple[Service, Exception]]) -> None:
    if troubles:
        raise RuntimeError("; ".join(f"{each.role}: {error}" for each, error in troubles))
