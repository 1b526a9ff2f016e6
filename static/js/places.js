// The map on which the spot of a new place is picked; opened with the form.
const box = document.querySelector("[data-pick-map]");
const fold = box.closest("details");
const field = (name) => document.getElementById(`id_${name}`);
let made = null;

async function open() {
  if (!fold.open || made) return;
  box.hidden = false;
  const { pointMap } = await import("./phone_map.js");
  made = await pointMap(box, {
    areaCode: box.dataset.areaCode,
    at: field("lng").value ? [Number(field("lng").value), Number(field("lat").value)] : null,
    picked(lng, lat) {
      field("lng").value = lng.toFixed(7);
      field("lat").value = lat.toFixed(7);
      field("crs").value = "wgs84";
    },
  });
}
fold.addEventListener("toggle", open);
open();
