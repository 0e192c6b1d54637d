"""The image of practice apps: what goes into it, and what is told where it cannot be made."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from harness.injects.docker_host import why_no_docker
from simulators.apps.image import __main__ as image
from simulators.apps.image.wheels import ImageError, requirements, wheels_for

APPS = Path(image.__file__).parents[1]
IN_DOCKER = ("reporting", "hub", "serving", "image")


def test_everything_that_its_apps_import_is_in_it() -> None:
    """Each package that an app in Docker imports at its top is among the wheels."""
    wanted = {each.partition("==")[0].lower() for each in requirements()}
    wheels = packages_distributions()
    for app in IN_DOCKER:
        for path in (APPS / app).rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
                for top in {each.partition(".")[0] for each in names}:
                    if top in sys.stdlib_module_names or top in ("simulators", "__future__"):
                        continue
                    assert {each.lower() for each in wheels[top]} & wanted, f"{path}: {top}"


def test_it_runs_the_versions_that_are_here() -> None:
    """What a drill finds in Docker is what it would find on this machine."""
    assert f"starlette=={version('starlette')}" in requirements()


def test_wheels_that_cannot_be_had_are_told_with_pips_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing half fetched stays in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ImageError, match=r"pip cannot fetch wheels for Python 3\.11.*starlette"):
        wheels_for("3.11", ["starlette"])
    assert list((tmp_path / "drillhall" / "wheels").iterdir()) == []


def test_without_docker_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit code 2."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert image.main([]) == 2
    assert capsys.readouterr().err == "there is no `docker` command here: install Docker\n"


def test_a_base_image_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With the engine's reason, and where another can be named."""
    fake = tmp_path / "docker"
    fake.write_text(
        "#!/bin/sh\n[ $1 = version ] && exit 0\n[ $1 = pull ] && echo 'no such host' >&2\nexit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert image.main(["--base", "registry.example.org/debian:12"]) == 2
    said = capsys.readouterr().err
    assert "no base image 'registry.example.org/debian:12'" in said
    assert "no such host. Name a base image in DRILLHALL_BASE_IMAGE, or with --base." in said


def test_its_folder_has_all_that_the_dockerfile_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each COPY finds what it names, and only sources of practice apps are laid there."""
    wheels = tmp_path / "wheels-here"
    wheels.mkdir()
    monkeypatch.setattr(image, "wheels_for", lambda python, wanted: wheels)
    folder = tmp_path / "context"
    folder.mkdir()
    image.lay_out(folder, "3.11")
    for line in (folder / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY "):
            assert (folder / line.split()[1]).exists(), line
    assert {each.name for each in (folder / "simulators").iterdir()} == {"__init__.py", "apps"}


@pytest.mark.live
def test_those_that_had_its_name_before_are_gone(tmp_path: Path) -> None:
    """One that a container kept is let go of by the next build, and not before."""
    if why := why_no_docker():
        pytest.skip(why)
    tag = f"drillhall-test-image-{os.getpid()}"
    (tmp_path / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nCOPY note /note\n")

    def docker(*words: str) -> list[str]:
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=True)
        return done.stdout.split()

    def built(note: str) -> list[str]:
        (tmp_path / "note").write_text(note)
        image.build(tmp_path, "scratch", tag)
        return docker("image", "ls", "-q", "--no-trunc", "--filter", f"label={image.LABEL}={tag}")

    try:
        (first,) = built("first")
        (holder,) = docker("create", tag, "true")
        try:
            assert first in built("second")
        finally:
            docker("rm", holder)
        (third,) = built("third")
        assert third != first
    finally:
        docker("image", "rm", tag)
