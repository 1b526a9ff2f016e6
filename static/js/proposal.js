// The page of a proposal: parts on the map and in the list are chosen together; a line
// drawn point by point, by mouse or finger, cuts a part or moves a border.
import { createMap } from "./map.js";

const FONTS = ["PingFang SC", "HarmonyOS Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "sans-serif"];
const element = document.getElementById("proposal-map");
const extent = JSON.parse(document.getElementById("proposal-extent").textContent);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const collection = (features) => ({ type: "FeatureCollection", features });
const form = () => document.getElementById("proposal-form");
const boxes = () => [...(form()?.querySelectorAll("[name=numbers]") ?? [])];
const chosen = () => boxes().filter((box) => box.checked);
const read = () => {
  const script = document.getElementById("proposal-shapes");
  return script ? JSON.parse(script.textContent) : collection([]);
};

let map = null;
let line = null; // the points drawn so far; null while nobody draws

/** What may be pressed depends on how many are chosen and on whether a line is drawn. */
function show() {
  if (!form()) return;
  const count = chosen().length;
  const drawing = line !== null;
  for (const button of form().querySelectorAll("[data-least]")) {
    button.disabled = drawing || count < button.dataset.least || count > button.dataset.most;
    if (button.matches("[data-draw]")) button.hidden = drawing;
  }
  for (const button of form().querySelectorAll("[data-drawn], [data-undo], [data-stop]")) button.hidden = !drawing;
  form().querySelector("[data-drawn]").disabled = !drawing || line.length < 2;
  const hint = form().querySelector("[data-hint]");
  hint.textContent = drawing ? hint.dataset.drawing : hint.dataset.hint.split("|")[Math.min(count, 3)];
  form().elements.line.value = drawing ? JSON.stringify(line) : "";
  paint();
}

function paint() {
  if (!map) return;
  for (const box of boxes()) map.setFeatureState({ source: "parts", id: Number(box.value) }, { chosen: box.checked });
  const points = (line ?? []).map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } }));
  const drawn = points.length > 1 ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } }] : [];
  map.getSource("line").setData(collection([...points, ...drawn]));
  map.getCanvas().style.cursor = line ? "crosshair" : "";
}

function layers() {
  const tone = ["case", ["boolean", ["feature-state", "chosen"], false], colour("--wg-accent"), ["get", "fits"], colour("--wg-green"), colour("--wg-red")];
  const opacity = ["case", ["boolean", ["feature-state", "chosen"], false], 0.5, ["get", "fits"], ["match", ["%", ["get", "number"], 3], 0, 0.14, 1, 0.24, 0.34], 0.35];
  const label = ["concat", ["to-string", ["get", "number"]], ["case", [">", ["get", "households"], 0], ["concat", "\n", ["to-string", ["get", "households"]], " ", element.dataset.unit], ""]];
  map.addSource("parts", { type: "geojson", data: read() });
  map.addSource("line", { type: "geojson", data: collection([]) });
  map.addLayer({ id: "parts-fill", type: "fill", source: "parts", paint: { "fill-color": tone, "fill-opacity": opacity } });
  map.addLayer({ id: "parts-line", type: "line", source: "parts", layout: { "line-join": "round" }, paint: { "line-color": colour("--wg-ink"), "line-width": 1.6 } });
  map.addLayer({ id: "parts-name", type: "symbol", source: "parts", layout: { "text-field": label, "text-font": FONTS, "text-size": 13 }, paint: { "text-color": colour("--wg-ink"), "text-halo-color": colour("--wg-surface"), "text-halo-width": 1.6 } });
  map.addLayer({ id: "drawn-line", type: "line", source: "line", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": colour("--wg-red"), "line-width": 3, "line-dasharray": [2, 1] } });
  map.addLayer({ id: "drawn-point", type: "circle", source: "line", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 6, "circle-color": colour("--wg-red"), "circle-stroke-width": 2, "circle-stroke-color": "#fff" } });
}

function press({ point, lngLat }) {
  if (line) {
    line.push([lngLat.lng, lngLat.lat]);
    return show();
  }
  const [found] = map.queryRenderedFeatures(point, { layers: ["parts-fill"] });
  const box = found && boxes().find((one) => Number(one.value) === found.properties.number);
  if (box) {
    box.checked = !box.checked;
    show();
  }
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-draw]")) line = [];
  else if (target.closest("[data-undo]")) line?.pop();
  else if (target.closest("[data-stop]")) line = null;
  else return;
  show();
});
document.addEventListener("change", ({ target }) => { if (target.name === "numbers") show(); });
document.addEventListener("htmx:after:swap", () => {
  line = null;
  map?.removeFeatureState({ source: "parts" });
  map?.getSource("parts").setData(read());
  show();
});

show();
map = await createMap(element, { bounds: extent, levels: ["street", "community"], hover: false });
if (map) {
  map.doubleClickZoom.disable();
  layers();
  map.on("click", press);
  show();
}
