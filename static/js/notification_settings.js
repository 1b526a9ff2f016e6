// Subscribing this browser to Web Push, and forgetting it again.
const box = document.getElementById("push");
const start = box?.querySelector("[data-push-start]");
const words = box?.querySelector("[role=status]");

function say(name) {
  words.textContent = name ? box.dataset[name] : "";
}

function bytes(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

async function subscribed() {
  const registration = await navigator.serviceWorker.getRegistration(box.dataset.worker);
  return registration?.pushManager.getSubscription() ?? null;
}

async function subscribe() {
  if (await Notification.requestPermission() !== "granted") { say("denied"); return; }
  say("working");
  const registration = await navigator.serviceWorker.register(box.dataset.worker);
  await active(registration);
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) });
  const form = document.getElementById("push-form");
  form.elements.subscription.value = JSON.stringify(subscription);
  form.elements.label.value = name();
  form.submit();
}

// Subscribing needs an active worker; `ready` would wait for one that controls this page.
function active(registration) {
  const worker = registration.installing ?? registration.waiting;
  if (!worker || registration.active) return Promise.resolve();
  return new Promise((done) => {
    worker.addEventListener("statechange", () => { if (worker.state === "activated") done(); });
  });
}

function name() {
  const { brands, platform } = navigator.userAgentData ?? {};
  const brand = brands?.find((one) => !/not.a.brand|chromium/i.test(one.brand))?.brand ?? brands?.at(-1)?.brand;
  return [brand ?? /Firefox|Safari|Edg/.exec(navigator.userAgent)?.[0], platform ?? navigator.platform].filter(Boolean).join(" · ");
}

async function look() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) { say("unable"); return; }
  start.hidden = false;
  if (Notification.permission === "denied") { say("denied"); return; }
  if (await subscribed()) say("here");
}

start?.addEventListener("click", () => subscribe().catch(() => say("failed")));
if (start) look();
