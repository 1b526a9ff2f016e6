// The queue of what was written on the phone. An item leaves it only against a receipt of
// the server; whatever else happens it stays, with the reason in words.
//
// item: { id, kind, stage, fields, photos, removed, title, started_at, queued_at,
//         attempts, next_at, reason, receipt }
// stage: draft → queued → sent; refused when a person must look at it.
import * as vault from "./vault.js";

const PATIENCE = 45_000;
const PASS_PATIENCE = 10_000;
const LONGEST_PAUSE = 300_000;
const LONGEST_KNOCK = 60_000;
const KEPT_RECEIPTS = 24 * 3600_000;
// Answers that often come from something on the way: shown, and tried again by itself.
const PASSING = new Set([401, 403, 408, 413, 425, 429]);

export const changes = new EventTarget();
const tell = (name, detail) => changes.dispatchEvent(new CustomEvent(name, { detail }));
const channel = globalThis.BroadcastChannel ? new BroadcastChannel("wangge-outbox") : null;
channel?.addEventListener("message", () => tell("changed", { elsewhere: true }));

async function keep(item) {
  const kept = await vault.putItem(item);
  tell("changed", { item: kept });
  channel?.postMessage(item.id);
  return kept;
}

export const items = () => vault.allItems();
export const waiting = (item) => item.stage === "queued" || item.stage === "refused";

export async function drop(id) {
  await vault.dropItem(id);
  tell("changed", {});
  channel?.postMessage(id);
}

export const saveDraft = keep;

/** Hand a finished item over to the queue. */
export function queue(item) {
  return keep({ ...item, stage: "queued", queued_at: item.queued_at ?? Date.now(), attempts: 0, next_at: 0, reason: null });
}

/** Take an item out of the queue to change it; waits until nothing is being sent. */
export async function edit(id) {
  const change = async () => {
    const item = await vault.getItem(id);
    return item && waiting(item) ? keep({ ...item, stage: "draft", next_at: null }) : item;
  };
  return navigator.locks ? navigator.locks.request("wangge-outbox", change) : change();
}

// --- one request --------------------------------------------------------------------
class Failure extends Error {
  constructor(reason) {
    super(reason.code);
    this.reason = reason;
  }
}

async function ask(url, options = {}, patience = PATIENCE) {
  let answer;
  let body = null;
  try {
    answer = await fetch(url, {
      cache: "no-store", credentials: "same-origin", redirect: "manual", ...options,
      headers: { Accept: "application/json", ...options.headers }, signal: AbortSignal.timeout(patience),
    });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) body = await answer.json();
  } catch (error) {
    throw new Failure({ code: error.name === "TimeoutError" ? "timeout" : "offline", again: true });
  }
  if (answer.ok && body !== null) return { status: answer.status, body };
  if (answer.status === 204) return { status: 204, body: null };
  throw new Failure(told(answer, body));
}

/** The reason in the server's own words where it gave any. */
function told(answer, body) {
  const { status } = answer;
  if (status === 0 || answer.type === "opaqueredirect") return { code: "sign_in", again: true };
  const again = status >= 500 || PASSING.has(status) || answer.ok;
  const [field, sentences] = body?.message ? [body.field, body.message] : Object.entries(body ?? {})[0] ?? [null, ""];
  const known = body?.code ?? (status >= 500 || answer.ok ? "server" : `http_${status}`);
  return { code: known, status, field, message: [sentences].flat().join(" "), again, current: body?.current ?? null };
}

/** Whether the server is really there, whom it knows, and the token for this session. */
async function pass() {
  const { passUrl } = document.body.dataset;
  const { body } = await ask(passUrl, {}, PASS_PATIENCE);
  if (body.account !== vault.account()) throw new Failure({ code: "sign_in", again: true });
  return body.csrf;
}

// --- one item -------------------------------------------------------------------------
const post = (url, token, body) => ask(url, { method: "POST", headers: { "X-CSRFToken": token, ...(body instanceof FormData ? {} : { "Content-Type": "application/json" }) }, body: body instanceof FormData ? body : JSON.stringify(body) });

async function sendPhoto(item, photo, token) {
  const blob = await vault.getPhoto(photo.id);
  if (!blob) throw new Failure({ code: "photo_gone", again: false });
  const body = new FormData();
  for (const [name, value] of Object.entries({ id: photo.id, batch: item.id, stage: photo.stage, taken_at: photo.taken_at, lng: photo.lng, lat: photo.lat })) {
    if (value !== null && value !== undefined && value !== "") body.set(name, value);
  }
  body.set("photo", blob, `${photo.id}.jpg`);
  await post(document.body.dataset.photosUrl, token, body);
}

/** Photos that were sent before they were taken out again must not come with the case. */
async function takeBack(item, token) {
  let now = item;
  for (const id of item.removed ?? []) {
    await ask(document.body.dataset.removeUrl.replace(/0{8}-0{4}-0{4}-0{4}-0{12}/, id), { method: "POST", headers: { "X-CSRFToken": token } });
    now = await keep({ ...now, removed: now.removed.filter((one) => one !== id) });
  }
  return now;
}

