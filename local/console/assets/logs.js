import { h, morph, empty } from "./dom.js";
import { get } from "./api.js";
import { head, field, poll, replaceQuery, debounce } from "./view.js";

export function logs(root, parameters) {
  const group = h("select"), search = h("input", { type: "search", placeholder: "request id or text" });
  const list = h("ol", { class: "log", tabindex: "0", "aria-label": "Log events" }), note = h("p", { class: "muted" });
  search.value = parameters.q ?? "";
  let wanted = parameters.group ?? "", drawn = "";
  const changed = debounce(() => { replaceQuery("logs", { group: group.value, q: search.value }); return poller.now(); });
  for (const control of [group, search]) control.addEventListener("input", changed);
  root.append(head("Logs", "Execution log, access log and delivery log, as they are written. A request id finds all about one request.", field("Log group", group), field("Search", search)), note, list);
  const poller = poll(note, 2000, async () => {
    const groups = await get("logs");
    const names = ["", ...groups.map((g) => g.name)];
    if ([...group.options].map((o) => o.value).join() !== names.join()) {
      group.replaceChildren(...names.map((name) => h("option", { value: name }, name || "all log groups")));
    }
    if (wanted) {
      group.value = names.find((name) => name.startsWith(wanted)) ?? "";
      wanted = "";
    }
    const events = await get("logs/events", { group: group.value, q: search.value });
    const key = events.length + (events.at(-1)?.at ?? "") + group.value + search.value;
    if (key !== drawn) {
      drawn = key;
      const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 40;
      morph(list, events.map(line));
      if (atEnd) list.scrollTop = list.scrollHeight;
    }
    return events.length === 0 ? empty("No log event", search.value ? "Nothing contains that text. The level of the execution log is a setting of the stack." : "Send an event.") : `${events.length} events, newest at the end`;
  });
  return poller.end;
}

const short = (name) => name.startsWith("API-Gateway-Execution-Logs") ? "execution" : name.includes("firehose") ? "delivery" : name.includes("access") ? "access" : name;

const line = (e) => h("li", {}, h("time", { title: e.at }, new Date(e.at).toISOString().slice(11, 23)), h("span", { class: "group", title: `${e.group}, ${e.stream}` }, short(e.group)), h("code", {}, e.message));
