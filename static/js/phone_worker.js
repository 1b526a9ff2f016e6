// The service worker of the phone: the app's own files, and the phone pages as they were
// last seen. It answers GET only; what is sent goes from the page itself (outbox.js).
// `SHELL` ({version, files, pages, fresh, statics, nothing}) stands before this file (cases/views/offline.py).
/* global SHELL */
const FILES = `wangge-${SHELL.version}`;
const PATIENCE = 8000;
const FRESH = 600_000;
const isPhone = (url) => SHELL.pages.some((start) => url.pathname.startsWith(start));

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(SHELL.files.map((url) => new Request(url, { cache: "no-cache" })))));
});

// A newer version waits until a person says so, or until no page is open any more.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  else if (event.data?.keep) event.waitUntil(Promise.all([...event.data.keep.map(visit), ...SHELL.fresh.map((url) => fresh(new Request(url)).catch(() => {}))]));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("wangge-") && name !== FILES) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (isPhone(url)) event.respondWith(page(event, url));
  } else if (SHELL.fresh.includes(url.pathname)) event.respondWith(fresh(request));
  else if (url.pathname.startsWith(SHELL.statics)) event.respondWith(file(event));
});

// --- files ------------------------------------------------------------------------------
async function file(event) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(event.request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(event.request);
  const client = event.clientId ? await self.clients.get(event.clientId) : null;
  if (answer.status === 200 && client && isPhone(new URL(client.url))) event.waitUntil(cache.put(event.request, answer.clone()));
  return answer;
}

/** The catalogue: asked anew each time (it has an ETag), the last one without a signal. */
async function fresh(request) {
  const cache = await caches.open(FILES);
  try {
    const answer = await soon(fetch(request));
    if (answer.status === 200 && !answer.redirected) await cache.put(request.url, answer.clone());
    return answer;
  } catch {
    return await cache.match(request.url) ?? Response.error();
  }
}

// --- pages --------------------------------------------------------------------------------
async function page(event, url) {
  const kept = await seen(url);
  const asked = fetch(event.request);
  try {
    const answer = await (kept ? soon(asked) : asked);
    if (answer.status === 200 && !answer.redirected) {
      const copy = answer.clone();
      event.waitUntil(keep(url, copy).catch(() => {}));
    }
    // A server that is not there (the proxy says so) is like no signal.
    return [502, 503, 504].includes(answer.status) && kept ? shown(kept) : answer;
  } catch {
    event.waitUntil(asked.then(() => {}, () => {}));
    return kept ? shown(kept) : nothing();
  }
}

const soon = (promise) => Promise.race([promise, new Promise((_, reject) => { setTimeout(() => reject(new Error("slow")), PATIENCE); })]);
/** The page as it was last seen, and when that was: it says so itself (phone.js). */
const shown = ({ html, policy, at }) => new Response(html.replace("<body ", `<body data-kept-at="${at}" `), { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy } });

async function nothing() {
  const cache = await caches.open(FILES);
  return await cache.match(SHELL.nothing) ?? Response.error();
}

/** Look a page up ahead, and on the page of a case the steps that are offered there. */
async function visit(address) {
  try {
    const row = await one("pages", address);
    if (row && Date.now() - row.at < FRESH) return;
    const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.status === 200 && !answer.redirected) {
      const html = await answer.clone().text();
      await keep(new URL(address, location.origin), answer);
      if (/\/cases\/\d+\/$/.test(address)) for (const [, step] of html.matchAll(/class="btn[^"]*" href="([^"]*\/cases\/\d+\/[a-z_]+\/)"/g)) await visit(step);
    }
  } catch { /* no signal: next time */ }
}

// --- sealed like everything else in the phone (vault.js) -----------------------------------
function database() {
  return new Promise((done, fail) => {
    const request = indexedDB.open("wangge");
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
    // The pages make the database; without it nothing is kept.
    request.onupgradeneeded = () => request.transaction.abort();
  });
}

async function within(names, mode, ask) {
  const db = await database();
  try {
    return await new Promise((done, fail) => {
      const change = db.transaction(names, mode);
      const request = ask(change);
      change.oncomplete = () => done(request.result);
      change.onerror = change.onabort = () => fail(change.error);
    });
  } finally {
    db.close();
  }
}

const one = (name, key) => within([name], "readonly", (change) => change.objectStore(name).get(key));

async function keep(url, answer) {
  const html = await answer.text();
  const account = /data-account="([^"]+)"/.exec(html)?.[1];
  const key = account && (await one("keys", account))?.key;
  if (!key) return;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const page = JSON.stringify({ html, policy: answer.headers.get("Content-Security-Policy") ?? "default-src 'self'" });
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(page));
  const row = { url: url.pathname + url.search, account, iv, data, at: Date.now() };
  // Signing out may have come in between: then there is no key, and nothing is kept.
  await within(["keys", "pages"], "readwrite", (change) => {
    const still = change.objectStore("keys").get(account);
    still.onsuccess = () => { if (still.result) change.objectStore("pages").put(row); };
    return still;
  });
}

async function seen(url) {
  try {
    const account = (await one("facts", "account"))?.value;
    const row = await one("pages", url.pathname + url.search) ?? await one("pages", url.pathname);
    const key = row?.account === account && (await one("keys", account))?.key;
    if (!key) return null;
    const page = JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, key, row.data)));
    return { ...page, at: row.at };
  } catch {
    return null;
  }
}
