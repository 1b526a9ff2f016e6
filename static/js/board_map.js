// The board's map: cases as marks with a shape for each colour of their clock, summed up
// while the map shows much; as heat; or each area filled by how many cases it has.
import { createMap, firstName, fitArea } from "./map.js";

const COLOURS = { red: "--wg-red", yellow: "--wg-yellow", blue: "--wg-blue", green: "--wg-green", grey: "--wg-grey" };
const MODES = { cases: ["clusters", "cluster-n", "singles", "single-title"], heat: ["heat"], loads: ["loads-fill", "loads-n"] };
const LEVEL_WORDS = { 1: "city", 2: "district", 3: "street", 4: "community", 5: "grid" };
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The shapes of the legend, drawn: a diamond, a square, a ring, a disc and a dash. */
function shape(colour) {
  const size = 36;
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = canvas.getContext("2d");
  pen.translate(size / 2, size / 2);
  pen.fillStyle = style(COLOURS[colour]);
  pen.strokeStyle = style("--wg-surface");
  pen.lineWidth = 3;
  pen.beginPath();
  if (colour === "red") { pen.moveTo(0, -15); pen.lineTo(15, 0); pen.lineTo(0, 15); pen.lineTo(-15, 0); pen.closePath(); }
  else if (colour === "yellow") pen.rect(-11, -11, 22, 22);
  else if (colour === "grey") pen.rect(-12, -5, 24, 10);
  else pen.arc(0, 0, 11, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  if (colour === "blue") {
    pen.beginPath();
    pen.arc(0, 0, 4.5, 0, 2 * Math.PI);
    pen.fillStyle = style("--wg-surface");
    pen.fill();
  }
  return pen.getImageData(0, 0, size, size);
}

const tone = () => ["case", [">", ["get", "red"], 0], style("--wg-red"), [">", ["get", "yellow"], 0], style("--wg-yellow"), style("--wg-primary")];
const radius = ["interpolate", ["linear"], ["get", "n"], 1, 12, 10, 17, 100, 24, 1000, 32, 10000, 40];
const fonts = ["Noto Sans CJK SC", "sans-serif"];
const words = () => ({ "text-color": style("--wg-ink"), "text-halo-color": style("--wg-surface"), "text-halo-width": 1.6 });

function layers() {
  const source = { source: "cases", "source-layer": "cases" };
  return [
    { id: "heat", type: "heatmap", ...source, paint: {
      "heatmap-weight": ["interpolate", ["linear"], ["get", "n"], 0, 0, 1, 0.35, 10, 0.8, 100, 1],
      "heatmap-intensity": 1.6,
      "heatmap-radius": ["interpolate", ["linear"], ["zoom"], 8, 22, 13, 48, 16, 64],
      "heatmap-color": ["interpolate", ["linear"], ["heatmap-density"], 0, "rgb(0 0 0 / 0)", 0.25, "rgb(240 180 41 / 45%)", 0.6, "rgb(224 112 32 / 75%)", 1, "rgb(180 35 24 / 90%)"],
      "heatmap-opacity": 0.85,
    } },
    { id: "clusters", type: "circle", ...source, filter: ["!", ["has", "colour"]], paint: {
      "circle-radius": radius, "circle-color": style("--wg-surface"), "circle-opacity": 0.94,
      "circle-stroke-width": ["case", [">", ["get", "red"], 0], 4, 2.5], "circle-stroke-color": tone(),
    } },
    { id: "cluster-n", type: "symbol", ...source, filter: ["!", ["has", "colour"]],
      layout: { "text-field": ["to-string", ["get", "n"]], "text-font": fonts, "text-size": 13, "text-allow-overlap": true },
      paint: { "text-color": style("--wg-ink") } },
    { id: "singles", type: "symbol", ...source, filter: ["has", "colour"],
      layout: { "icon-image": ["concat", "mark-", ["get", "colour"]], "icon-size": 0.62, "icon-allow-overlap": true } },
    { id: "single-title", type: "symbol", ...source, minzoom: 15, filter: ["has", "colour"],
      layout: { "text-field": ["get", "title"], "text-font": fonts, "text-size": 12, "text-offset": [0, 1.1], "text-anchor": "top", "text-optional": true },
      paint: words() },
    { id: "loads-n", type: "symbol", source: "loads",
      layout: { "text-field": ["to-string", ["get", "n"]], "text-font": fonts, "text-size": 15, "text-allow-overlap": true },
      paint: words() },
  ];
}

export async function boardMap(box) {
  const area = box.dataset.area;
  const map = await createMap(box, { area, hover: false });
  if (!map) return null;
  const read = async () => (await fetch(box.dataset.loads, { cache: "no-cache" })).json();
  // Asked for again under the same address: what did not change answers 304.
  const tiles = [`${location.origin}${box.dataset.tiles.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")}?area=${area}`];
  let filled = [];

  function fill({ features }) {
    for (const state of filled) map.removeFeatureState(state, "n");
    filled = features.map(({ properties: { id, level } }) => ({ source: `areas-${LEVEL_WORDS[level]}`, sourceLayer: LEVEL_WORDS[level], id }));
    features.forEach(({ properties }, index) => map.setFeatureState(filled[index], { n: properties.n }));
    return Math.max(4, ...features.map((one) => one.properties.n));
  }

  function fillLayer(word, most) {
    return {
      id: "loads-fill", type: "fill", source: `areas-${word}`, "source-layer": word,
      paint: {
        "fill-color": style("--wg-accent"),
        "fill-opacity": ["interpolate", ["linear"], ["coalesce", ["feature-state", "n"], 0], 0, 0, 1, 0.15, most, 0.75],
      },
    };
  }

  function show() {
    const mode = document.querySelector('[name="map-mode"]:checked').value;
    for (const [name, ids] of Object.entries(MODES)) {
      for (const id of ids) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", name === mode ? "visible" : "none");
    }
  }

  function dress(loads) {
    for (const colour of Object.keys(COLOURS)) {
      if (map.hasImage(`mark-${colour}`)) map.removeImage(`mark-${colour}`);
      map.addImage(`mark-${colour}`, shape(colour));
    }
    for (const id of Object.values(MODES).flat()) if (map.getLayer(id)) map.removeLayer(id);
    const most = fill(loads);
    const word = LEVEL_WORDS[loads.features[0]?.properties.level] ?? "grid";
    map.addLayer(fillLayer(word, most), firstName(map));
    for (const layer of layers()) map.addLayer(layer);
    show();
  }

  function card(lines, href) {
    const link = Object.assign(document.createElement("a"), { href });
    link.append(...lines.map((textContent, index) => Object.assign(document.createElement(index ? "span" : "b"), { textContent })));
    return link;
  }

  let loads = await read();
  map.addSource("cases", { type: "vector", tiles, minzoom: 3, maxzoom: 16 });
  map.addSource("loads", { type: "geojson", data: loads });
  dress(loads);
  new MutationObserver(() => dress(loads)).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  for (const input of document.querySelectorAll('[name="map-mode"]')) input.addEventListener("change", show);
  map.resize();
  await fitArea(map, area, { outline: false, maxZoom: 15 }).catch(() => null);

  const tip = new map.wangge.maplibregl.Popup({ offset: 14, maxWidth: "18rem" });
  map.on("click", "clusters", ({ lngLat }) => map.easeTo({ center: lngLat, zoom: map.getZoom() + 2 }));
  map.on("click", "singles", ({ features: [{ id, geometry, properties }] }) => {
    const told = [properties.urgent ? box.dataset.urgent : "", box.dataset[properties.colour]].filter(Boolean).join(" · ");
    tip.setLngLat(geometry.coordinates).setDOMContent(card([properties.title, told], `${box.dataset.case}${id}/`)).addTo(map);
  });
  map.on("click", "loads-n", ({ features: [{ geometry, properties }] }) => {
    tip.setLngLat(geometry.coordinates).setDOMContent(card([properties.name, `${box.dataset.open} ${properties.n} ${box.dataset.cases}`], properties.url)).addTo(map);
  });
  for (const id of ["clusters", "singles", "loads-n"]) {
    map.on("mouseenter", id, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", id, () => { map.getCanvas().style.cursor = ""; });
  }
  return {
    async refresh() {
      map.getSource("cases").setTiles(tiles);
      loads = await read().catch(() => loads);
      map.getSource("loads").setData(loads);
      fill(loads);
    },
  };
}
