"""Twenty ways in which pages shut people out, each switchable, each found by the look meant for it.

They are switched on as the data defects of ``defects.py`` are (``--defect``), and are told as
those are: ``history`` restates what is on record, or says that nothing is; ``caught_by`` names the
look of ``harness/channels/web/looks`` that is meant to find the barrier, or ``personas`` where
only somebody who walks the whole way can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import escape

from simulators.apps.reporting.defects import DEFECTS, Switches
from simulators.apps.reporting.language import LANGUAGES
from simulators.apps.reporting.spoil import Barrier, Spoiled, spoiled
from simulators.apps.serving.switches import unknown_defect

HURRY = 60.0  # drill seconds in which the form has to be sent, with the barrier hurry
SHORT = 60.0  # drill seconds that a session lasts, with the barrier session_short

_REGISTRATION = (
    "Of 20 states' voter registration pages that were reviewed in May 2014, all but one shut some "
    "people with disabilities out"
)
_ACLU = "ACLU and Center for Accessible Technology, Access Denied, Feb 2015"
_NOBODY = "Common on the web; no campaign's page is on record for it"
_MEASURED = "tried on pages of our own in Chromium (SOURCES.md S13)"


def _sentences(*keys: str) -> tuple[tuple[str, str], ...]:
    """Swaps that put sentences of the Spanish pages back into English."""
    english, spanish = LANGUAGES["en"].words, LANGUAGES["es"].words
    return tuple((str(escape(spanish[key])), str(escape(english[key]))) for key in keys)


_LABELLED_CODE = (
    r'<label for="(precinct_id|pin|security_code)">([^<]+)</label>(\s*<p.*?</p>)\s*<input id="\1"'
)
# Not on the page that asks to look again: its way out is found by the role.
_CALM = r'(?!.*<div class="check">)'
_PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='220' height='30'%3E"
    r"%3Ctext y='22' font-size='18' fill='%23777'%3E\1%3C/text%3E%3C/svg%3E"
)
BARRIERS = (
    Barrier(
        "div_button",
        f"{_REGISTRATION}; things that no key reaches were among the reasons.",
        f"{_ACLU}; that axe does not report it: {_MEASURED}",
        "The button that sends the report is a div: a finger or a mouse works it, no key does.",
        "keyboard",
        swaps=(
            (
                r"<button>(Send report|Enviar reporte)</button>",
                r'<div class="button send" role="button">\1</div>',
            ),
        ),
        css=".send { cursor: pointer; }\nmain form > .send { width: 100%; margin: 1rem 0; }\n",
        script="""for (const each of document.querySelectorAll(".send"))
  each.addEventListener("click", () => each.closest("form").requestSubmit());
""",
    ),
    Barrier(
        "keyboard_trap",
        f"{_NOBODY}: tables that catch the Tab key to be like a spreadsheet.",
        "",
        "In the first group of numbers Tab goes round and round, and never on to the next group.",
        "keyboard",
        script="""const group = document.querySelector("fieldset");
const boxes = group ? [...group.querySelectorAll("input")] : [];
group?.addEventListener("keydown", (event) => {
  if (event.key !== "Tab") return;
  event.preventDefault();
  const step = event.shiftKey ? boxes.length - 1 : 1;
  boxes[(boxes.indexOf(event.target) + step) % boxes.length].focus();
});
""",
    ),
    Barrier(
        "no_focus_ring",
        f"{_REGISTRATION}; keyboard access was among the reasons.",
        _ACLU,
        "Nothing shows which box or button has the focus.",
        "focus",
        css="*, *:focus, *:focus-visible { outline: none !important; }\n",
    ),
    Barrier(
        "placeholder_labels",
        "In 2021 a few more labels on forms would have opened most of the states' registration "
        "pages that a screen reader could not use.",
        "Zang, van der Vorm and Guzman, Technology Science, Nov 2021; that a placeholder "
        f"satisfies axe: {_MEASURED}",
        "The code boxes are named inside themselves, in grey, until the first key is typed.",
        "labels",
        swaps=((_LABELLED_CODE, r'\3\n<input id="\1" placeholder="\2" aria-label="\2"'),),
    ),
    Barrier(
        "low_contrast",
        "85 % of a million home pages had text too faint to read, the most frequent fault of all; "
        "contrast was also among the reasons why registration pages shut voters out.",
        f"WebAIM Million 2019, retold at sheribyrnehaber.com; {_ACLU}",
        "Labels and hints are pale grey.",
        "axe",
        css="label, legend, .hint { opacity: .4; }\n",
    ),
    Barrier(
        "missing_lang",
        f"{_NOBODY}: a screen reader then reads Spanish aloud as if it were English.",
        "",
        "The page does not say which language it is in.",
        "axe",
        swaps=((r'<html lang="[^"]*">', "<html>"),),
    ),
    Barrier(
        "untranslated_error",
        f"{_NOBODY}: pages are translated once, and errors that were added later are not.",
        "",
        "On Spanish pages what is wrong is told in English.",
        "language",
        swaps=_sentences(
            "refused.wrong_codes",
            "refused.locked",
            "fault.empty_box",
            "fault.invalid",
            "fault.digits",
        ),
    ),
    Barrier(
        "fixed_width",
        f"{_REGISTRATION}; text that cannot be made larger was among the reasons.",
        _ACLU,
        "Pages are 46 rem wide whatever the screen: half of each line is off a phone's edge.",
        "reflow",
        css="main { min-width: 46rem; }\n",
    ),
    Barrier(
        "tiny_buttons",
        "Of targets of 4.9 mm people of 67 to 81 missed 62 %.",
        "Sultana and Moffatt, 2019 (SOURCES.md S18)",
        "Buttons are 20 pixels high, 3 mm on a small phone.",
        "targets",
        css="""button, .button, main form > button {
  min-height: 0; min-width: 0; width: auto; padding: 0 .2rem; border-width: 1px;
  font-size: .8rem; line-height: 1.1;
}
""",
    ),
    Barrier(
        "keyboard_covers_button",
        f"{_NOBODY}: a button makes room when the on-screen keyboard comes up, and stays away "
        "because the keyboard does.",
        _MEASURED,
        "On a small phone the send button is gone while the keyboard is up.",
        "soft_keyboard",
        css="""@media (max-width: 30rem) and (max-height: 25rem) {
  main form > button { display: none; }
}
""",
    ),
    Barrier(
        "no_paste",
        f"{_NOBODY}: pasting is switched off in code boxes for safety's sake. WCAG 2.2 (3.3.8) "
        "counts copying a code by hand as a barrier.",
        "W3C, Web Content Accessibility Guidelines 2.2",
        "A code cannot be pasted: it has to be typed.",
        "paste",
        script="""for (const box of document.querySelectorAll("#precinct_id, #pin, #security_code"))
  box.addEventListener("paste", (event) => event.preventDefault());
