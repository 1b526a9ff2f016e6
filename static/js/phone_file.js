// The filing form on the phone: photos, category, place, duplicates, sending.
import { categoryPicker } from "./phone_category.js";
import { photoFields, submitWhenSent, uuid } from "./phone_photos.js";
import { placePicker } from "./phone_place.js";

const form = document.getElementById("filing");
form.classList.add("is-live");
document.body.classList.add("is-live");

const place = placePicker(form.querySelector("[data-place]"), form, lookForDuplicates);
const category = categoryPicker(form.querySelector("[data-categories]"), lookForDuplicates);
const photos = photoFields(form, place.device);

if (!("bound" in form.dataset)) {
  form.elements.submission.value = uuid();
  photos.rename(form.elements.submission.value);
}

const onSpot = () => form.querySelector("[name=kind]:checked")?.value === "resolve_on_spot";

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

function missing() {
  const text = (name) => form.elements[name].value.trim();
  const wanting = [
    [photos.of("report").count() === 0, noPhoto, photos.of("report").box],
    [onSpot() && photos.of("after").count() === 0, noAfter, photos.of("after").box],
    [!category.value(), noCategory, form.querySelector("[data-categories]")],
    [text("description").length < 10, shortText, form.elements.description],
    [onSpot() && !text("measures"), noMeasures, form.elements.measures],
    [!place.known(), noPlace, form.querySelector("[data-place]")],
    [!text("address"), noAddress, form.elements.address],
  ];
  return wanting.find(([wrong]) => wrong);
}

const say = submitWhenSent(form, photos, () => {
  const first = missing();
  if (!first) {
    place.stop();
    return true;
  }
  const [, sentence, where] = first;
  say(sentence);
  where.scrollIntoView({ block: "center", behavior: "smooth" });
  where.focus?.({ preventScroll: true });
  return false;
});

place.start();
