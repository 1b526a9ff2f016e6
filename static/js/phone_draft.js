// A form on the phone as a draft: whatever is typed or photographed is kept at once, and
// handed to the queue when it is finished (outbox.js).
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

const LEFT_OUT = new Set(["csrfmiddlewaretoken", "submission", "batch", "duplicates_seen"]);

/** What the fields of a form hold, by name; several of one name as a list. */
export function valuesOf(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (LEFT_OUT.has(name) || typeof value !== "string") continue;
    values[name] = name in values ? [values[name], value].flat() : value;
  }
  return values;
}

export function fill(form, values) {
  for (const field of form.elements) {
    if (!field.name || LEFT_OUT.has(field.name) || field.type === "file") continue;
    const given = [values[field.name] ?? []].flat();
    if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
    else if (field.name in values) field.value = given[0];
  }
}

/** `id` of the draft; `about()` gives what its row in the outbox says (title, url). */
export function draftOf(form, id, known, about) {
  let item = known ?? { id, stage: "draft", kind: "report", photos: [], removed: [], started_at: Date.now() };
  let begun = Boolean(known);
  document.body.dataset.draft = item.id;
  let timer = null;
  let last = Promise.resolve();
  let coming = Promise.resolve();
  let handed = false;

  // One after the other, each on what the one before it left; one that failed stops none.
  const next = (step) => {
    last = last.catch(() => {}).then(step);
    return last;
  };
  // Once it is handed over the queue alone writes it, and perhaps the receipt already.
  const change = (what) => {
    begun = true;
    return next(async () => {
      if (!handed) item = await outbox.saveDraft({ ...item, values: valuesOf(form), ...about(), ...what(item) });
    });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => change(() => ({})), 400);
  };
  for (const name of ["input", "change"]) form.addEventListener(name, (event) => { if (event.isTrusted || begun) soon(); });
  addEventListener("pagehide", () => { if (begun && item.stage === "draft") change(() => ({})); });

  return {
    get item() { return item; },
    /** What was set by a script is kept as well, once there is a draft at all. */
    touch() { if (begun) soon(); },
    /** Nothing is handed over before what is on its way into the draft. */
    wait(promise) { coming = Promise.allSettled([coming, promise]); },
    async add(photo, blob) {
      await vault.putPhoto(photo.id, item.id, blob);
      await change((now) => ({ photos: [...now.photos, photo] }));
    },
    /** The sentence of a refusal; nothing when it went or will go later. */
    async ahead(photoId) {
      try {
        await outbox.sendAhead(item, photoId);
        await change((now) => ({ photos: now.photos.map((one) => (one.id === photoId ? { ...one, sent: true } : one)) }));
      } catch (failure) {
        return failure.reason?.status === 422 ? failure.reason.message : "";
      }
      return "";
    },
    async remove(photoId) {
      await change((now) => ({
        photos: now.photos.filter((one) => one.id !== photoId),
        removed: [...(now.removed ?? []), photoId],
      }));
      await vault.dropPhoto(photoId);
    },
    /** Into the queue, and out of it again as soon as it can be. */
    async finish(fields) {
      await coming;
      clearTimeout(timer);
      await next(async () => {
        item = await outbox.queue({ ...item, values: valuesOf(form), ...about(), fields });
        handed = true;
      });
      await outbox.run({ only: item.id });
      item = await vault.getItem(item.id);
      return item;
    },
    async reopen() {
      item = await outbox.edit(item.id);
      handed = false;
    },
    async drop() {
      clearTimeout(timer);
      begun = false;
      await last.catch(() => {});
      await outbox.drop(item.id);
    },
  };
}
