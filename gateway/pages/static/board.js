// Keeps a page of the board up to date. Without this script, one reloads it.
"use strict";

const live = document.getElementById("live");
const refreshed = document.getElementById("refreshed");
const EVERY_MS = 5000;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

function replace(fresh) {
  const active = live.contains(document.activeElement) ? document.activeElement : null;
  // somebody is typing
  if (active instanceof HTMLInputElement) {
    return;
  }
  const href = active?.getAttribute("href");
  live.replaceChildren(...fresh.childNodes);
  if (href) {
    live.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus();
  }
}

async function refresh() {
  if (document.hidden) {
    return;
  }
  try {
    const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (response.status === 401) {
      location.reload();
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("live");
    if (fresh !== null) {
      replace(fresh);
      say(`Updated at ${clock.format(new Date())}.`);
    }
  } catch {
    say("The gateway does not answer; this page tries again.");
  }
}

function say(text) {
  if (refreshed !== null) {
    refreshed.textContent = text;
  }
}

async function keepFresh() {
  await refresh();
  setTimeout(keepFresh, EVERY_MS);
}

document.addEventListener("visibilitychange", refresh);
setTimeout(keepFresh, EVERY_MS);
