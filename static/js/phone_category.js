// Find a category: by name, everyday word, code, pinyin or initials; or browse.
/** `chosen()` at once; `shown(category)` with what the catalogue knows of it. */
export function categoryPicker(box, chosen, shown = () => {}) {
  const find = (selector) => box.querySelector(selector);
  const search = find("[data-search]");
  const picker = find("[data-picker]");
  const browse = find("[data-browse]");
  const choices = [...box.querySelectorAll("[data-choice]")];
  const majors = [...box.querySelectorAll("[data-major]")];

  const matches = (choice, word) =>
    choice.dataset.code.startsWith(word)
    || choice.dataset.name.toLowerCase().includes(word)
    || choice.dataset.plain.toLowerCase().includes(word)
    || choice.dataset.pinyin.includes(` ${word}`);

  function filter() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const choice of choices) {
      choice.hidden = !words.every((word) => matches(choice, word));
      if (!choice.hidden) found += 1;
    }
    for (const major of majors) {
      major.hidden = !major.querySelector("[data-choice]:not([hidden])");
      major.open = words.length > 0 && !major.hidden;
    }
    if (words.length) browse.open = true;
    browse.classList.toggle("is-searched", words.length > 0);
    find("[data-usual]")?.toggleAttribute("hidden", words.length > 0);
    find("[data-none]").hidden = found > 0;
  }

  /** What one should know about the choice, from the copy of the catalogue. */
  async function card(id) {
    const target = find("[data-card]");
    target.replaceChildren();
    const known = (await catalogue(box.dataset.catalogueUrl)).get(id);
    if (!known || value() !== id) return;
    drawCard(target, find("[data-card-parts]").content, known);
    shown(known);
  }

  let drawn = Promise.resolve();
  const value = () => find("input[name=category]:checked")?.value ?? "";

  function choose(input) {
    input.checked = true;
    const { name, code } = input.closest("[data-choice]").dataset;
    find("[data-chosen-name]").textContent = name;
    find("[data-chosen-code]").textContent = code;
    find("[data-chosen]").hidden = false;
    picker.dataset.closed = "";
    search.value = "";
    filter();
    browse.open = false;
    drawn = card(input.value);
    chosen(input.value);
  }

  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = choices.find((choice) => !choice.hidden);
    if (search.value.trim() && first) choose(first.querySelector("input"));
  });
  box.addEventListener("change", (event) => {
    if (event.target.matches("input[name=category]")) choose(event.target);
  });
  box.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    const code = event.target.closest("[data-pick-code]")?.dataset.pickCode;
    if (pick) choose(choices.map((one) => one.firstElementChild).find((input) => input.value === pick.dataset.pick));
    if (code) {
      const other = choices.find((choice) => choice.dataset.code === code);
      if (other) choose(other.querySelector("input"));
    }
    if (event.target.closest("[data-change]")) {
      delete picker.dataset.closed;
      search.focus();
    }
  });
  return {
    value,
    name: () => find("input[name=category]:checked")?.closest("[data-choice]").dataset.name ?? "",
    /** What belongs to the choice is asked for only when the catalogue has come. */
    ready: () => Promise.race([drawn, new Promise((done) => { setTimeout(done, 7000); })]),
    show(id) {
      const input = choices.map((one) => one.firstElementChild).find((one) => one.value === id);
      if (input) choose(input);
    },
  };
}

let asked = null;
/** Categories by id; asked once a page, and answered by the service worker offline. */
function catalogue(url) {
  asked ??= fetch(url).then((answer) => answer.json()).then(
    ({ categories }) => new Map(categories.map((one) => [String(one.id), one])),
    () => { asked = null; return new Map(); },
  );
  return asked;
}

function drawCard(target, parts, known) {
  const part = (name) => parts.querySelector(`[data-part=${name}]`).cloneNode(true);
  const say = (element, text) => { element.querySelector("[data-text]").textContent = text; return element; };
  const tags = part("tags");
  if (known.spot) tags.append(part("spot"));
  if (known.urgent) tags.append(part("urgent"));
  if (known.unit) tags.append(say(part("unit"), known.unit));
  target.append(tags);
  if (known.urgent) target.append(part("urgent-note"));
  if (known.alike) {
    const box = part("alike");
    for (const [code, hint] of known.alike) {
      const button = part("alike-one");
      button.dataset.pickCode = code;
      button.querySelector("[data-code]").textContent = code;
      box.append(say(button, hint));
    }
    target.append(box);
  }
  if (known.conditions) {
    target.append(part("phrases-help"));
    const chips = part("phrases");
    for (const [words, limit] of known.conditions) {
      const chip = say(part("phrase"), words);
      chip.dataset.phrase = words;
      if (limit) chip.append(Object.assign(document.createElement("small"), { textContent: limit }));
      chips.append(chip);
    }
    target.append(chips);
  }
}
