// The filing form on the phone: photos, category, place, duplicates, sending. Where the
// browser can, it is a draft on the phone from the first word, and sending never loses it.
import { categoryPicker } from "./phone_category.js";
import { draftOf, fill } from "./phone_draft.js";
import { photoFields, submitWhenSent, uuid } from "./phone_photos.js";
import { placePicker } from "./phone_place.js";
import { questions } from "./phone_questions.js";
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

const form = document.getElementById("filing");
form.classList.add("is-live");
document.body.classList.add("is-live");
const onSpot = () => form.querySelector("[name=kind]:checked")?.value === "resolve_on_spot";

// --- a draft that is opened again, or a new one ------------------------------------------
const wanted = new URLSearchParams(location.search).get("draft");
const local = vault.offered && vault.account() && !("bound" in form.dataset);
const known = local && wanted ? await outbox.edit(wanted) : null;
if (known?.stage === "sent") location.replace(document.body.dataset.outboxUrl);
if (!("bound" in form.dataset)) form.elements.submission.value = known?.id ?? uuid();
const draft = local ? draftOf(form, form.elements.submission.value, known, () => ({ kind: onSpot() ? "resolve_on_spot" : "report", title: category.name() })) : null;
if (known?.values) fill(form, known.values);
else if (local) form.elements.found_at.value = new Date().toISOString();

const place = placePicker(form.querySelector("[data-place]"), form, () => {
  draft?.touch();
  return lookForDuplicates();
});
const extra = questions(form);
const category = categoryPicker(form.querySelector("[data-categories]"), lookForDuplicates, (known_category) => {
  extra.ask(known_category.questions, draft?.item.values);
});
const photos = photoFields(form, place.device, draft);
photos.rename(form.elements.submission.value);
for (const photo of known?.photos ?? []) {
  const picture = await vault.getPhoto(photo.id);
  if (picture) photos.of(photo.stage === "after" ? "after" : "report").show(photo, picture);
}
if (known?.values?.category) category.show(known.values.category);

// --- words ---------------------------------------------------------------------------
for (const counter of form.querySelectorAll("[data-count-of]")) {
  const area = document.getElementById(counter.dataset.countOf);
  const least = Number(area.minLength) > 0 ? area.minLength : 10;
  const show = () => {
    const length = area.value.trim().length;
    counter.textContent = `${length} / ${least}`;
    counter.classList.toggle("is-enough", length >= least);
  };
  area.addEventListener("input", show);
  show();
}
form.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-phrase]");
  if (!chip) return;
  const area = document.getElementById(chip.dataset.into ?? "id_description");
  area.value = area.value.trim() ? `${area.value.trim()} ${chip.dataset.phrase}` : chip.dataset.phrase;
  area.dispatchEvent(new Event("input"));
});

// --- duplicates ------------------------------------------------------------------------
const COMPARED = ["category", "lng", "lat", "crs", "community_code", "address", "description"];
let asked = 0;
async function lookForDuplicates() {
  const box = form.querySelector("[data-duplicates]");
  const turn = ++asked;
  if (!category?.value() || !place.known()) return box.replaceChildren();
  const body = new FormData(form);
  for (const name of [...body.keys()]) if (![...COMPARED, "csrfmiddlewaretoken"].includes(name)) body.delete(name);
  try {
    const answer = await fetch(form.dataset.duplicatesUrl, { method: "POST", body });
    if (turn === asked && answer.ok) box.innerHTML = await answer.text();
  } catch { /* no signal: the server looks again when the form arrives */ }
  return undefined;
}
for (const name of ["address", "description", "community_code"]) form.elements[name].addEventListener("change", lookForDuplicates);

// --- sending ---------------------------------------------------------------------------
const [, , noPhoto, noCategory, shortText, noPlace, noAddress, noMeasures, noAfter] = form.dataset.words.split("|");
const [noTelephone, noName, noConsent, noReason] = form.dataset.consentWords.split("|");

function missing() {
  const text = (name) => form.elements[name].value.trim();
  const wanting = [
    [!("mayLackPhoto" in form.dataset) && photos.of("report").count() === 0, noPhoto, photos.of("report").box],
    [onSpot() && photos.of("after").count() === 0, noAfter, photos.of("after").box],
    [!category.value(), noCategory, form.querySelector("[data-categories]")],
    [text("description").length < 10, shortText, form.elements.description],
    [onSpot() && !text("measures"), noMeasures, form.elements.measures],
    ...(extra.missing() ? [[true, ...extra.missing()]] : []),
    [!place.known(), noPlace, form.querySelector("[data-place]")],
    [!text("address"), noAddress, form.elements.address],
    ...forResident(text("complainant_name"), text("complainant_contact"), text("consent"), text("consent_reason")),
  ];
  return wanting.find(([wrong]) => wrong);
}