async function deliver(first, token) {
  let item = await takeBack(first, token);
  for (const { id, sent } of first.photos) {
    if (sent) continue;
    item = await vault.getItem(first.id) ?? item;
    tell("progress", { id: item.id, done: item.photos.filter((one) => one.sent).length, of: item.photos.length });
    await sendPhoto(item, item.photos.find((one) => one.id === id), token);
    item = await keep({ ...item, photos: item.photos.map((one) => (one.id === id ? { ...one, sent: true } : one)) });
  }
  tell("progress", { id: item.id, done: item.photos.length, of: item.photos.length });
  const { body } = await post(item.url ?? document.body.dataset.submissionsUrl, token, { id: item.id, ...item.fields });
  return done(item, body);
}

/** The receipt is there: only now may the words and the pictures go. */
async function done(item, { id, case_no, display_no }) {
  if (!id || !case_no) throw new Failure({ code: "server", again: true });
  for (const photo of item.photos) await vault.dropPhoto(photo.id);
  const { kind, title, started_at, queued_at } = item;
  return keep({ id: item.id, kind, title, started_at, queued_at, stage: "sent", sent_at: Date.now(), fields: {}, photos: [], receipt: { id, case_no, display_no } });
}

const pauseAfter = (tries, longest) => Math.min(longest, 2000 * 2 ** Math.min(tries - 1, 12)) * (0.75 + Math.random() / 2);

async function failed(id, reason) {
  const item = await vault.getItem(id);
  if (!item || !waiting(item)) return item;
  const attempts = (item.attempts ?? 0) + 1;
  const pause = pauseAfter(attempts, LONGEST_PAUSE);
  const stage = reason.again && !reason.status ? "queued" : reason.again && reason.status >= 500 ? "queued" : "refused";
  return keep({ ...item, stage, attempts, next_at: reason.again ? Date.now() + pause : null, reason: { ...reason, at: Date.now() } });
}

// How often the server was not there at all, since this page was opened: then only a few
// bytes were tried, so the pauses stay short, and no item is made to wait for it later.
let misses = 0;
async function unreached(found, reason) {
  misses += 1;
  const pause = pauseAfter(misses, LONGEST_KNOCK);
  for (const item of found) await keep({ ...item, next_at: Date.now() + pause, reason: { ...reason, at: Date.now() } });
}

// --- the round --------------------------------------------------------------------------
const due = (item) => waiting(item) && item.next_at !== null && (item.next_at ?? 0) <= Date.now();
let sending = false;
let timer = null;

/** Send what is due, oldest first; one that fails does not hold up the others. */
export async function run({ only = null, hurry = false } = {}) {
  if (!vault.offered || !vault.account()) return;
  const round = async (lock) => {
    if (lock === null) return;
    sending = true;
    try { await sendAll(only, hurry); } finally { sending = false; }
  };
  if (navigator.locks) await navigator.locks.request("wangge-outbox", only || hurry ? {} : { ifAvailable: true }, round);
  else if (!sending) await round();
  tell("idle", {});
  await plan();
}

async function sendAll(only, hurry) {
  const found = (await items()).filter((item) => (only ? item.id === only && waiting(item) : hurry ? waiting(item) && item.next_at !== null : due(item)));
  if (!found.length) return;
  let token;
  try {
    token = await pass();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await unreached(found, error.reason);
    return;
  }
  misses = 0;
  for (const { id } of found) {
    const item = await vault.getItem(id);
    if (!item || !waiting(item)) continue;
    tell("sending", { id });
    try {
      await deliver(item, token);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      await failed(id, error.reason);
    }
  }
}

/** Wake up when the next one is due; the page is open, so it is sent by itself. */
async function plan() {
  clearTimeout(timer);
  const next = (await items()).filter((item) => waiting(item) && item.next_at !== null).map((item) => item.next_at ?? 0);
  if (next.length) timer = setTimeout(() => run(), Math.max(500, Math.min(...next) - Date.now()));
}

async function sweep() {
  for (const item of await items()) if (item.stage === "sent" && item.sent_at < Date.now() - KEPT_RECEIPTS) await vault.dropItem(item.id);
}

/** Called once on every phone page. */
export async function start() {
  if (!vault.offered || !vault.account()) return;
  addEventListener("online", () => run({ hurry: true }));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) run(); });
  await sweep();
  await run({ hurry: true });
}

/** A person pressed: one item, or all, at once and from the shortest pause on. */
export async function retry(id = null) {
  for (const item of await items()) {
    if (waiting(item) && (!id || item.id === id)) await keep({ ...item, next_at: 0, attempts: 0 });
  }
  await run({ only: id, hurry: true });
}

/** A person saw what happened meanwhile and still wants it: on the case as it is now. */
export async function repeat(id) {
  const item = await vault.getItem(id);
  if (!item?.reason?.current) return;
  await queue({ ...item, fields: { ...item.fields, version: item.reason.current.version } });
  await run({ only: id });
}

/** A photo may go while the words are still being typed; what fails is sent later. */
export async function sendAhead(item, id) {
  const token = await pass();
  await sendPhoto(item, item.photos.find((one) => one.id === id), token);
}
