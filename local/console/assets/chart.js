import { h, number, count } from "./dom.js";

const width = 320, height = 170, left = 40, right = 8, top = 12, bottom = 24;

// lineChart draws series of [time, value] with horizontal limits.
export function lineChart(label, series, limits, start, end) {
  const values = series.flatMap((s) => s.points.map(([, v]) => v));
  const highest = Math.max(...values, 0);
  // A limit far above the values would leave nothing of them to see: it is named instead.
  const drawn = limits.filter((l) => highest === 0 || l.value <= highest * 4);
  const most = nice(Math.max(highest, ...drawn.map((l) => l.value)) || 1);
  const from = new Date(start).getTime(), to = new Date(end).getTime();
  const x = (t) => left + (t - from) / (to - from) * (width - left - right);
  const y = (v) => height - bottom - v / most * (height - top - bottom);
  const ticks = [0, most / 2, most];
  return h("figure", { class: "chart" },
    h("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${label}: ${describe(series)}` },
      ticks.map((v) => [h("line", { class: "grid", x1: left, x2: width - right, y1: y(v), y2: y(v) }), h("text", { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" }, short(v))]),
      [from, (from + to) / 2, to].map((t, i) => h("text", { class: "tick", x: x(t), y: height - 6, "text-anchor": ["start", "middle", "end"][i] }, new Date(t).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }))),
      drawn.map((l) => [h("line", { class: "limit", x1: left, x2: width - right, y1: y(l.value), y2: y(l.value) }), h("text", { class: "limit-label", x: width - right, y: y(l.value) - 4, "text-anchor": "end" }, l.label)]),
      series.map((s, i) => [
        s.points.length > 1 && h("path", { class: `series s${i % 4}`, d: s.points.map(([t, v], j) => `${j ? "L" : "M"}${x(t).toFixed(1)} ${y(v).toFixed(1)}`).join("") }),
        s.points.map(([t, v]) => h("circle", { class: `dot s${i % 4}`, cx: x(t), cy: y(v), r: 2.4 })),
      ])),
    h("figcaption", {}, series.map((s, i) => h("span", { class: `key s${i % 4}` }, `${s.label} ${s.points.length ? short(s.points.at(-1)[1]) : "–"}`)),
      limits.filter((l) => !drawn.includes(l)).map((l) => h("span", { class: "muted" }, `${l.label} at ${short(l.value)}, far above`))));
}

const describe = (series) => series.map((s) => s.points.length ? `${s.label} is ${short(s.points.at(-1)[1])} at the end of ${count(s.points.length, "value")}` : `${s.label} has no value`).join("; ");

function nice(v) {
  const unit = 10 ** Math.floor(Math.log10(v));
  return [1, 2, 2.5, 5, 10].map((m) => m * unit).find((m) => m >= v * 0.999);
}

export function short(v) {
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (Math.abs(v) >= size) return `${number(Math.round(v / size * 10) / 10)}${unit}`;
  return v !== 0 && Math.abs(v) < 0.1 ? v.toPrecision(2) : number(Math.round(v * 10) / 10);
}

// barChart draws a bar for each [label, value].
export function barChart(label, rows, text) {
  const most = Math.max(...rows.map(([, v]) => v), 1e-9);
  return h("div", { class: "bars", role: "img", "aria-label": `${label}: ${rows.map(([name, v]) => `${name} ${text(v)}`).join(", ")}` },
    rows.map(([name, v]) => [h("span", {}, name), h("span", { class: "bar" }, h("span", { style: { width: `${v / most * 100}%` } })), h("span", { class: "amount" }, text(v))]));
}
