import { h, morph, pretty, clock, bytes, count, number, statusClass, pre } from "./dom.js";
import { get, on, post } from "./api.js";
import { poll } from "./view.js";
import { toast } from "./toast.js";

const firstEvent = `{"value":"30","type":"Tip 3"}`;
const firstBatch = `[\n  {"value":"30","type":"Tip 3"},\n  {"value":"31","type":"Tip 4"}\n]`;

let draft = null; // what was typed before another view was opened
let followed = null;

export function send(root) {
  const routes = h("select", { id: "route" });
  const headers = h("textarea", { id: "headers", rows: "2", spellcheck: "false" });
  const body = h("textarea", { id: "event", rows: "3", spellcheck: "false", "aria-describedby": "access" });
  const bare = h("input", { type: "checkbox", id: "bare" });
  const access = h("p", { class: "muted", id: "access" });
  const button = h("button", { type: "submit", class: "primary" }, "Send");
  const result = h("div", { id: "follow", "aria-live": "polite" });
  const bareLabel = h("label", { class: "check", hidden: true }, bare, " leave it out");
  root.append(h("header", {}, h("h2", {}, "Send an event")), h("form", { onsubmit: submit },
    h("div", { class: "row" }, h("label", { for: "route" }, "Route"), routes, button),
    h("label", { for: "event" }, "Body"), body,
    h("details", {}, h("summary", {}, "Headers and access"), h("label", { for: "headers" }, "Headers, one per line"), headers, access, bareLabel)), result);
  headers.value = draft?.headers ?? "Content-Type: application/json";
  body.value = draft?.body ?? firstEvent;
  let all = [];
  const chosen = () => all[routes.selectedIndex];
  const describe = () => {
    const route = chosen();
    if (!route) return;
    const needs = route.access !== "none";
    access.textContent = needs ? `The method requires an ${route.access}; it is added.` : "The method requires neither key nor signature.";
    bareLabel.hidden = !needs;
    if (body.value === firstEvent && route.path.endsWith("batch")) body.value = firstBatch;
    if (body.value === firstBatch && !route.path.endsWith("batch")) body.value = firstEvent;
  };
  routes.addEventListener("change", describe);
  // Ctrl+Enter sends, as in many editors.
  body.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) root.querySelector("form").requestSubmit(); });

  async function load() {
    const found = (await get("send/routes")).filter((r) => r.method !== "OPTIONS");
    if (JSON.stringify(found) === JSON.stringify(all)) return;
    const index = Math.max(routes.selectedIndex, draft?.route ?? 0, 0);
    all = found;
    routes.replaceChildren(...all.map((r) => h("option", {}, `${r.method} ${r.path}`)));
    routes.selectedIndex = Math.min(index, all.length - 1);
    button.disabled = all.length === 0;
    describe();
  }

  async function submit(event) {
    event.preventDefault();
    const route = chosen();
    if (!route) return;
    button.disabled = true;
    try {
      followed = await post("send", {
        apiId: route.apiId, stage: route.stage, method: route.method, path: route.path, body: body.value, bare: bare.checked,
        headers: parseHeaders(headers.value),
      });
      morph(result, content());
    } catch (error) { toast(error); }
    button.disabled = false;
  }

  const content = () => followed ? [answer(followed), hops(followed.follow), answerBody(followed)] : [];
  const ends = [
    on("deployment", () => load().catch(toast)),
  ];
  let known = "";
  ends.push(on("state", (s) => { // a stage that comes later is found, too
    const now = s.gateways.map((g) => g.url + g.routes.length).join();
    if (now !== known) { known = now; load().catch(toast); }
  }));
  const poller = poll(result, 500, async () => {
    if (followed && !followed.follow.done) followed.follow = await get("follow", { requestId: followed.requestId });
    return content();
  });
  return () => {
    draft = { headers: headers.value, body: body.value, route: routes.selectedIndex };
    ends.forEach((end) => end());
    poller.end();
  };
}

function parseHeaders(text) {
  return Object.fromEntries(text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`Headers: must be NAME: VALUE, not ${line}`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  }));
}

function answer(sent) {
  return h("div", { class: "answer" },
    h("p", {}, h("span", { class: `status ${statusClass(sent.status)}` }, sent.status), ` in ${number(sent.milliseconds)} ms, request `,
      h("a", { href: `#/logs?q=${encodeURIComponent(sent.requestId)}` }, sent.requestId)),
    sent.status >= 300 && pre("Answer", pretty(sent.body)));
}

const answerBody = (sent) => sent.status < 300 && h("details", {}, h("summary", {}, "The answer"), pre("Answer", pretty(sent.body)));

// hops are the parts that an event passes, with what is known of each.
function hops(f) {
  if (!f.call) return h("p", { class: "muted" }, "API Gateway answered by itself: nothing was sent to Kinesis.");
  const stored = f.records.filter((r) => r.sequenceNumber);
  const found = f.records.filter((r) => r.line > 0);
  return h("ol", { class: "hops" },
    hop("API Gateway", f.call.problem ? "bad" : "done", `rendered ${f.call.action} as ${f.call.role}`,
      h("details", {}, h("summary", {}, "The rendered call"), pre("Rendered call", pretty(f.call.request)),
        f.records.length === 1 && h("p", { class: "muted" }, "Data is ", h("code", {}, f.records[0].data)))),
    stored.length > 0
      ? hop("Kinesis", stored.length === f.records.length ? "done" : "bad", `stored ${count(stored.length, "event")}${failed(f)}`, h("ul", {}, f.records.slice(0, 10).map(position)))
      : hop("Kinesis", "bad", f.call.problem || "stored nothing", f.call.response && pre("Answer of Kinesis", pretty(f.call.response))),
    stored.length > 0 && hop("Firehose", f.buffer || found.length ? "done" : "waiting",
      f.buffer ? `${f.buffer.deliveryStream} buffers ${count(f.buffer.records, "event")}, ${bytes(f.buffer.bytes)}` : "reads the stream",
      f.buffer && !f.done && h("p", { class: "muted" }, `delivers at ${clock(f.buffer.due)}, ${left(f.buffer.due)}, or when the buffer is full`)),
    stored.length > 0 && hop("S3", f.done && found.length ? "done" : "waiting", found.length ? `${count(found.length, "event")} of ${stored.length} in the bucket` : "waits for the object",
      found.length > 0 && h("ul", {}, found.slice(0, 10).map((r) => h("li", {},
        h("a", { href: `#/objects?bucket=${encodeURIComponent(r.bucket)}&key=${encodeURIComponent(r.key)}&line=${r.line}` }, r.key), `, line ${r.line}`)))));
}

function left(due) {
  const seconds = Math.ceil((new Date(due) - Date.now()) / 1000);
  return seconds > 0 ? `in ${seconds} s` : "now";
}

function failed(f) {
  const codes = [...new Set(f.records.map((r) => r.errorCode).filter(Boolean))];
  return codes.length ? `, refused ${f.records.filter((r) => r.errorCode).length}: ${codes.join(", ")}` : "";
}

const position = (r) => h("li", {}, r.sequenceNumber
  ? [h("a", { href: `#/records?shard=${encodeURIComponent(r.shardId)}&q=${r.sequenceNumber}` }, r.shardId), h("span", { class: "muted" }, ` sequence number ${r.sequenceNumber}, key ${r.partitionKey}`)]
  : h("span", { class: "bad-text" }, r.errorCode || "not stored"));

const hop = (name, kind, text, ...details) => h("li", { class: kind }, h("p", {}, h("strong", {}, name), " ", text), details);
