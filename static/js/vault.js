// What the phone keeps for itself: drafts, what waits to be sent, pages to read without a
// signal. All of it sealed (AES-GCM) with a key of the account that cannot be taken out
// of the browser; signing out throws the key away. See docs/offline.md.
import { openDB } from "../vendor/idb/index.js";

const NAME = "wangge";
const VERSION = 1;

/** Without https a browser offers neither the cipher nor the service worker. */
export const offered = Boolean(globalThis.isSecureContext && globalThis.crypto?.subtle && globalThis.indexedDB);
export const account = () => document.body.dataset.account ?? "";

let opened = null;
function database() {
  opened ??= openDB(NAME, VERSION, {
    upgrade(db) {
      db.createObjectStore("keys", { keyPath: "account" });
      db.createObjectStore("items", { keyPath: "id" }).createIndex("account", "account");
      db.createObjectStore("photos", { keyPath: "id" }).createIndex("item", "item");
      db.createObjectStore("pages", { keyPath: "url" }).createIndex("account", "account");
      db.createObjectStore("facts", { keyPath: "name" });
    },
    blocking(_now, _next, event) {
      event.target.close();
      opened = null;
    },
    terminated() { opened = null; },
  });
  return opened;
}

async function key(owner = account()) {
  const db = await database();
  const known = await db.get("keys", owner);
  if (known) return known.key;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Two pages may come here at once: the first key stays.
  const change = db.transaction("keys", "readwrite");
  const first = await change.store.get(owner);
  if (!first) await change.store.put({ account: owner, key: made });
  await change.done;
  return first?.key ?? made;
}

async function seal(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), bytes) };
}

async function unseal({ iv, data }) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key(), data);
}

/** The pages that the service worker keeps belong to whoever was here last. */
export async function enter() {
  const db = await database();
  await key();
  await db.put("facts", { name: "account", value: account() });
}

// --- items: one for each thing somebody wrote ------------------------------------------
const text = new TextEncoder();
const plain = new TextDecoder();

export async function putItem(item) {
  const changed = { ...item, changed_at: Date.now() };
  const sealed = await seal(text.encode(JSON.stringify(changed)));
  await (await database()).put("items", { id: item.id, account: account(), ...sealed });
  return changed;
}

export async function getItem(id) {
  const row = await (await database()).get("items", id);
  return row?.account === account() ? JSON.parse(plain.decode(await unseal(row))) : null;
}

/** Everything of this account, what was begun first at the top. */
export async function allItems() {
  const rows = await (await database()).getAllFromIndex("items", "account", account());
  const items = await Promise.all(rows.map(async (row) => JSON.parse(plain.decode(await unseal(row)))));
  return items.sort((one, other) => one.started_at - other.started_at);
}

export async function dropItem(id) {
  const change = (await database()).transaction(["items", "photos"], "readwrite");
  const photos = await change.objectStore("photos").index("item").getAllKeys(id);
  await Promise.all([...photos.map((one) => change.objectStore("photos").delete(one)), change.objectStore("items").delete(id)]);
  await change.done;
}

// --- photos: the bytes, apart from the item they belong to -------------------------------
export async function putPhoto(id, item, blob) {
  const sealed = await seal(await blob.arrayBuffer());
  await (await database()).put("photos", { id, item, account: account(), type: blob.type, ...sealed });
}

export async function getPhoto(id) {
  const row = await (await database()).get("photos", id);
  return row ? new Blob([await unseal(row)], { type: row.type }) : null;
}

export async function dropPhoto(id) {
  await (await database()).delete("photos", id);
}

// --- the end --------------------------------------------------------------------------
/** Signing out: the key first, then what it had sealed. Others' things are left alone. */
export async function leave(owner = account()) {
  const db = await database();
  const change = db.transaction(["keys", "items", "photos", "pages", "facts"], "readwrite");
  await change.objectStore("keys").delete(owner);
  for (const name of ["items", "photos", "pages"]) {
    for (let at = await change.objectStore(name).openCursor(); at; at = await at.continue()) {
      if (at.value.account === owner) await at.delete();
    }
  }
  await change.objectStore("facts").delete("account");
  await change.done;
}
