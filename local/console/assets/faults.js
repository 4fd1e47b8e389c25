import { h } from "./dom.js";
import { get, on, post } from "./api.js";
import { head } from "./view.js";
import { toast } from "./toast.js";

export const faultTexts = { throttle: "the stream throttles every event", fail: "Kinesis fails", refuseWrites: "S3 refuses writes" };

const described = [
  ["throttle", "Throttle the stream", "Every event is answered 429 with Retry-After, as if its shard were over its limit. After 5 minutes of traffic the alarms write-throttled and throttled are raised. Producers that send again lose nothing."],
  ["fail", "Make Kinesis fail", "Every call is an InternalFailure: clients get 503 and send again. put-failed and server-errors are raised."],
  ["refuseWrites", "Refuse writes to S3", "Events are accepted and stay in the stream; Firehose tries again, and delivers all of them when the switch is off. delivery-failed is raised, and later delivery-late."],
];

export function faults(root) {
  const form = h("form", { class: "faults", onsubmit: (event) => event.preventDefault() });
  root.append(head("Faults", "Failures on purpose, to see what the pipeline and its alarms make of them. They end when the local target stops."), form);
  const switches = Object.fromEntries(described.map(([name]) => [name, h("input", { type: "checkbox", role: "switch", id: name, onchange: set })]));
  const latency = h("select", { id: "latency", onchange: set }, [[0, "none"], [200, "200 ms"], [1000, "1 s"], [5000, "5 s"], [30000, "30 s, longer than API Gateway waits"]].map(([value, text]) => h("option", { value }, text)));
  form.append(...described.map(([name, title, text]) => h("div", { class: "panel fault" }, switches[name], h("div", {}, h("label", { for: name }, title), h("p", { class: "muted" }, text)))),
    h("div", { class: "panel fault" }, latency, h("div", {}, h("label", { for: "latency" }, "Latency of Kinesis"), h("p", { class: "muted" }, "Each call is answered later. slow is raised; beyond 29 s API Gateway answers 504."))));
  async function set() {
    try {
      await post("faults", { ...Object.fromEntries(described.map(([name]) => [name, switches[name].checked])), latencyMilliseconds: Number(latency.value) });
    } catch (error) { toast(error); }
  }
  const draw = (f) => {
    for (const [name] of described) switches[name].checked = f[name];
    latency.value = String(f.latencyMilliseconds);
  };
  get("faults").then(draw).catch(toast);
  return on("faults", draw);
}
