"""Trunks: the calls that a group of lines can carry at once, held and answered together.

Lines of one group share its trunks, so a flood on one number takes the others down with it, as
the reporting line of 4 November 2008 took its headquarters' phones (SOURCES.md S14).

Whoever puts a call through takes the trunk first and gives it back when the call ends. The stage
does so for every line, since a spoken menu occupies a trunk just as an agent's caller does; a
:class:`~simulators.phones.hotline.Hotline` that is driven alone is handed the group and does the
same itself. One call takes one trunk once: never hand a stage's group to its hotlines.
"""

from __future__ import annotations


class Trunks:
    """One group of trunks.

    Args:
        group: Its name.
        lines: Calls carried at once, at least 1; None for no limit.

    Attributes:
        in_use: Calls carried now.
        most: The most that were ever carried at once.
        turned_away: Calls that found every trunk taken.

    Raises:
        ValueError: If there are fewer lines than one.

    Example:
        >>> group = Trunks("main", 1)
        >>> group.take(), group.take()
        (True, False)
        >>> group.give()
        >>> group.take(), group.in_use, group.most, group.turned_away
        (True, 1, 1, 1)
    """

    __slots__ = ("_lines", "group", "in_use", "most", "turned_away")

    def __init__(self, group: str, lines: int | None) -> None:
        self.group = group
        self.resize(lines)
        self.in_use = 0
        self.most = 0
        self.turned_away = 0

    @property
    def lines(self) -> int | None:
        """Calls carried at once, None for no limit."""
        return self._lines

    def take(self) -> bool:
        """Occupy a trunk for a new call. False if none is free: the caller hears busy."""
        lines = self._lines
        if lines is not None and self.in_use >= lines:
            self.turned_away += 1
            return False
        self.in_use += 1
        if self.in_use > self.most:
            self.most = self.in_use
        return True

    def give(self) -> None:
        """A call has ended.

        Raises:
            RuntimeError: If no call is carried: some call ended twice.
        """
        if not self.in_use:
            raise RuntimeError(f"trunk group {self.group}: a trunk was given back that none took.")
        self.in_use -= 1

    def resize(self, lines: int | None) -> None:
        """Change how many calls are carried from now on; those under way go on to their end.

        Raises:
            ValueError: If there are fewer lines than one.
        """
        if lines is not None and lines < 1:
            raise ValueError(
                f"trunks={lines}, but a hotline needs at least 1, or None for no limit."
            )
        self._lines = lines
