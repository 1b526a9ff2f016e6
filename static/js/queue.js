// On a narrow screen the queues lie side by side: show the one that is open.
const here = document.querySelector(".rail [aria-current], .box-tabs [aria-current]");
const strip = here?.closest(".rail, .box-tabs");
if (strip && strip.scrollWidth > strip.clientWidth) {
  strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}

// What is kept as a view is what the address says now.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-keep-view]") && location.search) target.elements.query.value = location.search.slice(1);
});

// The boxes and the search go together: the box that is open travels with the filter.
document.addEventListener("htmx:after:swap", () => {
  const box = new URLSearchParams(location.search).get("box");
  const kept = document.querySelector("#narrow [name=box]");
  if (kept && box) kept.value = box;
});

// How many conditions are ticked.
document.addEventListener("change", ({ target }) => {
  const form = target.closest("#narrow");
  if (!form) return;
  const count = form.querySelector("[data-filter-count]");
  count.textContent = form.querySelectorAll("fieldset :checked").length;
  count.hidden = count.textContent === "0";
});
