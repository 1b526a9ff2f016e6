// What every page does: theme, large type, menus, sending once, saying that it failed.
const root = document.documentElement;

function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* private mode: only this page */ }
}

function toast(text) {
  const box = document.getElementById("toasts");
  const note = Object.assign(document.createElement("div"), { className: "toast-note", textContent: text });
  box.append(note);
  setTimeout(() => note.remove(), 6000);
}

// Without https a browser has no clipboard; selecting and copying still works there.
async function copy(text, button) {
  const { copied, notCopied } = document.getElementById("toasts").dataset;
  try {
    await navigator.clipboard.writeText(text);
    toast(button.dataset.copied ?? copied);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    button.focus();
    toast(done ? button.dataset.copied ?? copied : notCopied);
  }
}

/** A table that scrolls sideways by itself must be reached with the keyboard. */
function reachTables() {
  for (const one of document.querySelectorAll(".table-wrap")) {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  }
}

function showElder() {
  const on = root.dataset.elder === "1";
  for (const button of document.querySelectorAll("[data-toggle-elder]")) button.setAttribute("aria-pressed", String(on));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-toggle-theme]")) {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    keep("theme", root.dataset.bsTheme);
  }
  if (event.target.closest("[data-toggle-elder]")) {
    if (root.dataset.elder === "1") delete root.dataset.elder;
    else root.dataset.elder = "1";
    // A cookie, so that the server writes the next page large; residents may have no scripts.
    const year = 365 * 24 * 3600;
    document.cookie = `elder=${root.dataset.elder ?? "0"}; path=/; max-age=${year}; samesite=lax`;
    showElder();
    event.preventDefault();
  }
  const copied = event.target.closest("[data-copy]");
  if (copied) copy(copied.dataset.copy, copied);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form marked data-once is sent once: a second press while it is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sending) event.preventDefault();
  form.dataset.sending = "1";
  form.classList.add("is-sending");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sending]")) {
    delete form.dataset.sending;
    form.classList.remove("is-sending");
  }
});

// What the phone keeps is sealed with a key that goes with the session (sign_out.js).
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-sign-out]") || form.dataset.mayLeave) return;
  event.preventDefault();
  document.body.dataset.account ??= form.dataset.account;
  // A store that cannot be opened must not keep anybody signed in.
  const leaving = import("./sign_out.js").then(({ mayLeave }) => mayLeave(document.querySelector("[data-unsent]")));
  if (await leaving.catch(() => true)) {
    form.dataset.mayLeave = "1";
    form.submit();
  }
});

// Polling that fails stays silent; what a person pressed does not.
document.addEventListener("htmx:error", (event) => {
  if (event.target.closest?.("[hx-trigger^='every']")) return;
  toast(document.getElementById("toasts").dataset.offline);
});
document.addEventListener("htmx:before:swap", (event) => {
  const status = event.detail?.ctx?.response?.status ?? 200;
  if (status < 500) return;
  event.preventDefault();
  toast(document.getElementById("toasts").dataset.failed);
});
showElder();
reachTables();
addEventListener("resize", reachTables);
document.addEventListener("htmx:after:swap", reachTables);
