"""Looks in a real browser: each is silent on a page that shuts nobody out, and finds what does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser_stand import Chromium
from looks_pages import CLEAN, SILENT, page

pytest.importorskip("playwright.async_api")
from harness.channels.web.looks.barrier import Seeing, Setting
from harness.channels.web.looks.language import texts_of
from harness.channels.web.looks.registry import LOOKS

PHONE: dict[str, Any] = {
    "viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True,
}  # fmt: skip
FORCED: dict[str, Any] = {"forced_colors": "active"}
DARK: dict[str, Any] = {"color_scheme": "dark"}
TRAP = """<script>
  votes.addEventListener('keydown', (event) => {
    if (event.key === 'Tab') { event.preventDefault(); pin.focus(); }
  });
</script>"""


See = Callable[..., Seeing]


@pytest.fixture(scope="module")
def seen_by(chromium: Chromium) -> Iterator[See]:
    """What a look says of a page; each kind of screen is opened once."""
    screens: dict[str, Any] = {}

    async def opened(name: str, html: str, context: dict[str, Any]) -> Seeing:
        key = repr(context)
        if key not in screens:
            screens[key] = await (await chromium.browser.new_context(**context)).new_page()
        await screens[key].goto("about:blank")  # nothing of the page before stays
        await screens[key].set_content(html)
        return await LOOKS[name](screens[key], Setting(phone=bool(context.get("is_mobile"))))

    async def close() -> None:
        for screen in screens.values():
            await screen.context.close()

    yield lambda name, html, context: chromium.run(opened(name, html, context))
    chromium.run(close())


def rules(seeing: Seeing) -> set[str]:
    return {barrier.rule for barrier in seeing.barriers}


@pytest.mark.parametrize(
    ("name", "context"),
    [(name, PHONE) for name in LOOKS if name != "errors"]
    + [("contrast", FORCED), ("contrast", DARK), ("axe", DARK), ("reflow", {}), ("focus", FORCED)],
)
def test_a_clean_page_passes(seen_by: See, name: str, context: dict[str, Any]) -> None:
    """A page that shuts nobody out is looked at, and nothing is said against it."""
    seeing = seen_by(name, CLEAN, context)
    assert seeing.barriers == ()
    assert seeing.problem == ""
    assert seeing.seen > 0


def test_the_parts_of_a_date_hold_nobody(seen_by: See) -> None:
    """A box for a date and a time has a stop of Tab for each of its parts, and lets go of it."""
    when = '<label>When <input type="datetime-local"></label>'
    assert seen_by("keyboard", page(field=when), {}).barriers == ()


SEEDED = [
    ("axe", "image-alt", page(end="<img src=data:,>"), {}),
    ("keyboard", "not-reached",
     page(field='<div role="button" class="go" onclick="void 0">Look up</div>'), {}),
    ("keyboard", "not-reached", page(button='<button class="send" tabindex=-1>Send</button>'), {}),
    ("keyboard", "not-reached",
     page(end='<span class="go" id="more">More</span><script>document.addEventListener("click",'
              '() => 0)</script>'), {}),
    ("keyboard", "keyboard-trap", page(end=TRAP), {}),
    ("keyboard", "keyboard-trap", page(end=TRAP.replace("pin.focus();", "")), {}),
    ("keyboard", "keys-do-nothing",
     page(field='<div role="button" tabindex="0" class="go" onclick="void 0">Look up</div>'), {}),
    ("focus", "focus-not-shown", page(style=".send:focus { outline: none }"), {}),
    ("focus", "focus-not-shown", page(style="input:focus { outline: 3px solid transparent }"), {}),
    ("focus", "focus-covered",
     page(end='<div style="position: fixed; inset: 0; background: #fff">Cookies?</div>'), {}),
    ("focus", "focus-off-screen",
     page(field='<a href="#x" style="position: fixed; left: -900px">Skip</a>'), {}),
    ("reflow", "sideways", page(end='<div style="width: 700px">Wide</div>'), PHONE),
    ("reflow", "sideways", page(end='<table style="width: 500px"><td>Wide</table>'), {}),
    ("reflow", "no-small-layout", page().replace('name="viewport"', 'name="none"'), PHONE),
    ("reflow", "cut-off",
     page(button='<button class="send" style="width: 60px; white-space: nowrap; overflow: hidden; '
                 'min-width: 0">Send report</button>'), {}),
    ("reflow", "cut-off",
     page(end='<p style="width: 9em; white-space: nowrap; overflow: hidden; text-overflow: '
              'ellipsis">Your report has not been sent yet</p>'), {}),
    ("targets", "main-target", page(style=".send { min-height: 30px; height: 30px }"), PHONE),
    ("targets", "target", page(end='<a href="#1">1</a> <a href="#2">2</a>'), PHONE),
    ("labels", "placeholder-label", page(field='<input placeholder="County">'), {}),
    ("labels", "no-visible-label",
     page(field='<label for="c" style="position: absolute; left: -9999px">County</label>'
                '<p><input id="c"></p>'), {}),
    ("labels", "error-not-tied",
     page(field='<p><label>Votes <input aria-invalid="true"></label></p>'
                '<p class="error">Not a number</p>'), {}),
    ("errors", "silent-error", page(top='<p class="error">The PIN is wrong.</p>'), {}),
    ("soft_keyboard", "button-under-keys",
     page(style="body { overflow: hidden } form { padding-top: 200px }"), PHONE),
    ("soft_keyboard", "field-under-keys",
     page(end='<div style="position: fixed; inset: 0; background: #fff">Wait</div>'), PHONE),
    ("paste", "paste-refused", page(pin='<label>PIN <input name="pin" autocomplete='
                                        '"one-time-code" onpaste="return false"></label>'), {}),
    ("paste", "paste-refused",
     page(pin='<label>PIN <input name="pin" autocomplete="one-time-code" '
              'oninput="this.value = \'\'"></label>'), {}),
    ("paste", "code-not-offered", page(pin='<label>PIN <input autocomplete="off"></label>'), {}),
    ("paste", "code-cut",
     page(pin='<label>PIN <input autocomplete="one-time-code" inputmode="numeric" maxlength="6">'
              '</label>'), {}),
    ("paste", "code-masked",
     page(pin='<label>PIN <input autocomplete="one-time-code" inputmode="numeric" type="password">'
              '</label>'), {}),
    ("contrast", "text-vanishes", page(end='<p style="color: #111">Read me</p>'), DARK),
    ("contrast", "edge-vanishes", page(style="input { border-color: #eee }"), {}),
    ("contrast", "edge-vanishes",
     page(style="input { border: 0; box-shadow: 0 0 0 2px #767676 }"), FORCED),
    ("contrast", "button-vanishes",
     page(button='<button class="send" aria-label="Send" style="border: 0; background: #06c">'
                 '</button>'), FORCED),
    ("contrast", "tick-vanishes",
     page(style=".tick { appearance: none; border: 0; background: #ccc; min-height: 24px }"),
     FORCED),
    ("contrast", "text-vanishes",
     page(end='<p style="forced-color-adjust: none; color: #fff; background: #fff">Read me</p>'),
     FORCED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rule", "html", "context"),
    SEEDED,
    ids=[f"{number}-{each[1]}" for number, each in enumerate(SEEDED)],
)
def test_a_seeded_barrier_is_found(
    seen_by: See, name: str, rule: str, html: str, context: dict[str, Any]
) -> None:
    """The look that is meant for a barrier finds it, and says it in a sentence."""
    seeing = seen_by(name, html, context)
    assert rule in rules(seeing)
    assert all(each.says.endswith(".") and each.element for each in seeing.barriers)


FINE = [
    ("keyboard", page(top="<fieldset><legend>Side</legend><label><input type=radio name=s>A</label>"
                          "<label><input type=radio name=s>B</label></fieldset>"), {}),
    ("keyboard", page(end="<dialog id=d><button>Yes</button><button>No</button></dialog>"
                          "<script>d.showModal()</script>"), {}),
    ("keyboard", page(end='<a href="tel:+15155550100" tabindex="-1">Phone us</a>'), {}),
    ("focus", page(style="input:focus { outline: none; background: #cde }"), {}),
    ("focus", page(style=".send { transition: all 9s } .send:focus { outline: 0; border: 3px solid "
                         "#06c }"), {}),
    ("focus", page(style="input:focus { outline: none } p:has(:focus) { background: #cde }"), {}),
    ("reflow", page(end='<div style="overflow-x: auto"><table style="width: 900px"><td>Wide'
                        "</table></div>"), PHONE),
    ("reflow", page(end='<p style="position: absolute; width: 1px; height: 1px; overflow: hidden">'
                        "For screen readers</p>"), {}),
    ("targets", page(end='<p>Read <a href="#1">the guide</a> or <a href="#2">phone</a> us.</p>'),
     PHONE),
    ("labels", page(field='<table><thead><tr><th>Who</th><th>First</th></tr></thead><tr><th>Warren'
                          '</th><td><input aria-label="Warren, first"></td></tr></table>'), {}),
    ("labels", page(end='<form><input type="search" aria-label="Search"><button>Search</button>'
                        "</form>"), {}),
    ("labels", page(field='<p><label for="n">Votes</label><input id="n" aria-invalid="true" '
                          'aria-describedby="m"><i id="m" class="error">No number</i></p>'), {}),
    ("errors", page(top='<p class="error" role="alert">The PIN is wrong.</p>'), {}),
    ("errors", page(top='<p class="error" tabindex="-1" id="e">The PIN is wrong.</p>'
                        "<script>e.focus()</script>"), {}),
    ("soft_keyboard", page(style="form { padding-top: 400px }"), PHONE),
    ("paste", page(pin='<label>PIN <input id="o" autocomplete="one-time-code" inputmode="numeric" '
                       'maxlength="6"></label><script>o.onpaste = (event) => { o.value = '
                       'event.clipboardData.getData("text").replaceAll(" ", ""); '
                       "event.preventDefault(); }</script>"), {}),
    ("contrast", page(end='<div style="background: url(data:,)"><p style="color: #fff">On a picture'
                          "</p></div>"), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "html", "context"), FINE)
def test_what_shuts_nobody_out_is_no_barrier(
    seen_by: See, name: str, html: str, context: dict[str, Any]
) -> None:
    """What looks like a barrier, and is none, is not called one."""
    seeing = seen_by(name, html, context)
    assert (seeing.barriers, seeing.problem) == ((), "")
    assert seeing.seen > 0


def test_barriers_that_axe_passes_over_are_all_found(chromium: Chromium) -> None:
    """Five barriers on one page: axe alone would find the picture in the frame, and no more."""

    async def opened(page: Any) -> dict[str, set[str]]:
        await page.set_content(CLEAN)
        first = await texts_of(page)
        await page.set_content(SILENT)
        setting = Setting(phone=True, language="es", texts=first)
        names = ("axe", "keyboard", "labels", "language", "soft_keyboard")
        return {name: rules(await LOOKS[name](page, setting)) for name in names}

    found = chromium.on_page(opened, **PHONE)
    assert found == {
        "axe": {"image-alt"},
        "keyboard": {"not-reached"},
        "labels": {"placeholder-label"},
        "language": {"untranslated"},
        "soft_keyboard": {"button-under-keys"},
    }


def test_a_translated_page_passes(chromium: Chromium) -> None:
    """Numbers, names that the target lists, and links to other languages need no translation."""
    english = page(top="<p>Warren 12</p><p>3 / 4</p><a href='?es' lang='es'>Español</a>")
    words = {"Report your precinct": "Informe de su precinto", "Your PIN": "Su PIN",
             "Votes for": "Votos para", "I have checked the numbers": "Los números están bien",
             "Send report": "Enviar informe", "Something wrong? Phone": "¿Problemas? Llame al",
             "now.": "ahora.", 'lang="en"': 'lang="es"'}  # fmt: skip
    spanish = english
    for word, translated in words.items():
        spanish = spanish.replace(word, translated)

    async def opened(page: Any) -> list[Seeing]:
        await page.set_content(english)
        first = await texts_of(page)
        await page.set_content(spanish)
        look = LOOKS["language"]
        named = Setting(language="es", texts=first, untranslated=(r"Warren \d+", "["))
        return [await look(page, named), await look(page, Setting(language="en", texts=first))]

    translated, wrong = chromium.on_page(opened)
    assert translated.barriers == ()
    assert translated.seen > 0
    assert rules(wrong) == {"page-language", "untranslated"}
