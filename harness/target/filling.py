"""Commands and environments of what a description starts, with their templates filled in."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.complaint import Where
from harness.target.access import no_operation
from harness.target.reading import reader_person
from harness.target.scope import Names, Scope
from harness.target.target import Target
from harness.target.template import Templates


class Filling:
    """Fills in what one process, or one Compose project, is started with.

    Args:
        target: Whose description it stands in.
        folder: ``{{ folder }}``: the run folder.
        data: ``{{ data }}``: where it keeps what must outlast a restart.
        port: ``{{ port }}``; the target's own if left out.
    """

    def __init__(
        self, target: Target, folder: Path, data: Path, *, port: int | None = None
    ) -> None:
        self._target = target
        self._extra = {"data": str(data.absolute()), "folder": str(folder.absolute())}
        self._templates = target.templates
        if port is not None:
            names = Names(target.run, target.base_url, port, target.environment)
            names.constants = target.names.constants | {"port": port}
            names.used_secrets = target.names.used_secrets
            self._templates = Templates(names, target.document, target.templates.facts)

    def text(self, text: str, path: Where) -> str:
        """A text.

        Raises:
            TargetError: If it names what does not exist.
        """
        leaf = self._templates.text(text, path, frozenset(self._extra))
        person = reader_person("operator")
        session = self._target.cast.session(person)
        return str(leaf.get(Scope(no_operation(person), session, {}, self._extra)))

    def words(self, command: Sequence[str], path: Where, *, beside: bool = True) -> list[str]:
        """A command; ``python`` is the one that runs us.

        Args:
            beside: Whether a word that names a file beside the description is that file, wherever
                the command runs.
        """
        words = [self.text(word, (*path, i)) for i, word in enumerate(command)]
        if words[0] in ("python", "python3"):
            words[0] = sys.executable
        return [self._beside(word) for word in words] if beside else words

    def environment(self, given: Mapping[str, str], path: Where) -> dict[str, str]:
        """The target's environment with what a description adds."""
        filled = {name: self.text(text, (*path, name)) for name, text in given.items()}
        return {**self._target.environment, **filled}

    def _beside(self, word: str) -> str:
        path = self._target.folder / word
        plain = word and len(word) < 200 and "\n" not in word
        return str(path) if plain and path.is_file() else word
