import { h, morph, number, rate as perSecond } from "./dom.js";
import { get, state } from "./api.js";
import { head, field, debounce } from "./view.js";
import { barChart } from "./chart.js";

const dollars = (v) => v === null || v === undefined ? "not known" : `$${v.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

export function cost(root) {
  const rate = h("input", { type: "number", min: "0.001", step: "any", placeholder: "as expected" });
  const current = h("button", { type: "button", onclick: () => { rate.value = currentRate(); draw(); } }, "Current rate");
  const report = h("div"), region = h("select");
  root.append(head("Cost", "What the stack would cost on AWS in a month of 730 hours, as configured.", field("Prices of", region), field("Events per second", rate), current), report);
  const draw = debounce(async () => {
    try {
      const { report: r, regions } = await get("cost", { eventsPerSecond: rate.value, region: region.value });
      if (region.options.length === 0) {
        const names = [...new Set([r.stackRegion, ...regions])];
        region.replaceChildren(...names.map((name) => h("option", { value: name }, name === r.stackRegion ? `${name}, the stack's` : name)));
        region.value = r.region;
      }
      morph(report, table(r));
    } catch (error) { morph(report, h("p", { class: "problem" }, error.message)); }
  });
  for (const control of [rate, region]) control.addEventListener("input", draw);
  draw();
  return () => {};
}

// currentRate is the events that the streams store now; one in a thousand seconds if there are none.
function currentRate() {
  const now = (state()?.streams ?? []).flatMap((s) => s.shards).reduce((sum, shard) => sum + shard.records, 0);
  return Math.max(0.001, Math.round(now * 10) / 10);
}

function table(r) {
  const known = (estimate) => estimate.lines.some((l) => l.perMonth !== null) ? estimate.perMonth : null;
  if (known(r.estimate) === null) {
    return [h("p", { class: "problem" }, `No price is known for ${r.region}: choose a Region above, or give your own with the command cost and --prices.`), charges(r)];
  }
  const services = [...new Set(r.estimate.lines.map((l) => l.service))];
  const sums = services.map((service) => [service, r.estimate.lines.filter((l) => l.service === service).reduce((sum, l) => sum + (l.perMonth ?? 0), 0)]);
  return [
    h("div", { class: "totals" }, total(dollars(known(r.estimate)), `a month at ${perSecond(r.eventsPerSecond)} events/s`), total(dollars(known(r.idle)), "a month without any event"),
      total(dollars(r.estimate.perMillionEvents ?? r.estimate.perMonth / r.eventsPerMonth * 1e6), "for a million events")),
    (r.warnings ?? []).map((w) => h("p", { class: "problem" }, w)),
    h("div", { class: "columns" },
      h("section", { class: "panel", "aria-label": "By service" }, h("h2", {}, "By service"), barChart("Cost by service", sums, dollars)),
      h("section", { class: "panel", "aria-label": "Other ways" }, h("h2", {}, "Other ways to run it"), barChart("Cost of other ways", r.ways.map((w) => [wayName(w), w.perMonth]), dollars))),
    charges(r),
    h("details", {}, h("summary", {}, "How it is computed"), h("ul", {}, r.notes.map((n) => h("li", {}, n)), h("li", {}, `Not counted: ${r.notCounted.join(", ")}.`))),
  ];
}

const charges = (r) => h("section", { class: "panel", "aria-label": "Charges" }, h("h2", {}, "Charges"), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of charges" }, h("table", { class: "charges" },
      h("thead", {}, h("tr", {}, ["Service", "What", "Amount", "Per month"].map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, r.estimate.lines.map((l) => h("tr", {}, h("td", {}, l.service), h("td", {}, l.what), h("td", { class: "amount" }, l.quantity === null ? "–" : `${number(l.quantity)} ${l.unit}`),
        h("td", { class: "amount" }, l.perMonth === null ? l.unknown : dollars(l.perMonth))))))));

const total = (value, text) => h("p", { class: "figure" }, h("strong", {}, value), " ", h("span", {}, text));
const wayName = (w) => `${w.streamMode === "ON_DEMAND" ? "on demand" : `${w.shards} shard${w.shards === 1 ? "" : "s"}`}, ${w.batchSize > 1 ? `batches of ${w.batchSize}` : "one by one"}`;
