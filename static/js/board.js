// The live dashboard. Asks every 5 seconds whether a case of the area moved; only then
// are the pieces fetched and put in their places, and the map's tiles asked for again.
import { drawTrend } from "./board_chart.js";
import { boardMap } from "./board_map.js";

const EVERY = 5_000;
const STALE_CLOCKS = 60_000; // "剩 3 工作时" grows old without an event
const MONTH = 60_000; // the heavier piece at most so often
const board = document.getElementById("board");
const time = document.getElementById("board-time");
const fresh = time.closest(".board-fresh");

async function piece(url) {
  const answer = await fetch(url, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Put each piece in its place, keeping what is open and where the keyboard is. */
function settle(fetched, into) {
  for (const next of fetched.querySelectorAll("[data-live]")) {
    const old = into.querySelector(`[data-live="${next.dataset.live}"]`);
    if (!old || old.dataset.was === next.innerHTML) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const open = [...old.querySelectorAll("details")].map((one) => one.open);
    const html = next.innerHTML;
    old.replaceChildren(...next.childNodes);
    old.dataset.was = html;
    old.hidden = next.hidden;
    old.querySelectorAll("details").forEach((one, index) => { one.open = open[index] ?? false; });
    if (focused) [...old.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused)?.focus();
    if (next.dataset.live === "trend") chart();
  }
}

let drawn;
async function chart() {
  drawn?.dispose();
  // Without the library the table beside it still says everything.
  drawn = await drawTrend(board.querySelector('[data-chart="trend"]')).catch(() => null);
}

function say(at) {
  delete fresh.dataset.stale;
  fresh.title = "";
  time.dateTime = at.toISOString();
  time.textContent = at.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
}

let since = board.dataset.since;
let nowAt = Date.now();
let monthAt = 0;
let map;

async function readNow() {
  nowAt = Date.now();
  settle(await piece(board.dataset.now), board);
  map?.refresh();
}

async function readMonth() {
  const box = document.getElementById("board-month");
  const fetched = await piece(board.dataset.month);
  monthAt = Date.now();
  if (box.hasAttribute("aria-busy")) {
    box.replaceChildren(...fetched.body.childNodes);
    box.removeAttribute("aria-busy");
    await chart();
  } else settle(fetched, box);
}

let owed = false; // the month's piece has moved and was not read again yet
async function beat() {
  if (document.hidden) return;
  const answer = await fetch(`${board.dataset.pulse}&since=${since}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`pulse: ${answer.status}`);
  const told = await answer.json();
  since = told.since;
  owed ||= told.moved;
  if (told.moved || Date.now() - nowAt > STALE_CLOCKS) await readNow();
  if (owed && Date.now() - monthAt > MONTH) {
    owed = false;
    await readMonth();
  }
  say(new Date(told.at));
}

async function run() {
  try {
    await beat();
  } catch {
    fresh.dataset.stale = "1";
    fresh.title = board.dataset.stale;
  }
  setTimeout(run, EVERY);
}

document.getElementById("board-area")?.addEventListener("change", (event) => event.target.form.requestSubmit());
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat().catch(() => null); });
const month = readMonth().catch(() => { owed = true; });
map = await boardMap(document.getElementById("board-map"));
await month;
run();
