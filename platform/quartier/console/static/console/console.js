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
  const said = document.getElementById("gruende") || document.querySelector("[role=status][tabindex]");
  if (said) said.focus();
};

// What was typed into a form outlives a reload and a new sign-in: in this tab alone, until it was handed in. It comes
// back only into a form that is served as it was then: where the page proposes something else now, the page is right.
const drafts = () => {
  const store = sessionStorage, body = document.body;
  const sent = store.getItem("sent"), refused = "refused" in body.dataset;
  store.removeItem("sent");
  if (sent && refused) store.setItem("refused", sent);
  const [arrived] = performance.getEntriesByType("navigation");
  if (sent && !refused && arrived && arrived.redirectCount) store.removeItem(sent); // done: the answer led on to here
  for (const form of document.querySelectorAll("form[data-resend]")) {
    form.addEventListener("submit", () => store.setItem("sent", store.getItem("refused") || ""));
  }
  for (const form of document.querySelectorAll("form[data-draft]")) keep(form, store);
};

const keep = (form, store) => {
  const name = "draft:" + form.getAttribute("action");
  const ticked = (field) => field.type === "checkbox" || field.type === "radio";
  const fields = [...form.elements].filter(
    (field) => field.name && field.matches("input, select, textarea") && !["hidden", "submit", "password", "file"].includes(field.type),
  );
  const key = (field) => (ticked(field) ? field.name + "=" + field.value : field.name);
  const typed = (field) => (ticked(field) ? field.checked : field.value);
  const served = (field) => {
    if (ticked(field)) return field.defaultChecked;
    if (field.tagName !== "SELECT") return field.defaultValue;
    return ([...field.options].find((option) => option.defaultSelected) || field.options[0] || { value: "" }).value;
  };
  const set = (field, value) => {
    if (ticked(field)) field.checked = value;
    else if (field.tagName !== "SELECT" || [...field.options].some((option) => option.value === value)) field.value = value;
  };
  const kept = JSON.parse(store.getItem(name) || "{}");
  let back = false;
  for (const field of fields) {
    const [was, wrote] = kept[key(field)] || [];
    if (wrote === undefined || was !== served(field) || wrote === was) continue;
    set(field, wrote);
    back = true;
  }
  form.addEventListener("input", () => {
    store.setItem(name, JSON.stringify(Object.fromEntries(fields.map((field) => [key(field), [served(field), typed(field)]]))));
  });
  form.addEventListener("submit", () => store.setItem("sent", name));
  if (back) tell(form, fields, () => { store.removeItem(name); for (const field of fields) set(field, served(field)); });
};

const tell = (form, fields, drop) => {
  const line = document.createElement("p"), button = document.createElement("button");
  line.className = "hint drafted";
  line.setAttribute("role", "status");
  button.type = "button";
  button.className = "btn small";
  button.textContent = document.body.dataset.drop;
  button.addEventListener("click", () => { drop(); line.remove(); fields[0].focus(); });
  line.append(document.body.dataset.back + " ", button);
  form.prepend(line);
  const folded = form.closest("details");
  if (folded) folded.open = true;
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

// A screen at a door reads itself anew each minute. What cannot be read says so, and what stood there stays.
const anew = () => {
  if (!document.querySelector("[data-anew]")) return;
  setInterval(async () => {
    const part = document.querySelector("[data-anew]");
    try {
      const answer = await fetch(location.pathname + location.search, { signal: AbortSignal.timeout(20000) });
      const read = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (!answer.ok || !read) throw new Error(answer.status);
      part.replaceWith(document.adoptNode(read));
    } catch {
      for (const lost of part.querySelectorAll("[data-lost]")) lost.hidden = false;
    }
  }, 60000);
};

// A part that is read anew takes the focus with it: it goes back to the same link or button.
const place = (field) =>
  field.id ? "#" + CSS.escape(field.id)
  : field.form ? `form[action="${CSS.escape(field.form.getAttribute("action"))}"] button`
  : field.matches("a[href]") ? `a[href="${CSS.escape(field.getAttribute("href"))}"]` : null;

const stay = () => {
  let at = null;
  document.addEventListener("htmx:before:swap", () => {
    const now = document.activeElement;
    at = now && now !== document.body ? place(now) : null;
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!at || document.activeElement !== document.body) return;
    const found = document.querySelector(at);
    if (found) found.focus({ preventScroll: true });
  });
};

document.addEventListener("keydown", keys);
document.addEventListener("visibilitychange", again);
window.addEventListener("focus", again);
document.addEventListener("htmx:after:swap", again);
drafts();
stay();
live();
paper();
anew();
told();