/** 代报: a telephone needs a name, and either consent or the reason why there is none. */
function forResident(name, telephone, consent, reason) {
  const field = form.elements;
  return [
    [name && !telephone, noTelephone, field.complainant_contact],
    [telephone && !name, noName, field.complainant_name],
    [telephone && !consent, noConsent, field.consent[0]],
    [telephone && consent === "none" && !reason, noReason, field.consent_reason],
  ];
}

function complete() {
  const first = missing();
  if (!first) {
    place.stop();
    return true;
  }
  const [, sentence, where] = first;
  say(sentence);
  show(where);
  return false;
}

function show(where) {
  where.closest("details")?.setAttribute("open", "");
  where.scrollIntoView({ block: "center", behavior: "smooth" });
  where.focus?.({ preventScroll: true });
}

const say = local ? sayHere() : submitWhenSent(form, photos, complete);

function sayHere() {
  const says = document.querySelector("[data-dock-says]");
  form.addEventListener("input", () => { says.textContent = ""; });
  return (text) => { says.textContent = text; };
}

/** What the API is told; the same rules as `FilingForm.report`. */
function report() {
  const text = (name) => form.elements[name]?.value?.trim() ?? "";
  const number = (name) => (text(name) === "" ? null : Number(text(name)));
  const located = text("lng") !== "" && text("lat") !== "";
  return {
    kind: onSpot() ? "resolve_on_spot" : "report",
    category: Number(category.value()),
    description: text("description"),
    address: text("address"),
    lng: located ? number("lng") : null,
    lat: located ? number("lat") : null,
    crs: text("crs") || "wgs84",
    accuracy_m: number("accuracy_m"),
    method: located ? text("method") || "map" : "address",
    grid_code: text("grid_code"),
    community_code: located ? "" : text("community_code"),
    urgent: form.elements.urgent.checked,
    measures: onSpot() ? text("measures") : "",
    complainant_name: text("complainant_name"),
    complainant_contact: text("complainant_contact"),
    contact_hidden: form.elements.contact_hidden.checked,
    consent: text("complainant_contact") ? text("consent") : "",
    consent_reason: text("consent_reason"),
    found_at: text("found_at"),
    answers: extra.answers(),
  };
}

/** Likely duplicates that were not shown yet for this category are shown first, once. */
async function unseen() {
  const seen = () => form.elements.duplicates_seen?.value === category.value();
  if (seen() || !navigator.onLine) return false;
  await Promise.race([lookForDuplicates(), new Promise((done) => { setTimeout(done, 4000); })]);
  return form.querySelector("[data-duplicates] .duplicates") !== null;
}

let busy = false;
async function send() {
  const words = form.dataset;
  if (await unseen()) {
    say(words.alike);
    show(form.querySelector("[data-duplicates]"));
    return;
  }
  say("");
  outbox.changes.addEventListener("progress", ({ detail }) => {
    if (detail.id === draft.item.id && busy) say(words.progress.replace("{1}", detail.done).replace("{2}", detail.of));
  });
  // A connection that hangs is not waited for: it goes on by itself in the outbox.
  const slow = new Promise((done) => { setTimeout(done, 20_000, null); });
  const item = await Promise.race([draft.finish(report()), slow]);
  if (item?.stage === "sent") location.assign(words.filedUrl.replace(/0\/filed/, `${item.receipt.id}/filed`));
  else if (item?.reason?.status === 422 || item?.reason?.status === 400) await mend(item.reason);
  else location.assign(document.body.dataset.outboxUrl);
}

/** Refused: back in hand, the sentence where it can be mended. */
async function mend({ field, message }) {
  await draft.reopen();
  say(message);
  const at = { photos: photos.of("report").box, point: form.querySelector("[data-place]"), kind: form.querySelector("[data-kind]"), category: form.querySelector("[data-categories]") };
  const input = form.elements[field];
  const where = at[field] ?? (input instanceof Element ? input : null);
  if (where) show(where);
}

if (local) {
  form.addEventListener("submit", async (event) => {
    const join = event.submitter?.closest("[data-join]");
    event.preventDefault();
    event.stopPropagation();
    if (busy) return;
    busy = true;
    form.classList.add("is-sending");
    try {
      if (join) await joined(join);
      else {
        await category.ready();
        if (complete()) await send();
      }
    } finally {
      busy = false;
      form.classList.remove("is-sending");
    }
  }, { capture: true });
}

/** ＋1: the other case has it now, so the draft is not needed any more. */
async function joined(button) {
  try {
    const answer = await fetch(button.formAction, { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(answer.status);
    await draft.drop();
    location.assign(answer.url);
  } catch {
    say(form.dataset.notJoined);
  }
}

place.start();
