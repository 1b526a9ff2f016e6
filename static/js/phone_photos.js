// Photos of a form: each is made smaller, kept on the phone where it can be, and sent by
// itself at once, with progress, retry and removal.

const LONGEST = 1600;
const LARGE = 700 * 1024;
const JUST_NOW = 300_000;

export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The file as it is sent: big ones become a JPEG of at most 1600 pixels. */
export async function shrunk(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    if (scale === 1 && file.size <= LARGE) {
      image.close();
      return file;
    }
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

/** Every [data-photos] of the form; `here()` tells the position to keep with a picture.
    `keeper` (phone_draft.js) keeps them on the phone; without one they must be sent at once. */
export function photoFields(form, here = () => null, keeper = null) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const fields = [...form.querySelectorAll("[data-photos]")].map((box) => photoField(box, token, here, form, keeper));
  return {
    rename(batch) { for (const field of fields) field.box.dataset.batch = batch; },
    of: (stage) => fields.find((field) => field.box.dataset.stage === stage),
    sending: () => fields.some((field) => field.count(".is-sending") > 0),
    failed: () => fields.some((field) => field.count(".is-failed") > 0),
  };
}

function photoField(box, token, here, form, keeper) {
  const list = box.querySelector("[data-list]");
  const fault = box.querySelector("[data-fault]");
  const [sendingWord, refusedWord, removeWord, offlineWord, failedWord] = box.dataset.words.split("|");

  function tile(url) {
    const item = document.createElement("li");
    item.className = "photo-tile is-sending";
    const image = Object.assign(document.createElement("img"), { src: url, alt: "" });
    const note = Object.assign(document.createElement("button"), { type: "button", className: "photo-note", textContent: sendingWord });
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "photo-remove" });
    remove.dataset.remove = "";
    remove.setAttribute("aria-label", removeWord);
    remove.innerHTML = '<i class="ti ti-x" aria-hidden="true"></i>';
    item.append(image, bar, note, remove);
    list.append(item);
    return item;
  }

  function told(item, state, words = "") {
    item.classList.remove("is-sending", "is-failed");
    if (state) item.classList.add(state);
    const note = item.querySelector(".photo-note");
    if (note) note.textContent = words;
    form.dispatchEvent(new CustomEvent("photos:changed"));
  }

  function send(item, body) {
    told(item, "is-sending", sendingWord);
    const request = new XMLHttpRequest();
    item.request = request;
    request.open("POST", box.dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) item.querySelector("progress").value = event.loaded / event.total;
    };
    request.onerror = () => told(item, "is-failed", offlineWord);
    request.onload = () => {
      if (request.status === 200) {
        item.dataset.photo = request.response.id;
        told(item, "");
      } else if (request.status === 422) {
        told(item, "is-failed", refusedWord);
        if (fault) fault.textContent = request.response.message;
      } else told(item, "is-failed", failedWord);
    };
    request.send(body);
  }

  async function add(file) {
    const item = tile(URL.createObjectURL(file));
    const { exifOf } = await import("./exif.js");
    const { taken, ...where } = await exifOf(file);
    const picture = await shrunk(file);
    // An older picture was not taken where the phone is now.
    const position = where.lng ? where : Date.now() - file.lastModified < JUST_NOW ? here() : null;
    const photo = {
      id: uuid(),
      stage: box.dataset.stage,
      taken_at: (taken ?? new Date(file.lastModified || Date.now())).toISOString(),
      lng: position?.lng ?? "",
      lat: position?.lat ?? "",
    };
    if (!item.isConnected) return;
    if (keeper) await keep(item, photo, picture);
    else {
      const body = new FormData();
      for (const [name, value] of Object.entries({ ...photo, batch: box.dataset.batch, crs: "wgs84" })) if (value) body.set(name, value);
      body.set("photo", picture, "photo");
      item.again = () => send(item, body);
      item.again();
    }
  }

  /** On the phone first, then ahead to the server; without a signal it goes later. */
  async function keep(item, photo, picture) {
    told(item, "is-sending", sendingWord);
    try {
      await keeper.add(photo, picture);
    } catch { // no room: it must not look as if it were kept
      item.again = () => keeper.wait(keep(item, photo, picture));
      told(item, "is-failed", offlineWord);
      return;
    }
    item.again = null;
    if (!item.isConnected) { keeper.remove(photo.id); return; }
    item.dataset.photo = photo.id;
    item.dataset.kept = "";
    told(item, "");
    ahead(item, photo);
  }

  async function ahead(item, photo) {
    const refused = await keeper.ahead(photo.id);
    if (!refused || !item.isConnected) return;
    told(item, "is-failed", refusedWord);
    if (fault) fault.textContent = refused;
  }

  /** A photo of a draft that is opened again. */
  function show(photo, picture) {
    const item = tile(URL.createObjectURL(picture));
    item.dataset.photo = photo.id;
    item.dataset.kept = "";
    told(item, "");
  }

  box.addEventListener("change", (event) => {
    const input = event.target.closest("[data-pick-files]");
    if (!input) return;
    for (const file of input.files) {
      const added = add(file);
      keeper?.wait(added);
    }
    input.value = "";
  });
  box.addEventListener("click", (event) => {
    const item = event.target.closest(".photo-tile");
    // What is being sent goes as it is.
    if (!item || form.classList.contains("is-sending")) return;
    if (event.target.closest("[data-remove]")) {
      item.request?.abort();
      if ("kept" in item.dataset) keeper.remove(item.dataset.photo);
      else if (item.dataset.photo) {
        fetch(`${box.dataset.uploadUrl}${item.dataset.photo}/remove/`, { method: "POST", headers: { "X-CSRFToken": token } });
      }
      item.remove();
      if (fault) fault.textContent = "";
      form.dispatchEvent(new CustomEvent("photos:changed"));
    } else if (item.classList.contains("is-failed")) item.again?.();
  });
  return { box, show, count: (what = "") => list.querySelectorAll(`.photo-tile${what}`).length };
}

/** Let the form wait for its photos: sent by itself once they are here. */
export function submitWhenSent(form, photos, check = () => true) {
  const [waitWord, failedWord] = form.dataset.words.split("|");
  const says = document.querySelector("[data-dock-says]");
  let waiting = null;
  const say = (text) => { says.textContent = text; };

  form.addEventListener("submit", (event) => {
    const stop = () => { event.preventDefault(); event.stopPropagation(); };
    say("");
    waiting = null;
    if (event.submitter?.matches("[data-join]")) return;
    if (!check()) stop();
    else if (photos.sending()) {
      waiting = event.submitter ?? true;
      stop();
      say(waitWord);
    } else if (photos.failed()) {
      stop();
      say(failedWord);
    }
  });
  form.addEventListener("input", () => { if (!waiting) say(""); });
  form.addEventListener("photos:changed", () => {
    if (!waiting) say("");
    if (waiting && !photos.sending()) form.requestSubmit(waiting === true ? undefined : waiting);
  });
  return say;
}
