// The map page: go to an area by its level, press an area to read about it.
import { areaAt, createMap, fitArea } from "./map.js";

const LEVELS = ["city", "district", "street", "community", "grid"];
const element = document.getElementById("areas-map");
const pickers = document.getElementById("pickers");
const facts = document.getElementById("area-facts");
const [code, level, size, households, version, undrawn, m2, km2] = facts.dataset.words.split("|");
const bounds = JSON.parse(document.getElementById("areas-extent").textContent);
const picker = (word) => pickers.querySelector(`[data-level="${word}"]`);

async function children(parent) {
  const answer = await fetch(parent ? `/areas/children/${parent}.json` : "/areas/children.json");
  return answer.ok ? (await answer.json()).areas : [];
}

/** Streets and communities with a boundary can be divided by administrators. */
function offerDividing({ code: own, level: depth, area_m2: drawn }) {
  const divide = document.getElementById("area-divide");
  if (!divide) return;
  divide.hidden = drawn === null || !["street", "community"].includes(LEVELS[depth - 1]);
  const link = divide.querySelector("a");
  link.href = link.dataset.address.replace("CODE", own);
}

/** Fill the picker of a level with what lies below `parent`; hide those below it. */
async function offer(depth, parent) {
  for (const word of LEVELS.slice(depth)) picker(word).hidden = true;
  if (depth >= LEVELS.length) return;
  const areas = await children(parent);
  const select = picker(LEVELS[depth]).querySelector("select");
  select.replaceChildren(new Option(pickers.dataset.choose, ""), ...areas.map((one) => new Option(one.name, one.code)));
  picker(LEVELS[depth]).hidden = areas.length === 0;
}

function areaSize(value) {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} ${km2}` : `${Math.round(value).toLocaleString("zh-CN")} ${m2}`;
}

function tell({ properties: about }) {
  facts.hidden = false;
  offerDividing(about);
  facts.querySelector("h2").textContent = about.name;
  const rows = [
    [level, about.level_name],
    [code, about.code],
    [size, about.area_m2 === null ? undrawn : areaSize(about.area_m2)],
    [households, about.households ?? "—"],
    [version, about.version ?? "—"],
  ];
  facts.querySelector("dl").replaceChildren(...rows.flatMap(([name, value]) => [
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: value }),
  ]));
}

const map = await createMap(element, { bounds });
await offer(0);

pickers.addEventListener("change", async ({ target }) => {
  const depth = LEVELS.indexOf(target.closest("[data-level]").dataset.level);
  await offer(depth + 1, target.value);
  if (map && target.value) tell(await fitArea(map, target.value));
});

map?.on("click", async ({ point }) => {
  const found = areaAt(map, point);
  if (found) tell(await fitArea(map, found.properties.code, { maxZoom: Math.max(map.getZoom(), 13) }));
});
