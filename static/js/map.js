// The map that every page uses: areas as vector tiles by level and zoom, names drawn
// with the fonts of the device (no glyph server), light and dark, with or without a
// base map. Coordinates are WGS-84 longitude and latitude.
//
//   const map = await createMap(element, { center, zoom, bounds, area, levels, ... });
//   addPoint(map, lng, lat, { label, tone, onClick });
//   pickPoint(map, ({ lng, lat }) => ..., { at: [lng, lat] });
//   await fitArea(map, "990101001001001");

import { drawBackdrop } from "./backdrop.js";

const HERE = new URL(".", import.meta.url);
const VENDOR = new URL("../vendor/maplibre/", HERE);
const FONTS = ["PingFang SC", "HarmonyOS Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "sans-serif"];

// For each level: from which zoom it is drawn, and between which zooms it is named.
const LEVELS = {
  city: { from: 3, named: [3, 9], width: 2.4, size: 15 },
  district: { from: 6, named: [8, 12], width: 2, size: 14 },
  street: { from: 9, named: [10.5, 13.5], width: 1.5, size: 13 },
  community: { from: 11.5, named: [12.5, 15], width: 1.1, size: 12 },
  grid: { from: 13, named: [14.2, 24], width: 0.8, size: 12 },
};

const PALETTES = {
  light: {
    land: "#f3f5f4", line: { city: "#0b4a60", district: "#0b5a73", street: "#2d7d95", community: "#6ba3b5", grid: "#8fb3bf" },
    text: "#28424d", halo: "#ffffff", fill: "#0b5a73", hover: 0.12, chosen: "#c2570c",
  },
  dark: {
    land: "#121d23", line: { city: "#8fd6e9", district: "#6cc3dc", street: "#4a99b1", community: "#386f80", grid: "#30596a" },
    text: "#d5e4ea", halo: "#0f191e", fill: "#7cd0e6", hover: 0.16, chosen: "#f0a04b",
  },
};

const WORDS = {
  "NavigationControl.ZoomIn": "放大",
  "NavigationControl.ZoomOut": "缩小",
  "NavigationControl.ResetBearing": "回到正北",
  "AttributionControl.ToggleAttribution": "来源说明",
  "ScaleControl.Meters": "米",
  "ScaleControl.Kilometers": "公里",
  "GeolocateControl.FindMyLocation": "我的位置",
  "GeolocateControl.LocationNotAvailable": "无法定位",
  "FullscreenControl.Enter": "全屏",
  "FullscreenControl.Exit": "退出全屏",
  "Map.Title": "地图",
  "Marker.Title": "标记",
};

let library;

/** MapLibre GL and its style sheet, fetched once and only on pages with a map. */
function maplibre() {
  if (globalThis.maplibregl) return Promise.resolve(globalThis.maplibregl);
  library ??= new Promise((resolve, reject) => {
    if (!document.querySelector('link[href*="maplibre-gl"]')) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("maplibre-gl.css", VENDOR).href }));
    }
    const script = document.querySelector('script[src*="maplibre-gl"]') ?? document.head.appendChild(
      Object.assign(document.createElement("script"), { src: new URL("maplibre-gl.js", VENDOR).href }),
    );
    script.addEventListener("load", () => resolve(globalThis.maplibregl));
    script.addEventListener("error", () => reject(new Error("maplibre")));
    if (globalThis.maplibregl) resolve(globalThis.maplibregl);
  });
  return library;
}

