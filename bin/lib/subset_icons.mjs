// subset_icons.mjs <webfont dist> <directory> < words: of the 6,000 icons of Tabler
// those that a word names, as icons.css and icons.woff2 (some 10 kB instead of 540).
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [from, to] = process.argv.slice(2);
const subsetFont = createRequire(`${from}/`)("subset-font");
const words = new Set(readFileSync(0, "utf8").split("\n"));
const sheet = readFileSync(`${from}/tabler-icons.min.css`, "utf8");
const used = [...sheet.matchAll(/\.ti-([a-z0-9-]+):before\{content:"\\([0-9a-f]+)"\}/g)]
  .filter(([, name]) => words.has(name))
  .map(([, name, code]) => ({ name, code }));
if (used.length === 0) throw new Error("no icon is used: the style sheet of the icons has changed");
const text = used.map(({ code }) => String.fromCodePoint(parseInt(code, 16))).join("");
const font = await subsetFont(readFileSync(`${from}/fonts/tabler-icons.ttf`), text, { targetFormat: "woff2" });
mkdirSync(to, { recursive: true });
writeFileSync(`${to}/icons.woff2`, font);
writeFileSync(`${to}/icons.css`, `/* Tabler Icons, MIT licence; made by bin/lib/subset_icons.mjs. */
@font-face { font-family: icons; src: url("icons.woff2") format("woff2"); font-display: block; }
.ti { font-family: icons; font-style: normal; font-weight: 400; line-height: 1; speak: never; -webkit-font-smoothing: antialiased; }
${used.map(({ name, code }) => `.ti-${name}::before { content: "\\${code}"; }`).join("\n")}
`);
