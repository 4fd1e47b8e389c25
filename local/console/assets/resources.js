import { h, morph, empty, dateTime, count, pre } from "./dom.js";
import { get, on } from "./api.js";
import { head } from "./view.js";
import { toast } from "./toast.js";

const changeClass = (change) => change.includes("delete") ? "bad" : change.includes("updat") || change.includes("replac") ? "warn" : "good";

export function resources(root) {
  const summary = h("div"), tree = h("div", { class: "panel", tabindex: "-1" }), side = h("div", { class: "panel" });
  root.append(head("Resources", "What the program has declared, as components and their resources, with what the last update changed."), summary, h("div", { class: "columns" }, tree, side));
  async function draw() {
    const r = await get("resources");
    morph(summary, r.summary && h("p", { class: r.summary.problem ? "problem" : "muted" }, r.summary.problem || r.summary.summary, ` ${dateTime(r.summary.at)}`));
    if (r.resources.length === 0) { tree.replaceChildren(empty("No resource", "Deploy the stack first.")); return; }
    const known = new Set(r.resources.map((x) => x.urn));
    const below = (parent) => r.resources.filter((x) => parent === "" ? !known.has(x.parent) : x.parent === parent);
    const level = (parent) => {
      const children = below(parent);
      return children.length > 0 && h("ul", { class: "resources" }, children.map((x) => h("li", {},
        h("button", { type: "button", class: "plain", onclick: () => show(x) }, h("span", {}, x.name), h("span", { class: "muted" }, ` ${x.type}`), x.change && h("span", { class: `chip ${changeClass(x.change)}` }, x.change)),
        x.urn && level(x.urn))));
    };
    tree.replaceChildren(level("") || "");
    morph(side, h("h2", {}, "Outputs"), Object.keys(r.outputs).length === 0 ? h("p", { class: "muted" }, "Choose a resource.") : pairs(r.outputs), h("p", { class: "muted" }, count(r.resources.length, "resource")));
  }
  function show(x) {
    morph(side, h("h2", { class: "break" }, x.name), h("p", { class: "muted break" }, x.type, x.id && `, ${x.id}`),
      x.differences?.length > 0 && [h("h3", {}, "Changed by the last update"), pre("Differences", x.differences.join("\n"))],
      h("h3", {}, "Inputs"), properties("Inputs", x.inputs), h("h3", {}, "Outputs"), properties("Outputs", x.outputs));
  }
  draw().catch(toast);
  return on("deployment", () => draw().catch(toast));
}

const properties = (label, values) => values && Object.keys(values).length > 0 ? pre(label, JSON.stringify(values, null, 2)) : h("p", { class: "muted" }, "None.");

const pairs = (values) => h("dl", { class: "pairs" }, Object.entries(values).map(([name, value]) => [h("dt", {}, name), h("dd", {}, /^http:\/\/127\.0\.0\.1/.test(value) ? h("a", { href: value }, value) : value)]));
