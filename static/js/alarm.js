// The loud alert of an urgent message: three tones, and a line under the top bar that stays
// until it is dealt with. Once for each message, in whichever window asks first.
const KEY = "alarm";
const CLOSED = "alarm-closed";
const SOUND = "sound";
const TONES = [880, 660, 880];
const strip = document.getElementById("urgent");
const unlock = strip?.querySelector("[data-sound-unlock]");
let context = null;

function read(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* private mode: every page anew */ }
}

const isOn = () => read(SOUND) !== "off";

function showSwitch() {
  for (const button of document.querySelectorAll("[data-sound]")) button.setAttribute("aria-pressed", String(isOn()));
}

function tones(pitches) {
  pitches.forEach((pitch, index) => {
    const tone = new OscillatorNode(context, { frequency: pitch, type: "square" });
    const volume = new GainNode(context, { gain: 0.2 });
    const start = context.currentTime + index * 0.35;
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.28);
  });
}

// A browser may keep a page silent until it was touched: then the line says so, and the
// tones come with the touch.
function ring(pitches = TONES) {
  if (!isOn()) return;
  context ??= new AudioContext();
  if (unlock) unlock.hidden = context.state !== "suspended";
  if (context.state !== "suspended") { tones(pitches); return; }
  context.resume().then(() => {
    if (unlock) unlock.hidden = true;
    tones(pitches);
  }, () => {});
}

function show() {
  strip.hidden = false;
  // What somebody is typing in must not end up behind it.
  const field = document.activeElement;
  if (field?.matches("input, textarea, select")) field.scrollIntoView({ block: "nearest" });
}

const newest = () => Number(document.getElementById("bell")?.dataset.alarm ?? 0);

// The line stays over pages until its message is read, here or elsewhere, or it is closed.
function look() {
  if (newest() <= Number(read(CLOSED) ?? 0)) strip.hidden = true;
  else if (strip.hidden) show();
  if (newest() <= Number(read(KEY) ?? 0)) return;
  keep(KEY, String(newest()));
  ring();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-sound]")) {
    keep(SOUND, isOn() ? "off" : "on");
    showSwitch();
    ring([660]); // so that one hears that it is on
  }
  if (event.target.closest("[data-urgent-close]")) {
    keep(CLOSED, String(newest()));
    look();
    document.getElementById("content")?.focus();
  }
});
document.addEventListener("pointerdown", () => { if (context?.state === "suspended") context.resume(); });
document.addEventListener("keydown", () => { if (context?.state === "suspended") context.resume(); });
document.addEventListener("htmx:after:swap", () => { showSwitch(); look(); });
showSwitch();
look();
