import { h, morph, rate, number, bytes, clock, ago, count, statusClass } from "./dom.js";
import { on } from "./api.js";
import { send } from "./send.js";

const shardRecords = 1000, shardBytes = 1_000_000;

export function pipeline(root, parameters) {
  const path = h("section", { class: "path", "aria-label": "Event path" }), alerts = h("div", { class: "alerts" });
  const requests = h("ol", { class: "requests" });
  const sender = h("section", { class: "panel", "aria-label": "Send an event" });
  root.append(h("h1", { class: "hidden" }, "Pipeline"), path, alerts, h("div", { class: "columns" }, sender,
    h("section", { class: "panel", "aria-label": "Recent requests" },
      h("header", {}, h("h2", {}, "Recent requests"), h("span", { class: "muted" }, "a sample, newest first")), requests,
      h("p", { class: "muted", id: "no-requests" }, "No request since this page was opened."))));
  const endSend = send(sender, parameters);
  const rows = [];
  let last = null;
  const draw = () => { if (last) { morph(path, cards(last)); morph(alerts, failures(last)); } };
  const ends = [
    on("state", (s) => { last = s; draw(); }),
    on("request", (r) => {
      rows.unshift(r);
      rows.length = Math.min(rows.length, 40);
      root.querySelector("#no-requests")?.remove();
      morph(requests, rows.map(requestRow));
    }),
  ];
  // The countdown of the buffer goes on between two states.
  const timer = setInterval(draw, 250);
  return () => { ends.forEach((end) => end()); endSend(); clearInterval(timer); };
}

function requestRow(r) {
  return h("li", {}, h("a", { href: `#/logs?q=${encodeURIComponent(r.requestId)}`, title: "Find its log lines" },
    h("span", { class: `status ${statusClass(r.status)}` }, r.status),
    h("span", { class: "what" }, `${r.method} ${r.path || "(no such path)"}`),
    h("span", { class: "muted" }, `${number(r.milliseconds)} ms`),
    h("time", { class: "muted" }, clock(r.at))),
    r.problem && h("p", { class: "bad-text" }, r.problem));
}

function cards(s) {
  const accepted = sum(s.gateways.flatMap((g) => g.routes), (r) => r.rates.ok);
  const all = sum(s.gateways.flatMap((g) => g.routes), (r) => r.rates.ok + r.rates.clientErrors + r.rates.throttled + r.rates.serverErrors);
  const events = sum(s.streams.flatMap((x) => x.shards), (x) => x.records);
  const volume = sum(s.streams.flatMap((x) => x.shards), (x) => x.bytes);
  const buffered = sum(s.deliveryStreams, (d) => d.bufferRecords);
  return [
    card("producer", "Producer", "#/", "curl, a service, a device", null, [
      figure(rate(all), "requests/s"), figure(rate(accepted), "answered 2xx/s"),
    ]), arrow(all > 0, `${rate(all)}/s`),
    card("gateway", "API Gateway", `#/logs?group=${encodeURIComponent(logGroup(s))}`, name(s.gateways), trouble(s, "gateway", s.gateways.map((g) => g.problem).find(Boolean)), gateway(s)),
    arrow(events > 0, `${rate(events)} ev/s`),
    card("stream", "Kinesis", "#/records", name(s.streams), trouble(s, "stream"), s.streams.map(stream)),
    arrow(events > 0, `${bytes(volume)}/s`),
    card("delivery", "Firehose", "#/logs?group=%2Faws%2Fkinesisfirehose", name(s.deliveryStreams), trouble(s, "delivery", firehoseProblem(s)), s.deliveryStreams.map((d) => delivery(d, s))),
    arrow(buffered > 0, `${number(buffered)} waiting`),
    card("bucket", "S3", "#/objects", name(s.buckets), null, bucket(s)),
  ];
}

const sum = (list, of) => list.reduce((total, item) => total + of(item), 0);
const name = (list) => list.length === 0 ? "none yet" : list.length === 1 ? list[0].name : `${list[0].name} and ${list.length - 1} more`;
const logGroup = (s) => s.gateways.length ? `API-Gateway-Execution-Logs_${s.gateways[0].apiId}/${s.gateways[0].stage}` : "";

function card(part, title, href, subtitle, problem, content) {
  return h("article", { class: `card ${problem ? "failing" : ""}`, "data-part": part },
    h("header", {}, h("h2", {}, h("a", { href }, title)), h("p", { class: "name", title: subtitle }, subtitle)),
    h("div", { class: "content" }, content),
    problem && h("p", { class: "problem" }, problem));
}

const arrow = (flowing, label) => h("div", { class: `arrow ${flowing ? "flowing" : ""}`, "aria-hidden": "true" }, h("span", {}, label), h("i"));
const figure = (value, unit) => h("p", { class: "figure" }, h("strong", {}, value), " ", h("span", {}, unit));

// trouble is why a part is red: what fails now, or its alarms.
function trouble(s, part, problem) {
  const raised = s.alarms.filter((a) => a.part === part && a.state === "ALARM");
  if (!problem && raised.length === 0) return null;
  return [
    problem && h("span", {}, problem.text.split(":")[0]),
    raised.map((a) => h("a", { href: `#/alarms?name=${encodeURIComponent(a.name)}`, class: "raised" }, `Alarm ${a.name}`)),
  ];
}

