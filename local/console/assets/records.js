import { h, morph, number, clock, empty, pretty, pre } from "./dom.js";
import { get, state } from "./api.js";
import { head, field, poll, replaceQuery, debounce } from "./view.js";

export function records(root, parameters) {
  const stream = h("select"), shard = h("select"), search = h("input", { type: "search", placeholder: "text, key or sequence number" });
  const list = h("div", { class: "list" }), note = h("p", { class: "muted" });
  search.value = parameters.q ?? "";
  let wanted = { stream: parameters.stream, shard: parameters.shard };
  let drawn = "";
  const fill = () => {
    const s = state();
    if (!s) return;
    const names = s.streams.map((x) => x.name);
    options(stream, names, wanted.stream);
    const at = s.streams.find((x) => x.name === stream.value);
    options(shard, ["", ...(at?.shards.map((x) => x.id) ?? [])], wanted.shard, (id) => id || "all shards");
    wanted = {};
  };
  const changed = debounce(() => { replaceQuery("records", { stream: stream.value, shard: shard.value, q: search.value }); return poller.now(); });
  for (const control of [stream, shard, search]) control.addEventListener("input", changed);
  root.append(head("Records", "What the stream holds, decoded, newest first.", field("Stream", stream), field("Shard", shard), field("Search", search)), note, list);
  const poller = poll(note, 2000, async () => {
    fill();
    if (!stream.value) { morph(list, empty("No stream", "Deploy the stack first.")); return ""; }
    const found = await get("records", { stream: stream.value, shard: shard.value, q: search.value });
    const key = JSON.stringify(found.records.map((r) => r.sequenceNumber));
    if (key !== drawn) { drawn = key; list.replaceChildren(...rows(found.records)); }
    return found.records.length === 0 ? "" : `${number(found.records.length)} shown, of the newest ${number(found.searched)} records`;
  });
  return poller.end;
}

function options(select, values, chosen, text = (value) => value) {
  const before = chosen ?? select.value;
  if ([...select.options].map((o) => o.value).join() !== values.join()) {
    select.replaceChildren(...values.map((value) => h("option", { value }, text(value))));
  }
  if (values.includes(before)) select.value = before;
}

function rows(found) {
  if (found.length === 0) return [empty("No record", "Send an event, or search for something else.")];
  return found.map((r) => h("details", { class: "entry" },
    h("summary", {}, h("time", {}, clock(r.arrived)), h("span", { class: "shard" }, r.shardId.replace(/^shardId-0*(?=\d)/, "shard ")),
      h("code", { class: "one-line" }, r.text)),
    h("dl", { class: "pairs" }, pair("Sequence number", r.sequenceNumber), pair("Partition key", r.partitionKey), pair("Arrived", new Date(r.arrived).toISOString()), pair("Size", `${number(r.bytes)} bytes`)),
    r.binary && h("p", { class: "muted" }, "The data is no text: base64."),
    pre("Data", r.binary ? r.text : pretty(r.text)), r.cut && h("p", { class: "muted" }, "Only the beginning is shown.")));
}

const pair = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
