// The home page: the own grid and what waits in it.
import { addPoint, createMap, fitArea } from "./map.js";

const box = document.querySelector("[data-home-map]");
if (box) {
  const area = box.dataset.areaCode;
  const map = await createMap(box, { area, hover: false, controls: false });
  if (map) {
    fitArea(map, area, { padding: 40 }).catch(() => {});
    const points = JSON.parse(document.getElementById("home-points").textContent);
    for (const { lng, lat, ...look } of points) addPoint(map, lng, lat, look);
  }
}