// failures are what fails now, in full.
function failures(s) {
  return [["API Gateway", s.gateways.map((g) => g.problem).find(Boolean)], ["Firehose", firehoseProblem(s)]].filter(([, p]) => p).map(([part, p]) =>
    h("p", { class: "problem" }, h("span", {}, h("strong", {}, part), ` ${p.text} `, p.requestId && h("a", { href: `#/logs?q=${encodeURIComponent(p.requestId)}` }, "Show the log"))));
}

function firehoseProblem(s) {
  const failing = s.deliveryStreams.find((d) => d.fault);
  if (!failing) return null;
  const again = failing.fault.retryAt ? ` Next attempt at ${clock(failing.fault.retryAt)}.` : "";
  return { text: `${failing.fault.code}: ${failing.fault.message}${again}` };
}

function gateway(s) {
  const routes = s.gateways.flatMap((g) => g.routes).filter((r) => r.method !== "OPTIONS");
  if (routes.length === 0) return h("p", { class: "muted" }, "No stage is deployed.");
  return h("table", { class: "routes" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "per second"), ["2xx", "4xx", "429", "5xx"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, routes.map((r) => h("tr", {},
      h("th", { scope: "row" }, r.path ? r.path : "other paths"),
      cell(r.rates.ok, "good"), cell(r.rates.clientErrors, "client"), cell(r.rates.throttled, "warn"), cell(r.rates.serverErrors, "bad")))));
}

const cell = (n, kind) => h("td", { class: n > 0 ? kind : "none" }, n > 0 ? rate(n) : "0");

const shownShards = 4;

function stream(x) {
  const shards = [...x.shards].sort((a, b) => b.records - a.records);
  return h("div", {}, shards.slice(0, shownShards).map((shard) => {
    const load = Math.max(shard.records / shardRecords, shard.bytes / shardBytes);
    const id = shard.id.replace(/^shardId-0*(?=\d)/, "shard ");
    return h("a", { class: "meter", href: `#/records?shard=${encodeURIComponent(shard.id)}`, title: `${number(shard.total)} events since the start` },
      h("span", { class: "meter-label" }, h("span", {}, id), h("span", {}, `${rate(shard.records)} of 1,000 ev/s`)),
      bar(load, `${id}: ${Math.round(load * 100)} % of its limit`, true),
      h("span", { class: "muted" }, `${bytes(shard.bytes)}/s of 1 MB/s`));
  }), shards.length > shownShards && h("p", { class: "muted" }, `and ${count(shards.length - shownShards, "more shard")}`),
  h("p", { class: "muted" }, `${x.mode === "ON_DEMAND" ? "on demand" : "provisioned"}, keeps events ${x.retentionHours} h`));
}

function bar(share, label, limited = false) {
  const kind = !limited ? "" : share >= 1 ? "bad" : share >= 0.8 ? "warn" : "";
  return h("span", { class: `bar ${kind}`, role: "meter", "aria-label": label, "aria-valuenow": Math.round(Math.min(share, 1) * 100), "aria-valuemin": 0, "aria-valuemax": 100 },
    h("span", { style: { width: `${Math.min(100, share * 100)}%` } }));
}

function delivery(d) {
  const left = d.due ? Math.max(0, (new Date(d.due) - Date.now()) / 1000) : null;
  return h("div", {},
    h("div", { class: "meter" }, h("span", { class: "meter-label" }, h("span", {}, "buffer"), h("span", {}, `${bytes(d.bufferBytes)} of ${bytes(d.limitBytes)}`)),
      bar(d.bufferBytes / d.limitBytes, "Size of the buffer"), h("span", { class: "muted" }, count(d.bufferRecords, "event"))),
    h("div", { class: "meter" }, h("span", { class: "meter-label" }, h("span", {}, "interval"), h("span", {}, left === null ? `${d.intervalSeconds} s` : `${Math.ceil(left)} s left`)),
      bar(left === null ? 0 : 1 - left * 1000 / Math.max(new Date(d.due) - new Date(d.since), 1), "Time of the buffer"),
      h("span", { class: "muted" }, left === null ? "starts with the next event" : `next object at ${clock(d.due)}`)));
}

function bucket(s) {
  const newest = s.buckets.flatMap((b) => b.newest.map((o) => ({ ...o, bucket: b.name }))).sort((a, b) => new Date(b.at) - new Date(a.at)).slice(0, 4);
  if (newest.length === 0) return h("p", { class: "muted" }, "No object yet: Firehose writes one when its buffer or its interval is full.");
  return h("ul", { class: "newest" }, newest.map((o) => h("li", {},
    h("a", { href: `#/objects?bucket=${encodeURIComponent(o.bucket)}&key=${encodeURIComponent(o.key)}`, title: o.key }, o.key.split("/").slice(-1)[0].replace(/^.*?-(\d{4}-\d\d-\d\d-)/, "$1")),
    h("span", { class: "muted" }, `${o.records ? count(o.records, "event") : bytes(o.bytes)}, ${ago(o.at)}`))));
}
