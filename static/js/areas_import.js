// The preview of an import: the areas of the file over what is drawn, and where the
// findings are; pressing a finding shows its place.
import { boundsOf, choose, createMap, firstName } from "./map.js";

const TONES = { new: "--wg-green", redrawn: "--wg-blue", same: "--wg-grey", bad: "--wg-red" };
const preview = JSON.parse(document.getElementById("import-preview").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function boundsOfAll(features) {
  const boxes = features.map((one) => boundsOf(one.geometry));
  return boxes.length
    ? [0, 1, 2, 3].map((side) => Math[side < 2 ? "min" : "max"](...boxes.map((box) => box[side])))
    : undefined;
}

function draw(map) {
  const byState = ["match", ["get", "state"], ...Object.entries(TONES).flatMap(([state, tone]) => [state, colour(tone)]), colour("--wg-grey")];
  const bySeverity = ["match", ["get", "severity"], "error", colour("--wg-red"), colour("--wg-yellow")];
  map.addSource("given", { type: "geojson", data: preview.areas });
  map.addSource("found", { type: "geojson", data: preview.findings });
  const layers = [
    { id: "given-fill", type: "fill", source: "given", paint: { "fill-color": byState, "fill-opacity": 0.18 } },
    { id: "given-line", type: "line", source: "given", paint: { "line-color": byState, "line-width": 1.6 } },
    { id: "found-fill", type: "fill", source: "found", paint: { "fill-color": bySeverity, "fill-opacity": 0.4 } },
    { id: "found-line", type: "line", source: "found", paint: { "line-color": bySeverity, "line-width": 3 } },
    { id: "found-point", type: "circle", source: "found", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": bySeverity, "circle-radius": 7, "circle-stroke-color": "#fff", "circle-stroke-width": 2 } },
  ];
  for (const layer of layers) map.addLayer(layer, firstName(map));
}

function placesOf(button) {
  const number = Number(button.dataset.finding);
  const codes = button.dataset.areas.split(" ");
  const spots = preview.findings.features.filter((one) => one.properties.number === number);
  const areas = preview.areas.features.filter((one) => codes.includes(one.properties.code));
  return { spots, areas };
}

const map = await createMap(document.getElementById("import-map"), { bounds: boundsOfAll(preview.areas.features) });
if (map) {
  draw(map);
  document.querySelector(".finding-list")?.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-finding]");
    if (!button) return;
    const { spots, areas } = placesOf(button);
    choose(map, { type: "FeatureCollection", features: areas });
    const box = boundsOfAll(spots.length ? spots : areas);
    if (box) map.fitBounds(box, { padding: 60, maxZoom: 19, duration: 0 });
  });
}
