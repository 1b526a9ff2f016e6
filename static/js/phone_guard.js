// Standing guard: where the person stands, as soon as the phone knows.
const form = document.getElementById("step");
document.body.classList.add("is-live");

if ("wantsPosition" in form.dataset && navigator.geolocation) {
  navigator.geolocation.watchPosition(
    ({ coords }) => {
      form.elements.lng.value = coords.longitude.toFixed(7);
      form.elements.lat.value = coords.latitude.toFixed(7);
    },
    () => {},
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
  );
}
