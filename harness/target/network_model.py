"""The words of ``target.yaml`` for the network between people and the target."""

from __future__ import annotations

from pydantic import field_validator

from harness.target.flow_model import Part
from harness.target.origins import is_loopback, split_url


class NetworkModel(Part):
    """A Toxiproxy server that stands in for the drill's own proxy."""

    toxiproxy: str  # its control API, on this machine: http://127.0.0.1:8474

    @field_validator("toxiproxy")
    @classmethod
    def _here(cls, url: str) -> str:
        scheme, host, _, path = split_url(url)
        if scheme != "http" or path or not is_loopback(host):
            raise ValueError(
                f"found {url!r}, but people's traffic goes through a proxy on this machine only, "
                "such as http://127.0.0.1:8474"
            )
        return url

    @property
    def control(self) -> str:
        """``host:port`` of its control API."""
        _, host, port, _ = split_url(self.toxiproxy)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
