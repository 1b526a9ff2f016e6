// The panel of the bell asks for the latest messages each time it is opened; the count is
// asked for again whenever the panel has changed.
const menu = document.getElementById("bell-menu");
const panel = document.getElementById("bell-panel");

menu.addEventListener("toggle", () => {
  if (menu.open) panel.dispatchEvent(new CustomEvent("bell-open"));
});
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.target !== panel) return;
  document.getElementById("bell").dispatchEvent(new CustomEvent("messages-read"));
  // The button that was pressed is gone; whoever works by keyboard goes on in the panel.
  if (document.activeElement === document.body) panel.querySelector("button, a")?.focus();
});
