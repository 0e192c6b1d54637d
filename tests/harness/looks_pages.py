"""Pages for tests of looks: one that shuts nobody out, and how to make it shut somebody out."""

from __future__ import annotations

CLEAN = """<!doctype html>
<html lang="en"><head><title>Report your precinct</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  body { font: 16px/1.5 sans-serif; margin: 0; padding: 16px; color: #111; background: #fff }
  @media (prefers-color-scheme: dark) {
    :root { color-scheme: dark } body { color: #eee; background: #111 }
    input { background: #111; color: #eee } a { color: #9cf }
    .send { background: #9cf; color: #111 }
  }
  form { max-width: 30rem } p { margin: 0 0 16px }
  input { font: inherit; min-height: 44px; border: 2px solid #767676; width: 100%;
          box-sizing: border-box; color: inherit }
  .send { min-height: 48px; min-width: 120px; font: inherit }
  .go { display: inline-block; padding: 12px; min-height: 44px; cursor: pointer;
        border: 2px solid #767676 }
  .tick { min-height: 24px; width: 24px }
  :focus-visible { outline: 3px solid #1a5fb4; outline-offset: 2px }
  /* more */
</style></head>
<body><main>
<h1>Report your precinct</h1>
<!-- top -->
<form action="/send" method="post">
  <p><label for="pin">Your PIN</label>
     <input id="pin" name="pin" inputmode="numeric" autocomplete="one-time-code"></p>
  <p><label for="votes">Votes for Warren</label>
     <input id="votes" name="votes" inputmode="numeric" value="12"></p>
  <p><label><input class="tick" type="checkbox" name="sure"> I have checked the numbers</label></p>
  <!-- field -->
  <p><button class="send">Send report</button></p>
</form>
<p>Something wrong? Phone <a href="tel:+15155550100">515-555-0100</a> now.</p>
<!-- end -->
</main></body></html>"""

BUTTON = '<button class="send">Send report</button>'
PIN = """<label for="pin">Your PIN</label>
     <input id="pin" name="pin" inputmode="numeric" autocomplete="one-time-code">"""


def page(*, top: str = "", field: str = "", end: str = "", style: str = "", **instead: str) -> str:
    """The clean page with something more in it; ``button`` and ``pin`` replace those."""
    html = CLEAN.replace("<!-- top -->", top).replace("<!-- field -->", field)
    html = html.replace("<!-- end -->", end).replace("/* more */", style)
    html = html.replace(BUTTON, instead.get("button", BUTTON))
    return html.replace(PIN, instead.get("pin", PIN))


# The barriers that axe does not see, all on one page.
SILENT = page(
    pin='<input name="pin" placeholder="PIN" aria-label="PIN" autocomplete="one-time-code">',
    field='<div role="button" class="go" onclick="void 0">Look up precinct</div>',
    end="<iframe title='Map' srcdoc='<html lang=en><title>m</title><img src=x></html>'></iframe>",
    style="body { overflow: hidden }",
).replace('lang="en"><head>', 'lang="es"><head>')
