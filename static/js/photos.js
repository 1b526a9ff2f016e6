// Pictures of a gallery open large in a dialog; without it they are plain links.
const dialog = document.createElement("dialog");
dialog.className = "photo-large";
const figure = dialog.appendChild(document.createElement("figure"));
const image = figure.appendChild(document.createElement("img"));
const caption = figure.appendChild(document.createElement("figcaption"));
const close = dialog.appendChild(document.createElement("button"));
close.type = "button";
close.className = "btn-close";
close.setAttribute("aria-label", document.getElementById("toasts").dataset.close);
let around = [];
let at = 0;

function show(place) {
  at = (place + around.length) % around.length;
  const link = around[at];
  image.src = link.href;
  image.alt = link.querySelector("img").alt;
  dialog.setAttribute("aria-label", image.alt);
  caption.textContent = [...link.querySelectorAll(".stamp-stage, .stamp span")].map((one) => one.textContent.trim()).join(" · ");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-gallery] a[data-large]");
  if (link) {
    event.preventDefault();
    if (!dialog.isConnected) document.body.append(dialog);
    around = [...link.closest("[data-gallery]").querySelectorAll("a[data-large]")];
    show(around.indexOf(link));
    dialog.showModal();
  } else if (event.target.closest(".photo-large")) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") show(at + 1);
  if (event.key === "ArrowLeft") show(at - 1);
});
