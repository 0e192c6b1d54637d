"""Looks leave a page as they found it, and no page can hang one, stop one or speak through one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser_stand import Chromium
from looks_pages import CLEAN, page

pytest.importorskip("playwright.async_api")
from harness.channels.web.looks import walk, world
from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.outline import LARGEST, outlined
from harness.channels.web.looks.registry import LOOKS

PHONE: dict[str, Any] = {
    "viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True,
}  # fmt: skip
SETTING = Setting(phone=True, codes=("#pin", ":::", "*["), main=("button", "]["))
STATE = """() => [location.href, document.activeElement.id, scrollY, innerWidth, innerHeight,
  [...document.querySelectorAll('input')].map((each) => each.value + each.checked),
  document.querySelector('#box').scrollTop, document.documentElement.outerHTML,
  Object.keys(window).length]"""


REDEFINED = """for (const name of ['getComputedStyle', 'JSON', 'Array', 'requestAnimationFrame'])
  window[name] = null;
Element.prototype.getBoundingClientRect = () => ({});
document.querySelectorAll = () => [];"""
LINKS = """for (let n = 0; n < 40; n += 1) document.querySelector('main').insertAdjacentHTML(
  'beforeend', '<p><a href=#>Article ' + n + '</a></p>')"""


async def look_at(page: Any, names: Any = LOOKS) -> dict[str, Seeing]:
    return {name: await LOOKS[name](page, SETTING) for name in names}


def test_a_page_is_left_as_it_was(chromium: Chromium, tmp_path: Path) -> None:
    """Address, markup, values, focus, places scrolled to and the screen are the same after all."""
    html = page(end='<div id="box" style="height: 90px; overflow: auto" tabindex="0">'
                    '<p style="height: 900px">Long</p></div>',
                style="form { padding-bottom: 900px }")  # fmt: skip

    async def opened(page: Any) -> tuple[Any, Any]:
        await page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=html))
        await page.goto("https://practice.example.org/report?a=1#top")
        await page.fill("#pin", "001234")
        await page.check(".tick")
        await page.evaluate("box.scrollTop = 300; scrollTo(0, 120)")
        await page.evaluate("votes.focus({preventScroll: true})")
        before = await page.evaluate(STATE)
        for name, seeing in (await look_at(page)).items():
            assert seeing.problem == "", name
        await outlined(page, "#votes", tmp_path / "votes.jpg")
        return before, await page.evaluate(STATE)

    before, after = chromium.on_page(opened, **PHONE)
    assert after == before


def test_forms_are_not_sent(chromium: Chromium) -> None:
    """A page that sends itself when a code is whole, or changed, is not made to."""
    html = page(
        end="""<script>
      pin.addEventListener('input', () => { if (pin.value.length >= 4) pin.form.requestSubmit(); });
      pin.addEventListener('change', () => pin.form.requestSubmit());
    </script>"""
    )

    async def opened(page: Any) -> list[str]:
        asked: list[str] = []

        async def answer(route: Any) -> None:
            asked.append(route.request.method)
            await route.fulfill(content_type="text/html", body=html)

        await page.route("**/*", answer)
        await page.goto("https://practice.example.org/")
        await look_at(page)
        return asked

    assert chromium.on_page(opened, **PHONE) == ["GET"]


@pytest.mark.parametrize(
    "policy", ["default-src 'none'", "require-trusted-types-for 'script'; script-src 'none'"]
)
def test_a_strict_policy_keeps_no_look_out(chromium: Chromium, tmp_path: Path, policy: str) -> None:
    """Looks work where the page allows no scripts and no styles, and draw their outline too."""

    async def opened(page: Any) -> tuple[dict[str, Seeing], bytes, bytes]:
        headers = {"Content-Security-Policy": policy}
        await page.route("**/*", lambda route: route.fulfill(
            content_type="text/html", body=CLEAN, headers=headers))  # fmt: skip
        await page.goto("https://practice.example.org/")
        found = await look_at(page)
        plain = await outlined(page, "#nowhere", tmp_path / "plain.jpg")
        drawn = await outlined(page, "#pin", tmp_path / "drawn.jpg")
        assert plain is not None
        assert drawn is not None
        return found, plain.read_bytes(), drawn.read_bytes()

    found, plain, drawn = chromium.on_page(opened, **PHONE)
    assert {name: each.problem for name, each in found.items()} == dict.fromkeys(LOOKS, "")
    assert all(each.seen for name, each in found.items() if name != "errors")
    assert plain != drawn


@pytest.mark.parametrize(
    ("script", "problems"),
    [
        ("setInterval(() => document.querySelectorAll('input')[Date.now() % 3].focus(), 20)",
         {"keyboard", "focus"}),
        ("document.addEventListener('focusin', () => alert('Boo')); onbeforeunload = () => true",
         set()),
        (REDEFINED, set()),
        ("for (let n = 0; n < 20000; n += 1) document.body.append(document.createElement('i'))",
         set()),
        (LINKS, {"keyboard", "focus"}),
        ("document.addEventListener('focusin', () => { location.href = '/gone' })",
         {"keyboard", "focus", "soft_keyboard", "paste"}),
    ],
    ids=["restless", "dialogs", "redefined", "huge", "long", "leaves"],
)  # fmt: skip
def test_a_hostile_page_hangs_nobody(
    chromium: Chromium, monkeypatch: pytest.MonkeyPatch, script: str, problems: set[str]
) -> None:
    """What cannot be looked at is told as a problem of the look; nothing is raised."""
    monkeypatch.setattr(walk, "TABS", 30)
    html = page(end=f"<script>{script}</script>")

    async def opened(page: Any) -> set[str]:
        await page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=html))
        found = set()
        for name in ("keyboard", "focus", "labels", "soft_keyboard", "paste", "contrast"):
            await page.goto("https://practice.example.org/")
            if (await LOOKS[name](page, SETTING)).problem:
                found.add(name)
        return found

    assert chromium.on_page(opened, **PHONE) == problems


def test_a_page_that_does_not_answer_is_a_problem(
    chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look ends when its time is up."""
    monkeypatch.setattr(world, "LONGEST", 0.5)
    monkeypatch.setattr(world, "_PUT_BACK", 0.5)

    async def opened(page: Any) -> Seeing:
        await page.set_content(CLEAN + "<script>setTimeout(() => { for (;;); }, 50)</script>")
        await page.wait_for_timeout(100)
        return await LOOKS["labels"](page, SETTING)

    assert chromium.on_page(opened).problem == "it took longer than 0.5 seconds"


