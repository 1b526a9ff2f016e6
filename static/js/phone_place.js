// Where it is: by GPS, else picked on the map, typed as coordinates, or by community.
const GPS = { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 };
const GOOD_ENOUGH = 15;
const VAGUE = 100;

export function placePicker(box, form, changed) {
  const field = (name) => form.elements[name];
  const line = box.querySelector("[data-place-line] span");
  const [locating, belongs, about, metres, denied, unknown, border, nearest, change, offline] =
    box.querySelector("[data-place-line]").dataset.words.split("|");
  const neighbours = box.querySelector("[data-neighbours]");
  const mapBox = box.querySelector("[data-map]");
  let watch = null;
  let map = null;
  let asked = 0;
  let device = null;
  let best = Infinity;

  const say = (text, tone = "") => { line.textContent = text; line.parentElement.dataset.tone = tone; };

  function set({ lng, lat, crs = "wgs84", accuracy = "", method }) {
    field("lng").value = lng;
    field("lat").value = lat;
    field("crs").value = crs;
    field("accuracy_m").value = accuracy;
    field("method").value = method;
    field("grid_code").value = "";
    field("community_code").value = "";
    tell();
  }

  /** Ask the server to which grid the position belongs, and say it. */
  async function tell() {
    const [lng, lat, crs] = ["lng", "lat", "crs"].map((name) => field(name).value.trim());
    neighbours.replaceChildren();
    if (!lng || !lat) return;
    const turn = ++asked;
    changed();
    try {
      const answer = await fetch(`${box.dataset.locateUrl}?${new URLSearchParams({ lng, lat, crs })}`, { headers: { Accept: "application/json" } });
      const found = await answer.json();
      if (turn !== asked) return;
      if (!answer.ok) say(found.message, "error");
      else show(found);
    } catch {
      if (turn === asked) say(offline, "warning");
    }
  }

  function show(found) {
    const place = found.placement ?? {};
    const names = ["street", "community", "grid"].map((level) => place[level]?.name ?? place[level]).filter(Boolean);
    const accuracy = field("accuracy_m").value;
    const parts = [`${belongs}：${names.join(" · ")}`];
    if (accuracy) parts.push(`${about} ${Math.round(accuracy)} ${metres}`);
    const vague = accuracy > VAGUE;
    if (vague) parts.push(box.querySelector("[data-place-line]").dataset.vague);
    if (found.nearest) parts.push(`${nearest} ${Math.round(found.distance ?? found.distance_m ?? 0)} ${metres}`);
    if (found.on_border) parts.push(border);
    say(parts.join("，"), vague || found.nearest || found.on_border ? "warning" : "good");
    for (const other of found.on_border ? found.neighbours : []) neighbours.append(neighbour(other));
    const address = field("address");
    const prefill = names.slice(0, 2).join("");
    if (!address.value || address.value === address.dataset.prefill) {
      address.value = prefill;
      address.dataset.prefill = prefill;
    }
  }

  function neighbour(area) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: `${change} ${area.name}` });
    button.addEventListener("click", () => {
      const on = field("grid_code").value !== area.code;
      field("grid_code").value = on ? area.code : "";
      button.setAttribute("aria-pressed", String(on));
    });
    return button;
  }

  function stop() {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
  }

  function locate() {
    stop();
    best = Infinity;
    if (!navigator.geolocation) return say(unknown, "warning");
    say(locating);
    watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        device = { lng: coords.longitude.toFixed(7), lat: coords.latitude.toFixed(7) };
        // What is hardly more exact than before is not worth asking the server again.
        if (coords.accuracy > best * 0.8) return;
        best = coords.accuracy;
        set({ ...device, accuracy: coords.accuracy.toFixed(1), method: "gps" });
        map?.move?.(Number(device.lng), Number(device.lat));
        if (coords.accuracy <= GOOD_ENOUGH) stop();
      },
      (error) => {
        stop();
        if (!field("lng").value) say(error.code === error.PERMISSION_DENIED ? denied : unknown, "warning");
      },
      GPS,
    );
    return undefined;
  }

  async function openMap() {
    stop();
    mapBox.hidden = false;
    if (map) return;
    document.head.append(box.querySelector("[data-map-style]").content.cloneNode(true));
    const { pointMap } = await import("./phone_map.js");
    map = await pointMap(mapBox, {
      areaCode: box.dataset.areaCode,
      at: field("lng").value && field("crs").value === "wgs84" ? [Number(field("lng").value), Number(field("lat").value)] : null,
      picked: (lng, lat) => set({ lng: lng.toFixed(7), lat: lat.toFixed(7), method: "map" }),
    });
  }

  box.querySelector("[data-use-gps]").addEventListener("click", locate);
  box.querySelector("[data-use-map]").addEventListener("click", openMap);
  box.querySelector("[data-manual]").addEventListener("change", () => {
    stop();
    field("method").value = "map";
    field("accuracy_m").value = "";
    tell();
  });

  const street = box.querySelector("[data-street]");
  const groups = [...box.querySelectorAll("[data-community] optgroup")];
  street.addEventListener("change", () => {
    for (const group of groups) group.hidden = group.disabled = Boolean(street.value) && group.label !== street.value;
    field("community_code").value = "";
  });
  box.querySelector("[data-by-community]").addEventListener("change", (event) => {
    if (!event.target.matches("[data-community]") || !event.target.value) return;
    stop();
    for (const name of ["lng", "lat", "accuracy_m", "grid_code"]) field(name).value = "";
    const option = event.target.selectedOptions[0];
    say(`${belongs}：${option.parentElement.label} · ${option.textContent}`, "good");
    changed();
  });

  return {
    start() {
      if (field("lng").value) tell();
      else if (field("community_code").value) return;
      else if ("elsewhere" in box.dataset) openMap();
      else locate();
    },
    stop,
    device: () => device,
    known: () => Boolean((field("lng").value && field("lat").value) || field("community_code").value),
  };
}
