// Step 2 of a resident's report: the place by the phone's position or on the map. The
// phone is asked where it is only when the resident says so.
import { placePicker } from "./phone_place.js";

const form = document.getElementById("where");
form.classList.add("is-live");
const box = form.querySelector("[data-place]");
const place = placePicker(box, form, () => null);
if (place.known()) place.start();
else box.querySelector("[data-place-line] span").textContent = box.querySelector("[data-place-line]").dataset.ask ?? "";
