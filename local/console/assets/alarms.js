import { h, morph, empty, ago, dateTime } from "./dom.js";
import { get } from "./api.js";
import { head, poll } from "./view.js";
import { markdown } from "./markdown.js";

export const stateText = { ALARM: "in alarm", OK: "OK", INSUFFICIENT_DATA: "no data yet" };
export const stateClass = { ALARM: "bad", OK: "good", INSUFFICIENT_DATA: "" };

export function alarms(root, parameters) {
  const list = h("div", { class: "list" }), side = h("div", { class: "panel" });
  root.append(head("Alarms", "Evaluated each minute on the local target's own metrics, as CloudWatch does."), h("div", { class: "columns" }, list, side));
  const poller = poll(list, 2000, async () => {
    const all = await get("alarms");
    if (all.length === 0) { morph(side); return empty("No alarm", "The setting alarms of the stack declares them."); }
    const chosen = all.find((a) => a.name === parameters.name) ?? all[0];
    const history = await get("alarms/history", { name: chosen.name });
    morph(side, details(chosen, history));
    return all.map((a) => h("a", { class: "alarm", href: `#/alarms?name=${encodeURIComponent(a.name)}`, "aria-current": a.name === chosen.name ? "true" : null },
      h("span", { class: `chip ${stateClass[a.state]}` }, stateText[a.state]), h("span", { class: "alarm-name" }, a.name), h("span", { class: "muted" }, ago(a.since))));
  });
  return poller.end;
}

function details(a, history) {
  return [
    h("header", {}, h("h2", { class: "break" }, a.name), h("span", { class: `chip ${stateClass[a.state]}` }, stateText[a.state])),
    h("p", {}, a.description), h("p", { class: "muted" }, "Condition: ", h("code", {}, a.condition)),
    h("h3", {}, "Why"), h("p", {}, a.reason || "It has not been evaluated yet."),
    a.runbook && [h("h3", {}, "What to do"), h("div", { class: "runbook" }, markdown(a.runbook))],
    h("h3", {}, "History"), history.length === 0 ? h("p", { class: "muted" }, "Nothing yet.") :
      h("ol", { class: "history" }, history.map((item) => h("li", {}, h("time", { class: "muted" }, dateTime(item.at)), " ", item.summary, item.reason && h("p", { class: "muted" }, item.reason)))),
  ];
}
