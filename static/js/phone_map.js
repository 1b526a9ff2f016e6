// The map on which a position is picked with a finger.
import { choose, createMap, fitArea, pickPoint } from "./map.js";

/** `at` [lng, lat] or null; without it the map shows `areaCode`. `picked(lng, lat)`. */
export async function pointMap(element, { areaCode, at, picked }) {
  const map = await createMap(element, at ? { center: at, zoom: 16, hover: false } : { area: areaCode || undefined, hover: false });
  if (!map) return null;
  if (areaCode) {
    fitArea(map, areaCode).then(() => { if (at) map.jumpTo({ center: at, zoom: 16 }); }, () => choose(map, null));
  }
  const pin = pickPoint(map, ({ lng, lat }) => picked(lng, lat), { at });
  return {
    move(lng, lat) {
      pin.move(lng, lat);
      map.jumpTo({ center: [lng, lat] });
    },
  };
}
