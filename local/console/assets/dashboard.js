import { h, empty } from "./dom.js";
import { get } from "./api.js";
import { head, field, poll } from "./view.js";
import { lineChart } from "./chart.js";
import { markdown } from "./markdown.js";
import { stateText, stateClass } from "./alarms.js";

const place = (at) => at === null ? "auto" : at + 1;
const alarm = (a) => h("li", {}, h("span", { class: `chip ${stateClass[a.state] ?? ""}` }, stateText[a.state] ?? "does not exist"), " ",
  h("a", { href: `#/alarms?name=${encodeURIComponent(a.name)}` }, a.name));

export function dashboard(root) {
  const range = h("select", {}, [[15, "15 minutes"], [60, "1 hour"], [180, "3 hours"]].map(([value, text]) => h("option", { value }, text)));
  range.value = "15";
  const graphs = h("div");
  root.append(head("Dashboard", "The CloudWatch dashboard that the program declares, drawn with the metrics of this local target.", field("Range", range)), graphs);
  const poller = poll(graphs, 5000, async () => {
    const all = await get("dashboard", { minutes: range.value });
    if (all.length === 0) return empty("No dashboard", "The setting dashboard of the stack declares it.");
    return all.map((d) => h("section", { "aria-label": d.name }, all.length > 1 && h("p", { class: "muted" }, d.name),
      h("div", { class: "graphs" }, d.widgets.map((w) => h("article", {
        class: "panel graph", style: { "--x": place(w.x), "--y": place(w.y), "--w": w.width, "--h": w.height },
      }, w.title && h("h2", {}, w.title), w.series.length > 0 && lineChart(w.title, w.series, w.limits, d.start, d.end),
      w.markdown && markdown(w.markdown), w.alarms.length > 0 && h("ul", { class: "statuses" }, w.alarms.map(alarm)),
      w.notDrawn.map((what) => h("p", { class: "muted" }, `Not drawn: ${what}`)))))));
  });
  range.addEventListener("input", poller.now);
  return poller.end;
}
