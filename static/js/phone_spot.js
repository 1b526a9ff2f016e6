// One case on the map, and how far it is from here.
import { addPoint, createMap } from "./map.js";

function metres(lng, lat, toLng, toLat) {
  const rad = Math.PI / 180;
  const x = (toLng - lng) * rad * Math.cos(((lat + toLat) / 2) * rad);
  return Math.hypot(x, (toLat - lat) * rad) * 6371008;
}

const box = document.querySelector("[data-spot]");
const says = document.querySelector("[data-distance]");
if (box) {
  const at = [Number(box.dataset.lng), Number(box.dataset.lat)];
  const [away, metre, kilometre] = says.dataset.words.split("|");
  navigator.geolocation?.watchPosition(
    ({ coords }) => {
      const far = metres(coords.longitude, coords.latitude, ...at);
      says.textContent = far < 1000 ? `${away} ${Math.round(far)} ${metre}` : `${away} ${(far / 1000).toFixed(1)} ${kilometre}`;
    },
    () => {},
    { enableHighAccuracy: true, maximumAge: 10000 },
  );
  const map = await createMap(box, { center: at, zoom: 15.2, hover: false });
  if (map) addPoint(map, ...at);
}
