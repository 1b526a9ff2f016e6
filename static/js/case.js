// The case page and the whistle composer: steps that open in place, quick phrases,
// photos that must arrive before the form goes, and how far one stands from the spot.
import { photoFields } from "./phone_photos.js";
import "./draft.js";
import "./mention.js";


const prepared = new WeakMap();

function metres(lng, lat, toLng, toLat) {
  const rad = Math.PI / 180;
  const x = (toLng - lng) * rad * Math.cos(((lat + toLat) / 2) * rad);
  const y = (toLat - lat) * rad;
  return Math.round(Math.hypot(x, y) * 6371008);
}

function locate(box) {
  const form = box.closest("form");
  const says = box.querySelector("[data-locate-text]");
  const { lng, lat, looking, found, near, failed } = box.dataset;
  if (!navigator.geolocation) { says.textContent = failed; return; }
  says.textContent = looking;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lng.value = coords.longitude.toFixed(7);
      form.elements.lat.value = coords.latitude.toFixed(7);
      says.textContent = lng
        ? found.replace("{m}", metres(coords.longitude, coords.latitude, Number(lng), Number(lat)))
        : near;
      box.dataset.state = "found";
    },
    () => { says.textContent = failed; box.dataset.state = "failed"; },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
  );
}

function here(form) {
  const { lng, lat } = form.elements;
  return lng?.value && lat?.value ? { lng: lng.value, lat: lat.value } : null;
}

// A form that was just put in place (or is the page itself): once for each.
function prepare(form) {
  if (prepared.has(form)) return;
  form.classList.add("is-live");
  prepared.set(form, form.querySelector("[data-photos]") ? photoFields(form, () => here(form)) : null);
  form.addEventListener("photos:changed", () => {
    if (form.dataset.waiting && !prepared.get(form).sending()) {
      delete form.dataset.waiting;
      form.requestSubmit();
    }
  });
  const box = form.querySelector("[data-locate]");
  if (box) locate(box);
}

function prepareAll() {
  for (const form of document.querySelectorAll("form.step")) prepare(form);
}

document.addEventListener("htmx:after:swap", () => {
  const before = document.querySelector("form.step");
  const isNew = before && !prepared.has(before);
  prepareAll();
  if (!isNew) return;
  before.scrollIntoView({ block: "nearest", behavior: "smooth" });
  const wrong = before.querySelector(".field-invalid :is(input, select, textarea)");
  (wrong ?? before.querySelector("select, textarea, input:not([type=hidden])") ?? before.querySelector("h2"))?.focus({ preventScroll: true });
});

// Before htmx sees it: wait for the photos that are on their way.
document.addEventListener("submit", (event) => {
  const photos = prepared.get(event.target);
  if (!photos?.sending()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  event.target.dataset.waiting = "1";
}, true);

// The button that opened the step gets the focus back when the step is put away.
let opener = null;

document.addEventListener("click", (event) => {
  opener = event.target.closest(".action-bar a") ?? opener;
  const phrase = event.target.closest("[data-phrase]");
  if (phrase) {
    const field = document.getElementById(phrase.dataset.for);
    field.value = field.value.trim() ? `${field.value.trim()}；${phrase.dataset.phrase}` : phrase.dataset.phrase;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    const menu = phrase.closest("details");
    if (menu) menu.open = false;
  }
  const again = event.target.closest("[data-locate-again]");
  if (again) locate(again.closest("[data-locate]"));
  const close = event.target.closest("[data-close-step]");
  const place = close?.closest(".step-place");
  if (place) {
    event.preventDefault();
    place.replaceChildren();
    opener?.focus();
  }
});

// The button says what it will do, as the preview has it.
function nameButton() {
  const said = document.querySelector("#preview [data-blows]");
  const button = document.querySelector("[data-whistle-submit]");
  if (!said || !button) return;
  button.querySelector("span").textContent = said.dataset.blows === "yes" ? button.dataset.blow : button.dataset.draft;
}
document.addEventListener("htmx:after:swap", nameButton);

// The composer came back with faults: to the first of them.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.id !== "whistle-form") return;
  const wrong = event.target.querySelector(".field-invalid :is(input, select, textarea), .notice[data-tone=error]");
  wrong?.scrollIntoView({ block: "center" });
  wrong?.focus({ preventScroll: true });
});

// Who leads is not offered as a support, too.
function hideLead() {
  const lead = document.querySelector("#whistle-form [name=lead]");
  if (!lead) return;
  for (const row of document.querySelectorAll("#whistle-form li.support")) {
    const box = row.querySelector("[name=supports]");
    row.hidden = box.value === lead.value;
    if (row.hidden) box.checked = false;
  }
}
document.addEventListener("change", (event) => {
  if (event.target.name === "lead") hideLead();
});
document.addEventListener("htmx:after:swap", hideLead);

hideLead();
prepareAll();

// Opened from the list to be handled: the first step stands open.
if (location.hash === "#do") document.querySelector(".action-bar .btn-primary, .action-bar .btn")?.click();
