// Keeps the page of a quotation up to date. Without this script, the page refreshes itself.
"use strict";

const language = document.documentElement.lang;
const live = document.getElementById("live");
const announcer = document.getElementById("announcer");
const clock = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const distance = new Intl.RelativeTimeFormat(language, { numeric: "always" });

const RELOAD_MS = 15000;
const MINUTE = 60;

function state() {
  return live.querySelector("[data-state]").dataset;
}

function showTimes() {
  for (const time of live.querySelectorAll("time[data-local]")) {
    time.textContent = clock.format(new Date(time.dateTime));
  }
  countDown();
}

function countDown() {
  for (const time of live.querySelectorAll("time[data-countdown]")) {
    const seconds = Math.max(0, Math.round((new Date(time.dateTime) - Date.now()) / 1000));
    const isLong = seconds >= 2 * MINUTE;
    time.textContent = isLong
      ? distance.format(Math.round(seconds / MINUTE), "minute")
      : distance.format(seconds, "second");
  }
}

function show(html) {
  const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const before = state().title;
  live.innerHTML = html;
  showTimes();
  if (focused !== null) {
    live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  document.title = state().title;
  if (state().title !== before) {
    announcer.textContent = live.querySelector("h1").textContent;
  }
}

function follow() {
  const events = new EventSource(live.dataset.events);
  events.addEventListener("status", (event) => {
    show(event.data);
    if ("final" in state()) {
      events.close();
    }
  });
  events.addEventListener("error", () => {
    // a refused stream is not opened again by the browser
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(() => location.reload(), RELOAD_MS);
    }
  });
}

showTimes();
setInterval(countDown, 1000);
if (!("final" in state())) {
  follow();
}
