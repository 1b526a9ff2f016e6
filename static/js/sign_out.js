// Signing out takes the key of what the phone keeps with it; so nothing unsent may be left.
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

/** Resolves true when the session may end: nothing was left, or a person said so. */
export async function mayLeave(dialog) {
  if (!vault.offered) return true;
  const left = (await outbox.items()).filter((item) => item.stage !== "sent");
  if (left.length && !(await confirmed(dialog, left))) return false;
  await vault.leave();
  return true;
}

async function confirmed(dialog, left) {
  document.body.append(dialog);
  dialog.querySelector("[data-left]").textContent = left.map((item) => item.title || item.values?.description || "—").slice(0, 5).join("、");
  dialog.querySelector("[data-many]").textContent = dialog.dataset.many.replace("{n}", left.length);
  dialog.returnValue = "";
  for (const button of dialog.querySelectorAll("[data-answer]")) button.onclick = () => dialog.close(button.dataset.answer);
  dialog.showModal();
  await new Promise((done) => { dialog.addEventListener("close", done, { once: true }); });
  return dialog.returnValue === "drop";
}
