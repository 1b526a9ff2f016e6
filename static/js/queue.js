// On a narrow screen the queues lie side by side: show the one that is open.
const here = document.querySelector(".rail [aria-current], .box-tabs [aria-current]");
const strip = here?.closest(".rail, .box-tabs");
if (strip && strip.scrollWidth > strip.clientWidth) {
  strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}
