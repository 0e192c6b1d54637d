"""Targets in Python, for what YAML cannot say: request signing, payloads that need code.

Name a subclass in the file, ``adapter: my_app:MyTarget``, beside ``name`` and ``base_url``. It
has the same contract as a described target, and whatever the file describes still works: an
adapter overrides what it needs and leaves the rest.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.document import Document
from harness.target.errors import TargetError
from harness.target.model import Description
from harness.target.target import Target
from harness.target.wire import Exchange, Request, Response
from simulators.stage import Operation


class Adapter(Target):
    """Base class of targets in Python.

    Override :meth:`kinds` and :meth:`exchange`; :meth:`read` if the app is read back by code.
    """

    def kinds(self) -> tuple[str, ...]:
        """Kinds of operations this code performs itself."""
        raise NotImplementedError(f"{type(self).__name__} must say which kinds it performs")

    def exchange(self, operation: Operation, session: Any) -> Exchange:
        """One attempt: yield requests, be sent responses, return what the answer means."""
        raise NotImplementedError(f"{type(self).__name__} must say how {operation.kind} travels")

    def read(self, reader: str) -> Iterable[Mapping[str, Any]] | None:
        """Rows of a reader, as dictionaries; None leaves the reader to the description."""
        del reader
        return None

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Request:
        """A request to the target, with the headers that every request carries."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        base = self.origins.base
        head = f"{method} {base.prefix}{path} HTTP/1.1\r\n".encode() + base.host + lines.encode()
        return Request(base.origin, method, head, body, self.description.timeout_s)

    @property
    def operations(self) -> tuple[str, ...]:
        """What the code performs, then what the file describes besides."""
        return tuple(dict.fromkeys((*self.kinds(), *super().operations)))

    def perform(self, operation: Operation, session: Any) -> Exchange:
        """One attempt: by code where the code performs this kind, else as described."""
        if operation.kind in self.kinds():
            return self.exchange(operation, session)
        return super().perform(operation, session)


def load_adapter(
    document: Document, description: Description, folder: Path, **arguments: Any
) -> Target:
    """Import and make the adapter that a description names.

    Raises:
        TargetError: If it cannot be imported or is no :class:`Adapter`.
    """
    name = description.adapter or ""
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        message = f"found {name!r}, but it must be module:Class"
        raise TargetError(document.problem(("adapter",), message))
    sys.path.insert(0, str(folder))
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise TargetError(document.problem(("adapter",), f"{name}: {error}")) from None
    finally:
        sys.path.remove(str(folder))
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        message = f"{name} is not a subclass of harness.target.adapter.Adapter"
        raise TargetError(document.problem(("adapter",), message))
    return found(document, description, folder, **arguments)


__all__ = ["Adapter", "Request", "Response", "load_adapter"]
