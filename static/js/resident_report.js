// Step 1 of a resident's report: find the kind of matter while typing, make pictures
// smaller before they are sent. Without it the buttons of the page do the same.
import { shrunk } from "./phone_photos.js";

const form = document.querySelector("form.report");
form.classList.add("is-live");

// --- the kind of matter -------------------------------------------------------------
const search = form.querySelector("[data-filter]");
const choices = [...form.querySelectorAll("[data-choice]")];
const majors = [...form.querySelectorAll("[data-major]")];
const chosen = form.querySelector("[data-chosen]");

function filter() {
  const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  for (const choice of choices) {
    const known = choice.dataset.words.toLowerCase();
    choice.hidden = !words.every((word) => known.includes(word));
  }
  for (const major of majors) {
    major.hidden = !major.querySelector("[data-choice]:not([hidden])");
    major.open = words.length > 0 && !major.hidden;
  }
  form.querySelector("[data-none]").hidden = choices.some((choice) => !choice.hidden);
}

search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
form.addEventListener("change", (event) => {
  if (event.target.name !== "category") return;
  chosen.hidden = false;
  chosen.querySelector("strong").textContent = event.target.closest("[data-choice]").querySelector("strong").textContent;
  search.value = "";
  filter();
  chosen.scrollIntoView({ block: "nearest" });
});

// --- pictures -------------------------------------------------------------------------
const photos = form.querySelector("[data-shrink]");
let shrinking = Promise.resolve();
photos.addEventListener("change", () => {
  const files = [...photos.files];
  shrinking = (async () => {
    const small = new DataTransfer();
    for (const file of files) {
      const made = await shrunk(file);
      small.items.add(made instanceof File ? made : new File([made], file.name.replace(/\.\w+$/, ".jpg"), { type: made.type }));
    }
    photos.files = small.files;
  })().catch(() => null);
});
let ready = false;
addEventListener("pageshow", () => { ready = false; });
form.addEventListener("submit", (event) => {
  if (ready || !photos.files.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  // Not before this event is over: a form that is being submitted ignores it.
  shrinking.then(() => setTimeout(() => { ready = true; form.requestSubmit(button); }));
}, true);
