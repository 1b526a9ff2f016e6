// The loud alert of an urgent message: three tones and a line that stays until it is
// pressed. Once for each message, in whichever window asks first.
const KEY = "alarm";
const TONES = [880, 660, 880];
let context = null;
let silent = false;

function heard() {
  try { return Number(localStorage.getItem(KEY) ?? 0); } catch { return 0; }
}

function ring() {
  context ??= new AudioContext();
  silent = context.state === "suspended";
  if (silent) context.resume().then(() => { silent = false; });
  TONES.forEach((pitch, index) => {
    const tone = new OscillatorNode(context, { frequency: pitch, type: "square" });
    const volume = new GainNode(context, { gain: 0.2 });
    const start = context.currentTime + index * 0.35;
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.28);
  });
}

function say(bell) {
  document.querySelector(".toast-note[data-urgent]")?.remove();
  const line = Object.assign(document.createElement("a"), {
    className: "toast-note", href: bell.href, textContent: bell.dataset.alarmText,
  });
  line.dataset.urgent = "";
  document.getElementById("toasts").append(line);
}

function look() {
  const bell = document.getElementById("bell");
  const newest = Number(bell?.dataset.alarm ?? 0);
  if (newest <= heard()) return;
  try { localStorage.setItem(KEY, String(newest)); } catch { /* private mode: every page */ }
  say(bell);
  ring();
}

// A browser is silent until the page was touched; the tones then wait for the touch.
document.addEventListener("pointerdown", () => { if (silent) context.resume(); });
document.addEventListener("htmx:after:swap", look);
look();
