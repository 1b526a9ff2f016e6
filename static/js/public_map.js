// The public map: the cases of the list, each in the middle of its square. Cases of one
// square stand under one dot, which opens the list of them; from far away dots that would
// cover each other stand together, and open up when pressed.
import { createMap, fitArea } from "./map.js";

const box = document.querySelector("[data-public-map]");
box.hidden = false;

function group(features) {
  const squares = new Map();
  for (const { geometry, properties } of features) {
    const key = geometry.coordinates.join();
    if (!squares.has(key)) squares.set(key, { type: "Feature", geometry, properties: { n: 0, open: 0, cases: [] } });
    const square = squares.get(key).properties;
    square.n += 1;
    square.open += properties.open ? 1 : 0;
    square.cases.push(properties);
  }
  return [...squares.values()];
}

function card(cases) {
  const list = document.createElement("ul");
  list.className = "public-card";
  for (const { name, words, url } of cases) {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: name });
    const item = document.createElement("li");
    item.append(link, ` ${words}`);
    list.append(item);
  }
  return list;
}

const answer = await fetch(box.dataset.publicMap, { headers: { Accept: "application/geo+json, application/json" } });
const area = box.dataset.areaCode || undefined;
const map = await createMap(box, { area, levels: ["district", "street", "community"], hover: false });
if (map) {
  const squares = answer.ok ? group((await answer.json()).features) : [];
  const known = new Map(squares.map((one) => [one.geometry.coordinates.join(), one]));
  for (const one of squares) one.properties = { ...one.properties, key: one.geometry.coordinates.join() };
  map.addSource("cases", {
    type: "geojson", data: { type: "FeatureCollection", features: squares },
    cluster: true, clusterRadius: 36, clusterMaxZoom: 15, clusterProperties: { n: ["+", ["get", "n"]], open: ["+", ["get", "open"]] },
  });
  map.addLayer({
    id: "cases-dot", type: "circle", source: "cases",
    paint: { "circle-radius": ["step", ["get", "n"], 9, 2, 12, 10, 15, 100, 18], "circle-color": ["case", [">", ["get", "open"], 0], "#1b62ae", "#1f7a3d"], "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 },
  });
  map.addLayer({
    id: "cases-n", type: "symbol", source: "cases", filter: [">", ["get", "n"], 1],
    layout: { "text-field": ["to-string", ["get", "n"]], "text-font": ["Noto Sans CJK SC", "sans-serif"], "text-size": 12, "text-allow-overlap": true },
    paint: { "text-color": "#ffffff" },
  });
  const tip = new map.wangge.maplibregl.Popup({ offset: 14, maxWidth: "18rem" });
  map.on("click", "cases-dot", async ({ features: [{ geometry, properties }] }) => {
    if (properties.cluster) {
      const zoom = await map.getSource("cases").getClusterExpansionZoom(properties.cluster_id);
      map.easeTo({ center: geometry.coordinates, zoom });
      return;
    }
    tip.setLngLat(geometry.coordinates).setDOMContent(card(known.get(properties.key).properties.cases)).addTo(map);
  });
  map.on("mouseenter", "cases-dot", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "cases-dot", () => { map.getCanvas().style.cursor = ""; });
  if (area) await fitArea(map, area, { maxZoom: 15, outline: false }).catch(() => null);
}
