"""Small targets in containers, for tests that break them; skipped by name without an engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.injects.docker_host import engine, told, why_no_docker

# Answers what its clock says, how often it was started with the data it keeps, and whether there
# is room on its small disk.
SERVER = """
import http.server, json, pathlib, time
starts = pathlib.Path("/kept/starts")
starts.write_text((starts.read_text() if starts.exists() else "") + "x")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            pathlib.Path("/small/note").write_bytes(b"x" * 200_000); room = True
            pathlib.Path("/small/note").unlink()
        except OSError:
            room = False
        said = {"time": time.time(), "starts": len(starts.read_text()), "room": room}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(("", 80), Handler).serve_forever()
"""
COMPOSE = """
version: "2.4"
services:
  web:
    image: ${BASE_IMAGE}
    command: [python3, -c, "${SCRIPT}"]
    init: true
    ports: ["${PLACE}${PORT}:80"]
    networks: {front: {aliases: [www]}}
    environment:
      FAKETIME_TIMESTAMP_FILE: /tmp/clock
      FAKETIME_NO_CACHE: "1"
      LD_PRELOAD: /usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1
    volumes: ["kept:/kept", "small:/small"]
networks: {front: {}}
volumes:
  kept: {}
  small:
    driver_opts: {type: tmpfs, device: tmpfs, o: "size=4m"}
"""
TARGET = """
name: small
base_url: http://127.0.0.1:{{ port }}
compose:
  file: compose.yaml
  ready_within_s: 30
  env:
    BASE_IMAGE: "{{ env.DRILLHALL_BASE_IMAGE }}"
    PORT: "{{ port }}"
    PLACE: "{{ env.PLACE }}"
    SCRIPT: "{{ env.SCRIPT }}"
services:
  web: {container: web, volume: /small}
  store: {container: web, volume: /kept}
operations: {read_results: {request: {path: /}, classes: [{class: accepted, status: 200}]}}
"""


def base_image() -> str:
    """The base image of the practice apps; the test is skipped where there is none."""
    import docker.errors

    if why := why_no_docker():
        pytest.skip(why)
    name = os.environ.get("DRILLHALL_BASE_IMAGE", "drillhall-base:bookworm")
    try:
        engine().images.get(name)
    except docker.errors.ImageNotFound:
        pytest.skip(f"no image {name}: simulators/apps/image/base_image.sh makes it")
    return name


def small_target(folder: Path, *, place: str = "127.0.0.1:") -> tuple[Path, dict[str, str]]:
    """A target.yaml of one container, and the environment that it needs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compose.yaml").write_text(COMPOSE)
    (folder / "target.yaml").write_text(TARGET)
    more = {"DRILLHALL_BASE_IMAGE": base_image(), "SCRIPT": SERVER.strip(), "PLACE": place}
    return folder / "target.yaml", {**os.environ, **more}


@contextmanager
def container(name: str, *command: str) -> Iterator[Any]:
    """A container of that name while the block runs."""
    with told():
        found = engine().containers.run(
            base_image(), list(command), name=name, detach=True, init=True, network_mode="none"
        )
    try:
        yield found
    finally:
        with told():
            found.remove(force=True, v=True)
