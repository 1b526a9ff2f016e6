// The trend of the board: ECharts with the colours of the design; solid bars and a
// dashed line, so that it reads without colour. The table beside it says the same.
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

let library;
const echarts = () => (library ??= import(new URL("../vendor/echarts/echarts.esm.min.mjs", import.meta.url).href));

function option(box, { days, reported, closed }) {
  const quiet = style("--wg-quiet");
  const line = style("--wg-line");
  const text = { color: quiet, fontFamily: style("--wg-font") };
  return {
    animation: false,
    textStyle: text,
    grid: { left: 36, right: 12, top: 36, bottom: 28 },
    legend: { top: 0, right: 0, textStyle: { color: style("--wg-ink") }, itemWidth: 22 },
    tooltip: { trigger: "axis", backgroundColor: style("--wg-surface"), borderColor: line, textStyle: { color: style("--wg-ink") } },
    xAxis: { type: "category", data: days, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: text },
    yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: line } }, axisLabel: text },
    series: [
      { name: box.dataset.reported, type: "bar", data: reported, itemStyle: { color: style("--wg-primary"), borderRadius: [3, 3, 0, 0] }, barMaxWidth: 14 },
      { name: box.dataset.closed, type: "line", data: closed, symbol: "diamond", symbolSize: 7, lineStyle: { color: style("--wg-accent"), type: "dashed", width: 2 }, itemStyle: { color: style("--wg-accent") } },
    ],
  };
}

/** Draw the chart whose data lies in the box; pressing a day opens its list. */
export async function drawTrend(box) {
  if (!box) return null;
  const data = JSON.parse(box.querySelector("script").textContent);
  const { init } = await echarts();
  const canvas = document.createElement("div");
  canvas.style.height = "100%";
  box.append(canvas);
  const chart = init(canvas, null, { renderer: "svg" });
  const paint = () => chart.setOption(option(box, data), true);
  paint();
  chart.on("click", ({ seriesIndex, dataIndex }) => {
    location.assign(data.urls[seriesIndex ? "closed" : "reported"][dataIndex]);
  });
  const sized = new ResizeObserver(() => chart.resize());
  sized.observe(box);
  const themed = new MutationObserver(paint);
  themed.observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  return {
    dispose() {
      sized.disconnect();
      themed.disconnect();
      chart.dispose();
      canvas.remove();
    },
  };
}
