// Roads and river under the areas, where the server has any (the demo city). Widths
// double with each zoom, as if they were painted on the ground.
const TONES = {
  light: { river: "#a9d2e8", arterial: "#fdf3d9", road: "#ffffff", lane: "#ffffff" },
  dark: { river: "#1c4257", arterial: "#3d3a2e", road: "#26323a", lane: "#1d292f" },
};
// Metres on the ground, and from which zoom.
const WAYS = { lane: [11, 13], road: [30, 11], arterial: [48, 9], river: [170, 7] };
const METRES_AT_ZOOM_20 = 0.066;

const tone = (kind) => TONES[document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light"][kind];

export async function drawBackdrop(map) {
  const answer = await fetch("/areas/backdrop.geojson", { headers: { Accept: "application/geo+json" } }).catch(() => null);
  if (answer?.status !== 200 || !answer.headers.get("Content-Type").includes("geo+json")) return;
  const below = map.getStyle().layers[1]?.id;
  map.addSource("backdrop", { type: "geojson", data: await answer.json() });
  for (const [kind, [metres, from]] of Object.entries(WAYS)) {
    const full = metres / METRES_AT_ZOOM_20;
    map.addLayer({
      id: `backdrop-${kind}`, type: "line", source: "backdrop", minzoom: from,
      filter: ["==", ["get", "kind"], kind],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": tone(kind), "line-width": ["interpolate", ["exponential", 2], ["zoom"], 4, full / 2 ** 16, 20, full] },
    }, below);
  }
  const watching = new MutationObserver(() => {
    for (const kind of Object.keys(WAYS)) map.setPaintProperty(`backdrop-${kind}`, "line-color", tone(kind));
  });
  watching.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  map.on("remove", () => watching.disconnect());
}
