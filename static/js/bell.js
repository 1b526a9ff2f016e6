// The panel of the bell asks for the latest messages each time it is opened.
const menu = document.getElementById("bell-menu");

menu.addEventListener("toggle", () => {
  if (menu.open) document.getElementById("bell-panel").dispatchEvent(new CustomEvent("bell-open"));
});
