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

document.addEventListener("keydown", keys);
live();
told();
