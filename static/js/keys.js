// The keyboard in a list of cases: j k Enter x a r m / ?, never while somebody types.
import { claim, markRead, pick } from "./bulk.js";

const rows = () => [...document.querySelectorAll(".case-row")];
const help = document.getElementById("keys-help");
let here = "";

function current() {
  return document.getElementById(here) ?? null;
}

function go(step) {
  const all = rows();
  if (!all.length) return;
  const place = all.indexOf(current());
  const next = all[Math.min(Math.max(place + step, 0), all.length - 1)] ?? all[0];
  here = next.id;
  mark();
  next.querySelector(".case-row-link").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function mark() {
  for (const row of rows()) row.classList.toggle("is-here", row.id === here);
}

const valueOf = (row) => row?.querySelector("[data-pick]")?.value;
const open = (row, hash = "") => {
  const link = row?.querySelector(".case-row-link");
  if (link) location.assign(link.href + hash);
};

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  Enter: () => open(current()),
  x: () => { const box = current()?.querySelector("[data-pick]"); if (box) pick(box); },
  a: () => claim(valueOf(current())),
  m: () => markRead(valueOf(current())),
  r: () => open(current(), "#do"),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => help.showModal(),
};

function isTyping(target) {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  // Enter on a button or a link of its own is that button's.
  if (event.key === "Enter" && event.target.closest("a, button, summary, label, input")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// What has the focus is where one is, however one came there.
document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.(".case-row");
  if (row) { here = row.id; mark(); }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-help]")) help.showModal();
});
document.addEventListener("htmx:after:swap", mark);
