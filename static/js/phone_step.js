// A step on a case: its photos, where the person stands, and the version of the case that
// was seen. Where the browser can, it is kept on the phone until the server has it.
import { draftOf, fill } from "./phone_draft.js";
import { photoFields, submitWhenSent, uuid } from "./phone_photos.js";
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

const form = document.getElementById("step");
form.classList.add("is-live");
document.body.classList.add("is-live");
let device = null;

if ("wantsPosition" in form.dataset && navigator.geolocation) {
  navigator.geolocation.watchPosition(
    ({ coords }) => {
      device = { lng: coords.longitude.toFixed(7), lat: coords.latitude.toFixed(7) };
      form.elements.lng.value = device.lng;
      form.elements.lat.value = device.lat;
    },
    () => {},
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
  );
}

const facts = form.dataset;
const local = vault.offered && vault.account() && facts.deliver && !("bound" in facts);
const wanted = new URLSearchParams(location.search).get("draft");
const known = local && wanted ? await outbox.edit(wanted) : null;
if (local) form.elements.batch.value = known?.id ?? uuid();
const draft = local ? draftOf(form, form.elements.batch.value, known, () => ({ kind: "step", title: facts.title, line: facts.line, page: location.pathname, url: facts.stepsUrl })) : null;
if (known?.values) fill(form, known.values);

const photos = photoFields(form, () => device, draft);
photos.rename(form.elements.batch.value);
for (const photo of known?.photos ?? []) {
  const picture = await vault.getPhoto(photo.id);
  if (picture) photos.of(photo.stage)?.show(photo, picture);
}

function taken() {
  const text = (name) => {
    const field = form.elements[name];
    return (field instanceof RadioNodeList || field ? field?.value ?? "" : "").trim();
  };
  const number = (name) => (text(name) === "" ? null : Number(text(name)));
  return {
    case: Number(facts.case),
    action: facts.deliver,
    version: number("version"),
    ...Object.fromEntries(["result", "measures", "opinion", "remark"].map((name) => [name, text(name)])),
    lng: number("lng"),
    lat: number("lat"),
  };
}

async function send(says) {
  const slow = new Promise((done) => { setTimeout(done, 20_000, null); });
  const item = await Promise.race([draft.finish(taken()), slow]);
  const { reason } = item ?? {};
  if (item?.stage === "sent") {
    sessionStorage.setItem("said", facts.done);
    location.assign(facts.doneUrl);
  } else if (reason?.status === 422 || reason?.status === 400) {
    await draft.reopen();
    says.textContent = reason.message;
    const field = reason.field === "photos" ? photos.of(facts.stage)?.box : form.elements[reason.field];
    (field instanceof Element ? field : field?.[0])?.scrollIntoView({ block: "center", behavior: "smooth" });
  } else location.assign(document.body.dataset.outboxUrl);
}

if (local) {
  const says = document.querySelector("[data-dock-says]");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (busy) return;
    busy = true;
    form.classList.add("is-sending");
    says.textContent = "";
    try {
      await send(says);
    } finally {
      busy = false;
      form.classList.remove("is-sending");
    }
  }, { capture: true });
} else submitWhenSent(form, photos);
