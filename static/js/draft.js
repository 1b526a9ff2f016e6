// What is typed into a step is saved on the server while it is typed: a browser that
// crashes, or a colleague's change, loses nothing of it.
const WAIT = 1200;
const state = new WeakMap();

async function save(form) {
  const mine = state.get(form);
  clearTimeout(mine.timer);
  mine.timer = null;
  const body = new FormData(form);
  for (const field of form.querySelectorAll("input[type=file]")) body.delete(field.name);
  mine.abort = new AbortController();
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true, signal: mine.abort.signal });
    if (!answer.ok) return;
    const { said } = await answer.json();
    const place = form.querySelector("[data-draft-said]");
    if (place) place.textContent = said;
  } catch { /* no network: the next letter tries again */ }
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-draft]");
  if (!form) return;
  const mine = state.get(form) ?? {};
  state.set(form, mine);
  clearTimeout(mine.timer);
  mine.timer = setTimeout(save, WAIT, form);
});

// Leaving in the middle of a word: what is there goes now.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of document.querySelectorAll("form[data-draft]")) if (state.get(form)?.timer) save(form);
});

// Sending is not saving: a draft under way must not come after what was sent.
document.addEventListener("submit", ({ target }) => {
  const mine = state.get(target);
  if (!mine) return;
  clearTimeout(mine.timer);
  mine.timer = null;
  mine.abort?.abort();
}, true);
