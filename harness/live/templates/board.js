// The live board: puts in place what the drill's server sends, and says when it stops sending.
"use strict";
(() => {
  const SILENT = 10000; // milliseconds without a word after which the figures may be old
  const lost = document.getElementById("lost");
  const clock = document.getElementById("clock");
  const words = document.getElementById("words").content.querySelector("[data-name=lost]");
  const source = new EventSource(document.body.dataset.events);
  let heard = Date.now();

  const hear = () => {
    heard = Date.now();
    if (lost.textContent) lost.textContent = "";
  };
  const miss = () => {
    if (!lost.textContent) lost.textContent = words.textContent;
  };

  source.addEventListener("parts", (event) => {
    hear();
    for (const [id, html] of Object.entries(JSON.parse(event.data))) {
      const place = document.getElementById(id);
      if (place) place.innerHTML = html; // drawn and escaped by the server
    }
  });
  source.addEventListener("tick", (event) => {
    hear();
    clock.textContent = JSON.parse(event.data);
  });
  source.addEventListener("reload", () => location.reload());
  source.addEventListener("error", () => {
    miss();
    // Refused for good, as when the sign-in has run out: the page itself says what to do.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
  setInterval(() => {
    if (Date.now() - heard > SILENT) miss();
  }, 1000);
})();
