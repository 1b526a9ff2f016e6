// The spot of a case and the boundary of its grid.
import { addPoint, createMap, fitArea } from "./map.js";

const box = document.getElementById("case-map");
const { lng, lat, grid, label, tone } = box.dataset;
const at = [Number(lng), Number(lat)];
const map = await createMap(box, { center: at, zoom: 15 });
if (map) {
  addPoint(map, ...at, { label, tone: tone || "blue" });
  if (grid) await fitArea(map, grid, { maxZoom: 16 }).catch(() => null);
}
