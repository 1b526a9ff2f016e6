// Before the first paint: the theme and the type size that were chosen last time.
(() => {
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const kept = read("theme"); // the administration keeps “auto” under the same key
  const dark = ["dark", "light"].includes(kept) ? kept : (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.bsTheme = dark;
  const chosen = /(?:^|; )elder=([01])/.exec(document.cookie)?.[1] ?? read("elder"); // kept there until there was a cookie
  if (chosen === "1") document.documentElement.dataset.elder = "1";
})();
