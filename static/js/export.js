// What is on the phone as a file (ZIP): for the community desk, or to be kept.
import { downloadZip } from "../vendor/client-zip/index.js";
import * as outbox from "./outbox.js";
import * as vault from "./vault.js";

export const FORMAT = 1;

/** outbox.json and photos/<id>.jpg; ids as they are, so that nothing comes twice. */
async function* files(items) {
  const about = { format: FORMAT, account: vault.account(), exported_at: new Date().toISOString(), items };
  yield { name: "outbox.json", input: JSON.stringify(about, null, 1) };
  for (const { photos } of items) {
    for (const { id } of photos) {
      const blob = await vault.getPhoto(id);
      if (blob) yield { name: `photos/${id}.jpg`, input: blob };
    }
  }
}

export async function exportAll() {
  const items = (await outbox.items()).filter((item) => item.stage !== "sent");
  const blob = await downloadZip(files(items)).blob();
  const name = `wangge-${vault.account()}-${new Date().toISOString().slice(0, 16).replace(/[-:]/g, "")}.zip`;
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return items.length;
}
