// Typing @ in a note offers the people who may see the case; arrows and Enter choose.
const AT = /@([^\s@]*)$/;
const people = new Map();
let active = -1;

async function load(url) {
  if (!people.has(url)) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return [];
    people.set(url, (await answer.json()).people);
  }
  return people.get(url);
}

const listOf = (area) => area.parentElement.querySelector(".mention-list");
const before = (area) => area.value.slice(0, area.selectionStart);

function hide(list) {
  list.hidden = true;
  list.replaceChildren();
  active = -1;
}

function choose(area, say) {
  const start = before(area).replace(AT, "");
  const rest = area.value.slice(area.selectionStart);
  area.value = `${start}@${say} ${rest}`;
  area.selectionStart = area.selectionEnd = start.length + say.length + 2;
  hide(listOf(area));
  area.focus();
}

function light(list, n) {
  const all = [...list.children];
  active = (n + all.length) % all.length;
  all.forEach((one, place) => one.setAttribute("aria-selected", String(place === active)));
  all[active]?.scrollIntoView({ block: "nearest" });
}

async function offer(area) {
  const list = listOf(area);
  if (!AT.test(before(area))) { hide(list); return; }
  const all = await load(area.dataset.mention);
  const typed = AT.exec(before(area));
  if (!typed) { hide(list); return; }
  const found = all.filter(({ name, post }) => name.includes(typed[1]) || post.includes(typed[1])).slice(0, 8);
  list.replaceChildren(...found.map(({ say, name, post }) => {
    const line = document.createElement("li");
    line.role = "option";
    line.dataset.say = say;
    line.append(Object.assign(document.createElement("b"), { textContent: name }), Object.assign(document.createElement("span"), { className: "quiet", textContent: post }));
    return line;
  }));
  list.hidden = found.length === 0;
  if (found.length) light(list, 0);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-mention]")) offer(target);
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-mention]")) return;
  const list = listOf(event.target);
  if (list.hidden) return;
  if (event.key === "ArrowDown") light(list, active + 1);
  else if (event.key === "ArrowUp") light(list, active - 1);
  else if (event.key === "Enter" || event.key === "Tab") choose(event.target, list.children[active].dataset.say);
  else if (event.key === "Escape") hide(list);
  else return;
  event.preventDefault();
});
document.addEventListener("pointerdown", (event) => {
  const line = event.target.closest(".mention-list li");
  if (!line) return;
  event.preventDefault();
  choose(line.closest(".mention").querySelector("[data-mention]"), line.dataset.say);
});
document.addEventListener("focusout", ({ target }) => {
  if (target.matches?.("[data-mention]")) hide(listOf(target));
});