""",
    ),
    Barrier(
        "picture_of_text",
        "66 % of a million home pages had pictures that say nothing to a screen reader.",
        "WebAIM Million 2020, retold at cerovac.com",
        "The help line's number is a picture without a text.",
        "axe",
        swaps=(
            (
                r'<p class="help">[^<]*<a href="tel:[^"]*">([\d-]+)</a>[^<]*</p>',
                f'<p class="help"><img width="220" height="30" src="{_PICTURE}"></p>',
            ),
        ),
    ),
    Barrier(
        "error_not_told",
        f"{_NOBODY}: what is red says it all to whoever tested the page.",
        "",
        "What is wrong is there to be seen, but the page does not go there and tells nobody.",
        "errors",
        swaps=(
            (
                rf'class="problem" role="alert" tabindex="-1" autofocus>{_CALM}',
                'class="problem error">',
            ),
            (rf"<title>Problema?: {_CALM}", "<title>"),
        ),
    ),
    Barrier(
        "invisible_in_forced_colors",
        f"{_NOBODY}: a button keeps its own ink while the system takes its background away.",
        "",
        "In forced colours the words of buttons have the colour of the page.",
        "contrast",
        css="""@media (forced-colors: active) {
  button, .button {
    forced-color-adjust: none; background: none; border-color: transparent; color: var(--paper);
  }
}
""",
    ),
    Barrier(
        "zoom_blocked",
        f"{_REGISTRATION}; text that cannot be made larger was among the reasons.",
        _ACLU,
        "Two fingers do not make the page larger.",
        "axe",
        swaps=(
            (
                r'content="width=device-width, initial-scale=1"',
                'content="width=device-width, initial-scale=1, maximum-scale=1, user-scalable=no"',
            ),
        ),
    ),
    Barrier(
        "drops_fast_keys",
        f"{_NOBODY}: a box that filters keys is slower than the fingers.",
        "",
        "A digit that comes within 0.15 s of the one before is dropped from a number.",
        "personas",
        script="""let last = -Infinity;
document.addEventListener("beforeinput", (event) => {
  if (!event.target.matches(".number input") || event.inputType !== "insertText") return;
  if (event.timeStamp - last < 150) event.preventDefault();
  else last = event.timeStamp;
});
""",
    ),
    Barrier(
        "session_short",
        "Public services sign people out of forms after 15 to 30 minutes, and what they had typed "
        "on the page is lost.",
        "ssa.gov, accessibility help; slough.gov.uk, form time limits",
        "A session lasts one drill minute, and a form that comes later is thrown away.",
        "personas",
    ),
    Barrier(
        "hurry",
        f"{_NOBODY}: a form that expires. WCAG 2.2 (2.2.1) wants time limits that people can "
        "lengthen.",
        "W3C, Web Content Accessibility Guidelines 2.2",
        "The form must be sent within 60 drill seconds, or it comes back empty.",
        "personas",
    ),
    Barrier(
        "double_submit",
        "A slow answer makes people tap again. No caucus night is on record for it.",
        _MEASURED,
        "What the page's form sends is put beside what is there and counted as well: a second "
        "tap twice, a correction too. The API is right.",
        "personas",
    ),
    Barrier(
        "shared_phone_leak",
        f"{_NOBODY}: one phone goes round a gymnasium, and signing out only leads away.",
        "",
        "Signing out signs nobody out: the start greets the last chair, and their form is open to "
        "the next.",
        "personas",
    ),
)


def chosen(names: Sequence[str]) -> tuple[Switches, Spoiled]:
    """Switch on the named defects and barriers.

    Raises:
        ValueError: If there is neither of that name; the message lists all there are.

    Example:
        >>> switches, pages = chosen(["stale_totals", "no_paste"])
        >>> switches.stale_totals, "no_paste" in pages, "hurry" in pages
        (True, True, False)
    """
    known = [each.name for each in (*DEFECTS, *BARRIERS)]
    if unknown := _outside(names, known):
        raise ValueError(unknown_defect(unknown, known, "reporting"))
    data = {each.name for each in DEFECTS}
    return Switches.on(name for name in names if name in data), spoiled(BARRIERS, names)


def _outside(names: Iterable[str], known: Sequence[str]) -> str:
    return next((name for name in sorted(names) if name not in known), "")
