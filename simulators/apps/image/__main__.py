"""Builds the image: ``python -P -m simulators.apps.image [--base IMAGE]``."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from simulators.apps.image.wheels import ImageError, requirements, wheels_for

TAG = "drillhall-practice"
BASE = "debian:bookworm-slim"
BASE_NAME = "DRILLHALL_BASE_IMAGE"
LABEL = "drillhall.image"  # by which one is known when another has taken its name
_HERE = Path(__file__).parent
_ASK_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"
_TAIL = 400  # characters of what Docker said that are told
_DEBIANS_PYTHON = "3.11"  # what Debian 12 installs where the base image has none


def main(arguments: list[str] | None = None) -> int:
    """Build it; a second time takes a second or two, since each layer is kept."""
    given = _parser().parse_args(arguments)
    base = given.base or os.environ.get(BASE_NAME) or BASE
    try:
        with tempfile.TemporaryDirectory(prefix="drillhall-image-") as folder:
            lay_out(Path(folder), python_of(base))
            build(Path(folder), base, given.tag)
    except ImageError as error:
        print(error, file=sys.stderr)  # noqa: T201 - told to whoever waits for the image
        return 2
    print(given.tag)  # noqa: T201 - what to name in a Compose file
    return 0


def lay_out(folder: Path, python: str) -> None:
    """Lay the Dockerfile, the wheels and the apps' sources into a folder.

    Raises:
        ImageError: If the wheels cannot be had.
    """
    wanted = requirements()
    shutil.copytree(wheels_for(python, wanted), folder / "wheels")
    (folder / "requirements.txt").write_text("".join(f"{each}\n" for each in wanted))
    shutil.copy(_HERE / "Dockerfile", folder)
    package = folder / "simulators"
    package.mkdir()
    shutil.copy(_HERE.parents[1] / "__init__.py", package)
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(_HERE.parent, package / "apps", ignore=leave_out)


def python_of(base: str) -> str:
    """The version of a base image's Python, or of the one that it will get.

    Raises:
        ImageError: If Docker does not answer, or has no such image.
    """
    _docker("version", said="no Docker engine answers")
    if _run("image", "inspect", base).returncode:
        _docker("pull", "-q", base, said=f"no base image {base!r} here, and none to be had")
    found = _run("run", "--rm", "--entrypoint", "python3", base, "-c", _ASK_VERSION)
    return found.stdout.strip() if found.returncode == 0 else _DEBIANS_PYTHON


def build(folder: Path, base: str, tag: str) -> None:
    """Build the image from a folder, and let go of those that had its name before.

    Raises:
        ImageError: If it cannot be built; its own last words.
    """
    said = f"the image {tag} cannot be built on {base!r}"
    ours = f"{LABEL}={tag}"
    _docker("build", "--build-arg", f"BASE={base}", "--label", ours, "-t", tag, str(folder),
            said=said)  # fmt: skip
    # Not the last one alone: a container may have kept one longer, or a build at the same time
    # taken the name in between.
    nameless = ("--filter", "dangling=true", "--filter", f"label={ours}")
    for each in _run("image", "ls", "-q", "--no-trunc", *nameless).stdout.split():
        _run("image", "rm", each)  # refused where a container still has it, which is right


def _docker(*words: str, said: str) -> None:
    done = _run(*words)
    if done.returncode:
        last = " ".join(f"{done.stdout}\n{done.stderr}".split())[-_TAIL:]
        raise ImageError(f"{said}: {last}. Name a base image in {BASE_NAME}, or with --base.")


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ImageError("there is no `docker` command here: install Docker") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulators.apps.image", description="Builds the image that practice apps run in."
    )
    parser.add_argument(
        "--base",
        help=f"an image with Python, PostgreSQL and Redis, or a Debian that fetches them; "
        f"{BASE_NAME} or {BASE} if left out",
    )
    parser.add_argument("--tag", default=TAG)
    return parser


if __name__ == "__main__":
    sys.exit(main())
