"""What Playwright's own recorder writes down of a sign-in becomes a flow that a persona walks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from browser_stand import Chromium
from reporting_night import SECRET, Start

from harness.target import Run, load_target
from harness.target.recording import flow_of
from simulators.people.person import Person
from simulators.people.personas import PERSONAS
from simulators.world.preferences import FIELDS

pytestmark = pytest.mark.slow
CHAIR = Person(0, "chair", "chair-0", "IA-0001", codes=("100000", "200000", "300000"))
BOXES = ("Precinct ID", "PIN", "Security code")
INSIDE = "/Copy the numbers from the signed worksheet/"


def recorded(chromium: Chromium, address: str, path: Path) -> None:
    """Sign in by hand, as it were, with codegen's recorder running."""

    async def click(page: Any) -> None:
        # As `playwright codegen` does it; the package has no public name for it.
        options = {"language": "python", "mode": "recording", "outputFile": str(path)}
        await page.context._impl_obj._show_recorder(options)
        await page.goto(address)
        for box, code in zip(BOXES, CHAIR.codes, strict=True):
            await page.get_by_label(box).click()
            await page.keyboard.type(code)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("button", name="Send report").wait_for()

    chromium.on_page(click)


def test_a_recorded_sign_in_is_walked(chromium: Chromium, start: Start, tmp_path: Path) -> None:
    """Recorded by clicks, turned into a flow with templates for what was typed, and walked."""
    from harness.channels.web.trial import errands, try_out

    base = f"http://127.0.0.1:{start().http.port}"
    recorded(chromium, f"{base}/", tmp_path / "clicks.py")
    means = {code: f"{{{{ codes[{i}] }}}}" for i, code in enumerate(CHAIR.codes)}
    text = flow_of(tmp_path / "clicks.py", "sign_in", means=means, seen=INSIDE)
    described = {"name": "recorded", "base_url": base, **yaml.safe_load(text)}
    target = load_target(
        described, environment={"REPORTING_SECRET": SECRET}, run=Run("run-1", 7, FIELDS)
    )
    signing_in = [each for each in errands(CHAIR, ()) if each.kind == "sign_in"]
    tried = try_out(target, PERSONAS["steady"], signing_in, tmp_path)
    assert tried.ended["sign_in"].answer_class == "accepted"
    assert [each["state"] for each in tried.of("step")] == ["passed", "passed"]
