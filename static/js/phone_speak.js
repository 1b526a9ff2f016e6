// Speaking instead of typing, where the browser offers it; elsewhere the button stays away.
const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;

function offer(button) {
  const area = document.getElementById(button.dataset.speak);
  const label = button.querySelector("span");
  const [start, stop, unheard] = button.dataset.words.split("|");
  const ear = new Recognition();
  Object.assign(ear, { lang: "zh-CN", continuous: true, interimResults: false });
  let listening = false;

  ear.addEventListener("start", () => {
    listening = true;
    label.textContent = stop;
    button.setAttribute("aria-pressed", "true");
  });
  ear.addEventListener("end", () => {
    listening = false;
    if (label.textContent === stop) label.textContent = start;
    button.setAttribute("aria-pressed", "false");
  });
  ear.addEventListener("error", () => { label.textContent = unheard; });
  ear.addEventListener("result", ({ results, resultIndex }) => {
    for (const result of [...results].slice(resultIndex)) if (result.isFinal) area.value += result[0].transcript;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  button.addEventListener("click", () => (listening ? ear.stop() : ear.start()));
  button.hidden = false;
}

if (Recognition) for (const button of document.querySelectorAll("[data-speak]")) offer(button);
