// The extra questions of a category, drawn from the copy of the catalogue: so they are
// asked without a signal too.
const name = (question) => `answers.${question.id}`;

export function questions(form) {
  const box = form.querySelector("[data-questions]");
  const list = box.querySelector("[data-questions-list]");
  const { content: parts, dataset: words } = box.querySelector("[data-question-parts]");
  const part = (which) => parts.querySelector(`[data-part=${which}]`).cloneNode(true);
  let asked = [];

  function written(question, value) {
    const field = part("written");
    const input = field.querySelector("input");
    input.name = name(question);
    input.id = `id_answer_${question.id}`;
    input.value = value ?? "";
    if (question.kind === "date") input.type = "date";
    if (question.kind === "number") input.inputMode = "decimal";
    field.querySelector("label").htmlFor = input.id;
    return field;
  }

  function chosen(question, value) {
    const field = part("chosen");
    for (const option of question.options) {
      const label = part("option");
      const input = label.querySelector("input");
      Object.assign(input, { type: question.kind === "choices" ? "checkbox" : "radio", name: name(question), value: option });
      input.checked = [value ?? []].flat().includes(option);
      label.querySelector("[data-text]").textContent = option;
      field.querySelector("[data-options]").append(label);
    }
    return field;
  }

  function draw(question, value) {
    const field = (question.options ? chosen : written)(question, value);
    field.querySelector("[data-text]").textContent = question.label;
    field.querySelector(".required").hidden = !question.required;
    const help = field.querySelector(".field-help");
    help.textContent = question.help ?? "";
    help.hidden = !question.help;
    return field;
  }

  const of = (question) => new FormData(form).getAll(name(question)).map((one) => one.trim()).filter(Boolean);
  return {
    /** Ask these; what was answered before (`values`, or on the page) is kept. */
    ask(wanted = [], values = {}) {
      const before = Object.fromEntries(asked.map((one) => [name(one), of(one)]));
      asked = wanted;
      list.replaceChildren(...asked.map((one) => draw(one, before[name(one)] ?? values[name(one)])));
      box.hidden = asked.length === 0;
    },
    /** [sentence, where] of the first that must be answered and is not. */
    missing() {
      const first = asked.find((one) => one.required && of(one).length === 0);
      if (!first) return null;
      const field = form.querySelector(`[name="${name(first)}"]`);
      return [(first.options ? words.unchosen : words.missing).replace("{1}", first.label), field];
    },
    answers: () => Object.fromEntries(asked.map((one) => [one.id, one.kind === "choices" ? of(one) : of(one)[0] ?? ""]).filter(([, answer]) => answer.length)),
  };
}
