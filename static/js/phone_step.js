// A step on a case: its photos, and where the person stands.
import { photoFields, submitWhenSent } from "./phone_photos.js";

const form = document.getElementById("step");
form.classList.add("is-live");
document.body.classList.add("is-live");
let device = null;

if ("wantsPosition" in form.dataset && navigator.geolocation) {
  navigator.geolocation.watchPosition(
    ({ coords }) => {
      device = { lng: coords.longitude.toFixed(7), lat: coords.latitude.toFixed(7) };
      form.elements.lng.value = device.lng;
      form.elements.lat.value = device.lat;
    },
    () => {},
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
  );
}
submitWhenSent(form, photoFields(form, () => device));
