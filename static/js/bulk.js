// Several cases at once: what is ticked stays ticked while the list renews itself, a long
// selection goes out in parts with its progress shown, and every refusal is listed.
const PART = 10;
const MOST = 200;
const bar = document.querySelector("[data-bulk]");
const result = document.getElementById("bulk-result");
const dialog = document.getElementById("bulk-dialog");
const chosen = new Set();

const boxes = () => [...document.querySelectorAll("input[data-pick]")];
const idOf = (box) => box.value.split(".")[0];
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function show() {
  const shown = boxes();
  for (const id of [...chosen]) if (!shown.some((box) => idOf(box) === id)) chosen.delete(id);
  for (const box of shown) {
    box.checked = chosen.has(idOf(box));
    box.closest(".case-row").classList.toggle("is-picked", box.checked);
  }
  const n = chosen.size;
  bar.classList.toggle("has-picked", n > 0);
  bar.querySelector("[data-bulk-count]").textContent = n ? say(bar.dataset.many, { n }) : bar.dataset.none;
  const all = bar.querySelector("[data-bulk-all]");
  all.checked = n > 0 && n === shown.length;
  all.indeterminate = n > 0 && n < shown.length;
  all.disabled = shown.length === 0;
  for (const button of bar.querySelectorAll("[data-bulk-do]")) button.disabled = n === 0;
}

export function pick(box, on = !box.checked) {
  if (on) chosen.add(idOf(box));
  else chosen.delete(idOf(box));
  show();
}

const picked = () => boxes().filter((box) => chosen.has(idOf(box))).map((box) => box.value);

function renew() {
  const list = document.querySelector("#inbox, #desk");
  list.dispatchEvent(new CustomEvent("renew"));
}

function report(done, refused, left, why = "") {
  const said = result.querySelector("[data-bulk-said]");
  const texts = [refused.length ? say(bar.dataset.failed, { done, refused: refused.length }) : say(bar.dataset.done, { done })];
  if (left) texts.push(why || say(bar.dataset.lost, { left }));
  said.textContent = texts.join(" ");
  said.dataset.tone = refused.length || left ? "warning" : "good";
  result.querySelector("[data-bulk-refused]").replaceChildren(...refused.map(({ id, no, why }) => {
    const line = document.createElement("li");
    if (no) line.append(Object.assign(document.createElement("a"), { className: "case-no", href: `/cases/${id}/`, textContent: no }), " ");
    line.append(why);
    return line;
  }));
}

// The parts go one after another, so that nobody's own cases lock each other out.
export async function carryOut(action, fields, values = picked()) {
  const progress = result.querySelector("progress");
  const [refused, sent] = [[], [...values]];
  let [done, why] = [0, ""];
  result.hidden = false;
  result.querySelector("[data-bulk-refused]").replaceChildren();
  progress.hidden = false;
  progress.max = values.length;
  bar.classList.add("is-sending");
  try {
    while (sent.length) {
      const body = new FormData();
      for (const [name, value] of fields) if (name !== "picked") body.append(name, value);
      body.set("sent", "1");
      for (const value of sent.slice(0, PART)) body.append("picked", value);
      const answer = await fetch(action, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (!answer.ok) {
        why = told.message ?? "";
        break;
      }
      done += told.done.length;
      refused.push(...told.refused);
      for (const id of told.done) chosen.delete(String(id));
      sent.splice(0, PART);
      progress.value = values.length - sent.length;
      const said = result.querySelector("[data-bulk-said]");
      said.dataset.tone = "info";
      said.textContent = say(bar.dataset.underWay, { done: progress.value, all: values.length });
    }
  } catch (fault) {
    console.error(fault);
  }
  progress.hidden = true;
  bar.classList.remove("is-sending");
  report(done, refused, sent.length, why);
  show();
  renew();
}

// What must be asked first stands in a dialog; without it the form goes as a page.
async function ask(button) {
  const body = new FormData(bar);
  const answer = await fetch(button.formAction, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
  dialog.innerHTML = await answer.text();
  dialog.showModal();
}

function start(button) {
  const values = picked();
  if (!values.length) return;
  if (values.length > MOST) { result.hidden = false; report(0, [{ id: 0, no: "", why: bar.dataset.most }], 0); return; }
  if ("asks" in button.dataset) ask(button).catch(() => { bar.action = button.formAction; bar.submit(); });
  else carryOut(button.formAction, new FormData(bar));
}

export function claim(value) {
  const button = bar.querySelector("[data-bulk-do=claim]");
  if (!button || bar.classList.contains("is-sending")) return;
  if (picked().length) start(button);
  else if (value) carryOut(button.formAction, new FormData(bar), [value]);
}

export function markRead(value) {
  const button = bar.querySelector("[data-bulk-do=read]");
  if (picked().length) start(button);
  else if (value) carryOut(button.formAction, new FormData(bar), [value]);
}

if (bar) {
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) start(event.submitter);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches("input[data-pick]")) pick(target, target.checked);
    if (target.matches("[data-bulk-all]")) {
      for (const box of boxes()) {
        if (target.checked) chosen.add(idOf(box));
        else chosen.delete(idOf(box));
      }
      show();
    }
  });
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const fields = [...new FormData(form)];
    const needed = form.querySelector(":is(select, textarea)[required]");
    if (needed && !needed.value.trim()) {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
      dialog.innerHTML = await answer.text();
      dialog.querySelector(".field-invalid :is(select, textarea, input)")?.focus();
      return;
    }
    dialog.close();
    carryOut(form.action, fields);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-bulk-cancel]")) { event.preventDefault(); dialog.close(); }
    if (event.target.closest("[data-bulk-close]")) result.hidden = true;
    const phrase = event.target.closest("dialog [data-phrase]");
    if (phrase) document.getElementById(phrase.dataset.for).value = phrase.dataset.phrase;
  });
  document.addEventListener("htmx:after:swap", show);
  show();
}
