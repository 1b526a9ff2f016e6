// The queue on the map: the same cases as the list, asked for again every 10 seconds.
import { createMap, fitArea } from "./map.js";

const desk = () => document.getElementById("desk");
const box = document.getElementById("desk-map");
const LAMPS = ["match", ["get", "lamp"], "green", "#1f7a3d", "blue", "#1b62ae", "yellow", "#b7791f", "red", "#c0281b", "#52616a"];
const EVERY = 10_000;
const isDark = () => document.documentElement.dataset.bsTheme === "dark";

async function read() {
  const answer = await fetch(desk().dataset.points, { headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : null;
}

function card({ no, title, address, state, left, url, urgent }) {
  const link = Object.assign(document.createElement("a"), { className: "map-card", href: url });
  const lines = [[urgent ? `${box.dataset.urgent} ${title}` : title, "map-card-title"], [no, "case-no"], [address, ""], [[state, left].filter(Boolean).join(" · "), ""]];
  link.append(...lines.map(([textContent, className]) => Object.assign(document.createElement("span"), { textContent, className })));
  return link;
}

function draw(map, data) {
  map.addSource("cases", { type: "geojson", data });
  map.addLayer({
    id: "cases-ring", type: "circle", source: "cases", filter: ["==", ["get", "urgent"], true],
    paint: { "circle-radius": 15, "circle-color": "transparent", "circle-stroke-color": "#c0281b", "circle-stroke-width": 3 },
  });
  map.addLayer({
    id: "cases-dot", type: "circle", source: "cases",
    paint: { "circle-radius": 9, "circle-color": LAMPS, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 },
  });
  map.addLayer({
    id: "cases-left", type: "symbol", source: "cases", minzoom: 13,
    layout: { "text-field": ["format", ["get", "title"], {}, "\n", {}, ["get", "left"], { "font-scale": 0.85 }], "text-font": ["Noto Sans CJK SC", "sans-serif"], "text-size": 12, "text-offset": [0, 1.2], "text-anchor": "top", "text-optional": true },
    paint: { ...(isDark() ? { "text-color": "#e3ebee", "text-halo-color": "#10191e" } : { "text-color": "#1c2b33", "text-halo-color": "#ffffff" }), "text-halo-width": 1.6 },
  });
  const tip = new map.wangge.maplibregl.Popup({ offset: 14, maxWidth: "18rem" });
  map.on("click", "cases-dot", ({ features: [{ geometry, properties }] }) => {
    tip.setLngLat(geometry.coordinates).setDOMContent(card(properties)).addTo(map);
  });
  map.on("mouseenter", "cases-dot", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "cases-dot", () => { map.getCanvas().style.cursor = ""; });
}

function around(data) {
  const found = data.features.map((one) => one.geometry.coordinates);
  const [lngs, lats] = [0, 1].map((axis) => found.map((one) => one[axis]));
  return [[Math.min(...lngs), Math.min(...lats)], [Math.max(...lngs), Math.max(...lats)]];
}

if (box) {
  const area = box.dataset.area || undefined;
  const [map, data] = await Promise.all([createMap(box, { area, hover: false }), read()]);
  if (map) {
    draw(map, data ?? { type: "FeatureCollection", features: [] });
    if (area) await fitArea(map, area, { maxZoom: 15, outline: false }).catch(() => null);
    if (data?.features.length) map.fitBounds(around(data), { padding: 80, maxZoom: 15.5, duration: 0 });
    const again = async () => {
      const newest = await read().catch(() => null);
      if (newest) map.getSource("cases").setData(newest);
    };
    setInterval(again, EVERY);
    document.addEventListener("htmx:after:swap", again);
  }
}
