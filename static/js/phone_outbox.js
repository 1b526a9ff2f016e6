// The outbox: what is on the phone, how far each thing is, and what may be done with it.
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

const box = document.querySelector("[data-outbox]");
const words = JSON.parse(document.getElementById("outbox-words").textContent);
const template = box.querySelector("[data-row]").content;
const parts = Object.fromEntries([...box.querySelectorAll("[data-part-of]")].map((part) => [part.dataset.partOf, part]));
const rows = new Map();
const pictures = new Map();
const under_way = new Map();

const part_of = (item) => (outbox.waiting(item) ? "waiting" : item.stage === "sent" ? "sent" : "draft");
const fill = (sentence, ...given) => given.reduce((text, value, place) => text.replace(`{${place + 1}}`, value), sentence);
const time = (at) => new Intl.DateTimeFormat(document.documentElement.lang, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);

/** How far an item is, in plain words. */
function state(item) {
  const going = under_way.get(item.id);
  if (going && outbox.waiting(item)) return going.of ? fill(words.sending_photos, going.done, going.of) : words.sending;
  if (item.stage === "sent") return fill(words.sent, item.receipt.display_no ?? item.receipt.case_no, time(item.sent_at));
  if (item.stage === "draft") return item.reason?.message ? fill(words.refused, item.reason.message) : words.draft;
  const { reason } = item;
  if (!reason) return words.queued;
  const known = words[reason.code] ?? (reason.message ? fill(words.refused, reason.message) : fill(words.http, reason.status));
  const seconds = Math.ceil((item.next_at - Date.now()) / 1000);
  return item.next_at && seconds > 1 ? `${known}${fill(words.again, seconds < 90 ? fill(words.seconds, seconds) : fill(words.minutes, Math.ceil(seconds / 60)))}` : known;
}

async function thumb(row, item) {
  const first = item.photos?.[0]?.id;
  if (!first || row.dataset.pictured === first) return;
  row.dataset.pictured = first;
  const blob = await vault.getPhoto(first);
  if (!blob) return;
  pictures.set(first, pictures.get(first) ?? URL.createObjectURL(blob));
  row.querySelector("[data-thumb]").replaceChildren(Object.assign(document.createElement("img"), { src: pictures.get(first), alt: "" }));
}

function draw(item) {
  const row = rows.get(item.id) ?? template.querySelector("[data-item]").cloneNode(true);
  rows.set(item.id, row);
  row.dataset.item = item.id;
  const find = (name) => row.querySelector(`[data-${name}]`);
  const waits = outbox.waiting(item);
  find("title").textContent = item.title || words.untitled;
  find("line").textContent = [time(item.queued_at ?? item.started_at), item.values?.address || item.values?.description || item.line].filter(Boolean).join(" · ");
  find("count").textContent = fill(words.photos, item.photos.length);
  find("count").hidden = !item.photos.length;
  row.dataset.tone = item.stage === "sent" ? "good" : item.stage === "refused" ? "red" : item.reason && waits ? "yellow" : "";
  if (find("state").textContent !== state(item)) find("state").textContent = state(item);
  const going = under_way.get(item.id);
  find("bar").hidden = !going?.of || !waits;
  if (going?.of) find("bar").value = going.done / going.of;
  find("retry").hidden = !waits;
  find("edit").hidden = item.stage === "sent";
  find("edit").href = item.page ? `${item.page}?draft=${item.id}` : `${box.dataset.fileUrl}?draft=${item.id}`;
  find("drop").hidden = item.stage !== "draft" && item.stage !== "refused";
  find("open").hidden = item.stage !== "sent";
  if (item.receipt) find("open").href = box.dataset.caseUrl.replace(/0\/$/, `${item.receipt.id}/`);
  find("sign-in").hidden = item.reason?.code !== "sign_in" || !waits;
  find("sign-in").href = box.dataset.loginUrl;
  overtaken(row, item);
  thumb(row, item);
  return row;
}

/** Somebody was faster: the case as it is and what was written here, side by side. */
function overtaken(row, item) {
  const find = (name) => row.querySelector(`[data-${name}]`);
  const current = item.stage === "refused" ? item.reason?.current : null;
  find("overtaken").hidden = !current;
  find("repeat").hidden = !current?.may_repeat;
  if (!current) return;
  find("retry").hidden = true;
  find("now").textContent = [current.state_label, current.holder].filter(Boolean).join(" · ");
  find("events").replaceChildren(...current.events.map(({ verb, by, at, opinion }) => Object.assign(document.createElement("li"), { textContent: [time(new Date(at)), by, verb, opinion].filter(Boolean).join(" · ") })));
  const { result, measures, opinion, remark } = item.fields;
  find("written").textContent = [words[result] ?? result, measures, opinion, remark].filter(Boolean).join(" · ") || "—";
}

async function show() {
  const all = await outbox.items();
  for (const [name, part] of Object.entries(parts)) {
    const mine = all.filter((item) => part_of(item) === name);
    if (name === "sent") mine.reverse();
    const list = part.querySelector("ul");
    const wanted = mine.map(draw);
    // Rows stay where they are while they change, so that nobody's finger misses.
    if (wanted.length !== list.children.length || wanted.some((row, at) => row !== list.children[at])) list.replaceChildren(...wanted);
    part.hidden = mine.length === 0;
  }
  box.querySelector("[data-none]").hidden = all.length > 0;
  box.querySelector("[data-more]").hidden = all.every((item) => item.stage === "sent");
}

async function ask(title) {
  const dialog = box.querySelector("[data-ask]");
  dialog.querySelector("[data-ask-title]").textContent = title;
  dialog.returnValue = "";
  for (const button of dialog.querySelectorAll("[data-answer]")) button.onclick = () => dialog.close(button.dataset.answer);
  dialog.showModal();
  await new Promise((done) => { dialog.addEventListener("close", done, { once: true }); });
  return dialog.returnValue;
}

box.addEventListener("click", async (event) => {
  const id = event.target.closest("[data-item]")?.dataset.item;
  if (event.target.closest("[data-retry]")) await outbox.retry(id);
  if (event.target.closest("[data-export]")) await (await import("./export.js")).exportAll();
  if (event.target.closest("[data-repeat]")) await outbox.repeat(id);
  if (event.target.closest("[data-send]")) await outbox.retry();
  if (event.target.closest("[data-drop]")) {
    const item = await vault.getItem(id);
    if (await ask(fill(words.drop, item.title || words.untitled))) await outbox.drop(id);
  }
});

if (vault.offered) {
  outbox.changes.addEventListener("changed", show);
  outbox.changes.addEventListener("sending", ({ detail }) => { under_way.set(detail.id, {}); show(); });
  outbox.changes.addEventListener("progress", ({ detail }) => { under_way.set(detail.id, detail); show(); });
  outbox.changes.addEventListener("idle", () => { under_way.clear(); show(); });
  setInterval(show, 5000);
  await show();
} else box.querySelector("[data-not-offered]").hidden = false;
