"""The provider's SDK for Node, unmodified, finds the stand-in too."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from carrier_front_stand import ACCOUNT, PERSON, STRIKE, TOKEN, Stand, stand

pytestmark = [pytest.mark.thirdparty, pytest.mark.slow]

SENDS = """
const client = require("twilio")(process.argv[1], process.argv[2]);
client.messages.create({ to: process.argv[3], from: process.argv[4], body: "from Node" })
  .then((sent) => console.log(sent.sid))
  .catch((error) => { console.error(error.message); process.exit(1); });
"""


@pytest.fixture(scope="module")
def node_sdk(request: pytest.FixtureRequest) -> Path:
    """The folder with the SDK, kept between test runs."""
    if shutil.which("npm") is None:
        pytest.skip("the SDK for Node needs npm, which is not installed")
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("third-party-apps") / "node-sdk"
    if not (folder / "installed").exists():
        folder.mkdir(exist_ok=True)
        command = ["npm", "install", "--silent", "--no-fund", "--prefix", str(folder), "twilio@5"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            pytest.skip("twilio for Node cannot be had from its registry: no end after 300 s")
        if done.returncode:
            pytest.skip(f"twilio for Node cannot be had: {done.stderr.strip()[-200:]}")
        (folder / "installed").touch()
    return folder


async def run_node(folder: Path, here: Stand) -> tuple[int | None, str]:
    """Exit code and output of a program that sends one text."""
    process = await asyncio.create_subprocess_exec(
        *("node", "-e", SENDS, ACCOUNT, TOKEN, PERSON, STRIKE),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HTTP_PROXY": here.front.proxy,
            "NODE_EXTRA_CA_CERTS": str(here.front.ca),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, (said or complained).decode().strip()


def test_the_sdk_for_node_comes_through_the_proxy(node_sdk: Path, tmp_path: Path) -> None:
    """It reads ``HTTP_PROXY``, not ``HTTPS_PROXY``, and trusts ``NODE_EXTRA_CA_CERTS``."""

    async def send() -> None:
        async with stand(tmp_path) as here:
            code, said = await run_node(node_sdk, here)
            assert code == 0, said
            assert here.texts.messages[said].body == "from Node"

    asyncio.run(send())
