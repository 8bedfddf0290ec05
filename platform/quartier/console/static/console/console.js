"use strict";
// What pages do beyond links and forms: live parts, single keys, and the focus after a refusal. Everything works without.

const live = () => {
  const part = document.querySelector("[data-live]");
  if (!part || !window.EventSource) return;
  const source = new EventSource(part.dataset.live);
  let waiting = 0;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 300); // several changes at once are one reading
  };
  const refresh = () => {
    const typing = document.activeElement && document.activeElement.matches("input, textarea, select");
    if (typing || document.querySelector("dialog[open]")) return again();
    htmx.ajax("GET", location.pathname + location.search, { target: "#" + part.id, select: "#" + part.id, swap: "outerHTML" });
  };
  source.addEventListener("changed", again);
  setInterval(again, 60000); // the line of now moves, and a proxy may have cut the stream
};

const keys = (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const field = document.getElementById("suche");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("keys") === "off") return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const link = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (link) { event.preventDefault(); link.click(); }
};

const told = () => {
  const reasons = document.getElementById("gruende");
  if (reasons) reasons.focus();
};

// What was typed into a long form outlives a reload and a new sign-in: in this tab alone, until it was handed in.
const drafts = () => {
  const left = sessionStorage.getItem("sent");
  if (left && left !== location.pathname) { sessionStorage.removeItem("draft:" + left); sessionStorage.removeItem("sent"); }
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const name = "draft:" + location.pathname;
  const fields = [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");
  const kept = JSON.parse(sessionStorage.getItem(name) || "{}");
  for (const field of fields) if (!field.value && kept[field.name]) field.value = kept[field.name];
  form.addEventListener("input", () => {
    sessionStorage.setItem(name, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
  });
  form.addEventListener("submit", () => sessionStorage.setItem("sent", location.pathname));
};

// A sign-in in another window gives forms a new word; what was typed here stays, and is sent with it.
const again = async () => {
  const notice = document.querySelector("[data-again]");
  if (!notice || document.hidden) return;
  const page = new DOMParser().parseFromString(await (await fetch("/wieder-da")).text(), "text/html");
  const word = page.querySelector("input[name=_csrf]");
  const mine = [...document.querySelectorAll("input[name=_csrf]")];
  if (!word || mine.every((each) => each.value === word.value)) return;
  for (const each of mine) each.value = word.value;
  notice.textContent = notice.dataset.again;
  notice.removeAttribute("data-again");
};

const paper = () => {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
};

document.addEventListener("keydown", keys);
document.addEventListener("visibilitychange", again);
window.addEventListener("focus", again);
document.addEventListener("htmx:after:swap", again);
drafts();
live();
paper();
told();