def test_what_a_page_says_is_cut_short(chromium: Chromium) -> None:
    """Page text is quoted on one line, without what does not print, and not at length."""
    hostile = "Send\\u202e\\u0000\\u001b[31m\\n" + "report " * 50
    script = "const send = document.querySelector('.send'); send.tabIndex = -1;"
    script += f"send.textContent = '{hostile}'"
    html = page(end=f"<script>{script}</script>")

    async def opened(page: Any) -> Seeing:
        await page.set_content(html)
        return await LOOKS["keyboard"](page, SETTING)

    (barrier,) = chromium.on_page(opened).barriers
    assert barrier.says.startswith("The button “Send")
    assert barrier.says.isprintable()
    assert len(barrier.says) < 80 + 60


@pytest.mark.parametrize(
    "selector", ["#pin", "xpath=//a", "]{", "", "<script>", "'\"`${1}", "body"]
)
def test_a_picture_is_taken_whatever_the_selector(
    chromium: Chromium, tmp_path: Path, selector: str
) -> None:
    """A selector that finds nothing outlines nothing; the picture is small, and nothing stays."""

    async def opened(page: Any) -> tuple[Path | None, bool]:
        await page.set_content(page_of_noise())
        before = await page.content()
        taken = await outlined(page, selector, tmp_path / "deep" / "found.png")
        return taken, before == await page.content()

    taken, same = chromium.on_page(opened)
    assert taken == tmp_path / "deep" / "found.jpg"
    assert taken.read_bytes()[:2] == b"\xff\xd8"
    assert taken.stat().st_size <= LARGEST
    assert same


def page_of_noise() -> str:
    """A page that no picture of good quality is small of."""
    return page(style="body { background: repeating-conic-gradient(#000 0 0.0001%, #fff 0 0.0002%)"
                      " 60% 60% / 3000px 3000px }")  # fmt: skip


def test_frames_are_looked_into(chromium: Chromium) -> None:
    """axe sees into frames of other origins too, and says which it could not see into."""
    inner = "<html lang=en><title>m</title><img src=data:,></html>"

    async def opened(page: Any) -> tuple[Seeing, Seeing]:
        async def answer(route: Any) -> None:
            other = "elsewhere" in route.request.url
            outer = CLEAN.replace(
                "<!-- end -->", "<iframe title=Map src=https://elsewhere.example/></iframe>"
            )
            await route.fulfill(content_type="text/html", body=inner if other else outer)

        await page.route("**/*", answer)
        await page.goto("https://practice.example.org/")
        apart = await LOOKS["axe"](page, SETTING)
        await page.set_content(CLEAN.replace(
            "<!-- end -->", f"<iframe title=Map sandbox srcdoc='{inner}'></iframe>"))  # fmt: skip
        return apart, await LOOKS["axe"](page, SETTING)

    apart, shut = chromium.on_page(opened)
    assert {each.rule for each in apart.barriers} == {"image-alt"}
    assert apart.problem == ""
    assert shut.problem == "axe could not see into 1 frame(s)"
    assert shut.seen > 0
