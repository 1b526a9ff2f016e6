// What every phone page does: install the app, send what waits, say what is left.
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

const { dataset } = document.body;
const LOW = 50 * 1024 * 1024;
const MOST_KEPT = 12;
const OLD = 24 * 3600_000;

// --- what the page before had to say ---------------------------------------------------------
const said = sessionStorage.getItem("said");
if (said) {
  sessionStorage.removeItem("said");
  const note = Object.assign(document.createElement("div"), { className: "toast-note", textContent: said });
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

// --- a page from the phone's own store says how old it is ------------------------------------
const keptBar = document.querySelector("[data-kept-bar]");
if (keptBar && dataset.keptAt && !document.querySelector(".filing, [data-outbox]")) {
  const at = new Intl.DateTimeFormat(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Number(dataset.keptAt));
  keptBar.textContent = keptBar.dataset.kept.replace("{at}", at);
  keptBar.hidden = false;
}

// --- what waits, under the title ----------------------------------------------------------
const bar = document.querySelector("[data-outbox-bar]");

async function roomLeft() {
  const { quota, usage } = await navigator.storage?.estimate?.() ?? {};
  return quota === undefined ? Infinity : quota - usage;
}

async function showBar() {
  if (!bar) return;
  // What is being written on this very page needs no mention.
  const all = (await outbox.items()).filter((item) => item.id !== dataset.draft);
  const waiting = all.filter(outbox.waiting);
  const refused = waiting.filter((item) => item.stage === "refused").length;
  const drafts = all.length - waiting.length - all.filter((item) => item.stage === "sent").length;
  const old = waiting.some((item) => item.queued_at < Date.now() - OLD);
  const low = await roomLeft() < LOW;
  const words = bar.dataset;
  const said = [
    low && words.low,
    old && words.old,
    refused && words.refused.replace("{n}", refused),
    waiting.length - refused > 0 && words.waiting.replace("{n}", waiting.length - refused),
    drafts > 0 && words.drafts.replace("{n}", drafts),
  ].filter(Boolean);
  bar.hidden = said.length === 0;
  bar.dataset.tone = low || old || refused ? "red" : waiting.length ? "yellow" : "plain";
  bar.querySelector("[data-says]").textContent = said.join(" · ");
}

// --- the app --------------------------------------------------------------------------------
const update = document.querySelector("[data-update]");

function offerUpdate(worker) {
  if (!update || !navigator.serviceWorker.controller) return;
  update.hidden = false;
  update.querySelector("button").addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    worker.postMessage("take over");
  });
}

async function install() {
  if (!navigator.serviceWorker || !dataset.workerUrl) return;
  const registration = await navigator.serviceWorker.register(dataset.workerUrl, { scope: "/" });
  if (registration.waiting) offerUpdate(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => { if (worker.state === "installed") offerUpdate(worker); });
  });
  const ready = await navigator.serviceWorker.ready;
  // What this person needs without a signal: the first pages, and what is to be done today.
  const listed = [...document.querySelectorAll("[data-keep] a[href]")].slice(0, MOST_KEPT).map((link) => link.pathname);
  ready.active.postMessage({ keep: [...new Set([location.pathname, ...dataset.shellPages.split(" "), ...listed])] });
}

if (vault.offered && vault.account()) {
  await vault.enter();
  outbox.changes.addEventListener("changed", showBar);
  await showBar();
  // Not before the page is there: sending and installing must not slow it down.
  const later = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 200));
  later(() => {
    install().catch(() => {});
    outbox.start();
    navigator.storage?.persist?.();
  });
}