const theme = () => (document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light");

function tileUrl(level) {
  return `${location.origin}/tiles/${level}/{z}/{x}/{y}.mvt`;
}

function levelLayers(level, colours) {
  const { from, named, width, size } = LEVELS[level];
  const source = `areas-${level}`;
  const zoomed = (low, high) => ["interpolate", ["linear"], ["zoom"], from, low, from + 6, high];
  return [
    {
      id: `${level}-fill`, type: "fill", source, "source-layer": level, minzoom: from,
      paint: {
        "fill-color": colours.fill,
        "fill-opacity": ["case", ["boolean", ["feature-state", "hover"], false], colours.hover, 0.02],
      },
    },
    {
      id: `${level}-line`, type: "line", source, "source-layer": level, minzoom: from,
      layout: { "line-join": "round" },
      paint: { "line-color": colours.line[level], "line-width": zoomed(width * 0.6, width * 1.6), "line-opacity": 0.9 },
    },
    {
      id: `${level}-name`, type: "symbol", source, "source-layer": `${level}_label`,
      minzoom: named[0], maxzoom: named[1],
      layout: { "text-field": ["get", "name"], "text-font": FONTS, "text-size": size, "text-max-width": 7, "text-padding": 4 },
      paint: { "text-color": colours.text, "text-halo-color": colours.halo, "text-halo-width": 1.6 },
    },
  ];
}

function style({ levels, basemap, attribution }) {
  const colours = PALETTES[theme()];
  const sources = {};
  const layers = [{ id: "land", type: "background", paint: { "background-color": colours.land } }];
  if (basemap) {
    sources.basemap = { type: "raster", tiles: [basemap], tileSize: 256, attribution: attribution ?? "" };
    layers.push({ id: "basemap", type: "raster", source: "basemap" });
  }
  const parts = levels.map((level) => {
    sources[`areas-${level}`] = { type: "vector", tiles: [tileUrl(level)], minzoom: 3, maxzoom: 18 };
    return levelLayers(level, colours);
  });
  // All fills lie under all lines, all lines under all names; the larger area on top.
  for (const index of [0, 1, 2]) layers.push(...parts.map((part) => part[index]).reverse());
  return { version: 8, sources, layers };
}

function repaint(map) {
  const colours = PALETTES[theme()];
  map.setPaintProperty("land", "background-color", colours.land);
  for (const level of map.wangge.levels) {
    for (const { id, paint } of levelLayers(level, colours)) {
      for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
    }
  }
  for (const id of ["chosen-fill", "chosen-line"]) {
    if (map.getLayer(id)) map.setPaintProperty(id, id === "chosen-fill" ? "fill-color" : "line-color", colours.chosen);
  }
}

/** The finest area under a position that the map shows; a feature or undefined. */
export function areaAt(map, point) {
  const fills = map.wangge.levels.map((level) => `${level}-fill`).filter((id) => map.getLayer(id));
  const found = map.queryRenderedFeatures(point, { layers: fills });
  return found.sort((one, other) => other.properties.level - one.properties.level)[0];
}

function hoverNames(map, { maplibregl }) {
  const tip = new maplibregl.Popup({ closeButton: false, closeOnClick: false, className: "map-tip", offset: 12 });
  let hot;
  const cool = () => {
    if (hot) map.setFeatureState(hot, { hover: false });
    hot = undefined;
    tip.remove();
  };
  map.on("mousemove", (event) => {
    const found = areaAt(map, event.point);
    if (!found) return cool();
    if (!hot || hot.id !== found.id || hot.source !== found.source) {
      cool();
      hot = { source: found.source, sourceLayer: found.sourceLayer, id: found.id };
      map.setFeatureState(hot, { hover: true });
      tip.setText(found.properties.name).addTo(map);
    }
    return tip.setLngLat(event.lngLat);
  });
  map.on("mouseout", cool);
}

function sorry(element, text) {
  element.replaceChildren(Object.assign(document.createElement("p"), { className: "map-sorry", textContent: text }));
}

async function readArea(code) {
  const answer = await fetch(`/areas/${encodeURIComponent(code)}.geojson`, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) throw new Error(`area ${code}: ${answer.status}`);
  return answer.json();
}

function boundsOf(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (part) => {
    if (typeof part[0] === "number") {
      box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
    } else part.forEach(visit);
  };
  visit(geometry.coordinates);
  return box;
}

async function firstView({ center, bounds, area }) {
  if (center) return {};
  if (bounds) return { bounds };
  try {
    const code = area ?? (await (await fetch("/areas/children.json")).json()).areas.find((one) => one.drawn)?.code;
    const feature = code ? await readArea(code) : null;
    if (feature?.geometry) return { bounds: boundsOf(feature.geometry) };
  } catch { /* no areas yet: all of China */ }
  return { bounds: [73, 18, 135, 54] };
}

/**
 * Make a map in `element` and wait until it can be drawn on.
 *
 * center [lng, lat] and zoom, or bounds [west, south, east, north], or area (a code);
 * without any, the city. levels: which levels to draw. basemap: URL of raster tiles
 * with {z}/{x}/{y} (default: data-basemap of the element). hover: name areas under the
 * pointer. controls: buttons to zoom. Answers null where the browser cannot draw maps;
 * the element then says so.
 */
export async function createMap(element, options = {}) {
  const { levels = Object.keys(LEVELS), hover = true, controls = true, interactive = true } = options;
  const basemap = options.basemap ?? element.dataset.basemap;
  const attribution = options.attribution ?? element.dataset.attribution;
  let map;
  try {
    const [maplibregl, view] = await Promise.all([maplibre(), firstView(options)]);
    map = new maplibregl.Map({
      container: element,
      style: style({ levels, basemap, attribution }),
      center: options.center, zoom: options.zoom ?? 15,
      ...view, fitBoundsOptions: { padding: 24 },
      minZoom: 3, maxZoom: 20, interactive,
      dragRotate: false, pitchWithRotate: false, touchPitch: false,
      attributionControl: basemap && attribution ? { compact: true } : false,
      localIdeographFontFamily: FONTS.join(", "),
      locale: document.documentElement.lang.startsWith("en") ? undefined : WORDS, fadeDuration: 0,
    });
    map.wangge = { maplibregl, levels };
  } catch {
    sorry(element, document.getElementById("toasts").dataset.noMap);
    return null;
  }
  map.touchZoomRotate.disableRotation();
  if (controls && interactive) {
    map.addControl(new map.wangge.maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new map.wangge.maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  }
  if (hover && interactive) hoverNames(map, map.wangge);
  const watching = new MutationObserver(() => repaint(map));
  map.on("remove", () => watching.disconnect());
  await new Promise((resolve) => { map.once("style.load", resolve); });
  watching.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  if (!basemap) await drawBackdrop(map);
  element.dataset.ready = "1";
  return map;
}

function mark({ tone, label, icon }) {
  const pin = document.createElement("div");
  pin.className = "map-pin";
  if (tone) pin.dataset.tone = tone;
  const head = document.createElement("span");
  head.className = "map-pin-head";
  head.append(Object.assign(document.createElement("i"), { className: `ti ti-${icon ?? "alert-triangle"}`, ariaHidden: "true" }));
  pin.append(head);
  if (label) pin.append(Object.assign(document.createElement("span"), { className: "map-pin-label", textContent: label }));
  return pin;
}

/**
 * A pin at a position. tone: green, blue, yellow, red (with another shape each, not the
 * colour alone); label: words beside it; icon: a Tabler icon; onClick or url: what
 * pressing it does. Answers the MapLibre marker (remove(), setLngLat()).
 */
export function addPoint(map, lng, lat, { onClick, url, draggable = false, ...look } = {}) {
  const element = mark(look);
  if (onClick || url) {
    element.tabIndex = 0;
    element.setAttribute("role", url ? "link" : "button");
    if (look.label) element.ariaLabel = look.label;
    const go = (event) => {
      event.stopPropagation();
      if (onClick) onClick(event);
      else location.assign(url);
    };
    element.addEventListener("click", go);
    element.addEventListener("keydown", (event) => { if (event.key === "Enter") go(event); });
  }
  return new map.wangge.maplibregl.Marker({ element, anchor: "bottom", draggable }).setLngLat([lng, lat]).addTo(map);
}

/**
 * Let a person choose a position by pressing the map or dragging the pin; `onPick` is
 * told {lng, lat} each time. `at` puts the pin somewhere first, without telling.
 * Answers { move(lng, lat), stop() }.
 */
export function pickPoint(map, onPick, { at, tone = "blue", icon = "map-pin" } = {}) {
  let pin;
  const move = (lng, lat) => {
    if (pin) return pin.setLngLat([lng, lat]);
    pin = addPoint(map, lng, lat, { tone, icon, draggable: true });
    pin.on("dragend", () => {
      const place = pin.getLngLat();
      onPick({ lng: place.lng, lat: place.lat });
    });
    return pin;
  };
  const pressed = ({ lngLat }) => {
    move(lngLat.lng, lngLat.lat);
    onPick({ lng: lngLat.lng, lat: lngLat.lat });
  };
  if (at) move(...at);
  map.on("click", pressed);
  map.getCanvas().style.cursor = "crosshair";
  return {
    move,
    stop() {
      map.off("click", pressed);
      map.getCanvas().style.cursor = "";
      pin?.remove();
    },
  };
}

/** The layer under which to add others, so that names stay readable. */
export function firstName(map) {
  return map.getStyle().layers.find((layer) => layer.type === "symbol")?.id;
}

/** Draw GeoJSON as what is chosen: filled and outlined; the last one replaces it. */
export function choose(map, feature) {
  const data = feature ?? { type: "FeatureCollection", features: [] };
  if (map.getSource("chosen")) return map.getSource("chosen").setData(data);
  const { chosen } = PALETTES[theme()];
  const names = firstName(map);
  map.addSource("chosen", { type: "geojson", data });
  map.addLayer({ id: "chosen-fill", type: "fill", source: "chosen", paint: { "fill-color": chosen, "fill-opacity": 0.12 } }, names);
  return map.addLayer({ id: "chosen-line", type: "line", source: "chosen", layout: { "line-join": "round" }, paint: { "line-color": chosen, "line-width": 2.5 } }, names);
}

/**
 * Show an area whole and outline it (`outline: false`: only show it). Answers its
 * GeoJSON Feature; an area without a boundary leaves the map where it is.
 */
export async function fitArea(map, code, { outline = true, maxZoom = 17, padding = 32 } = {}) {
  const feature = await readArea(code);
  if (outline) choose(map, feature.geometry ? feature : null);
  if (feature.geometry) map.fitBounds(boundsOf(feature.geometry), { padding, maxZoom, duration: 0 });
  return feature;
}

export { boundsOf };
