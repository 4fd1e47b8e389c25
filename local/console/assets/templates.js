import { h, morph, empty, pretty, statusClass, pre } from "./dom.js";
import { get, post } from "./api.js";
import { head, field, debounce } from "./view.js";
import { toast } from "./toast.js";

const stored = `{"SequenceNumber":"49646986683135544286507457936321625675700192471156785154","ShardId":"shardId-000000000000"}`;
const answers = [
  ["stored", 200, stored],
  ["a batch of two, one throttled", 200, `{"FailedRecordCount":1,"Records":[${stored},{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded"}]}`],
  ["throttled", 400, `{"__type":"ProvisionedThroughputExceededException","message":"Rate exceeded for shard shardId-000000000000"}`],
  ["access denied", 400, `{"__type":"AccessDeniedException","Message":"not authorized to perform: kinesis:PutRecord"}`],
  ["internal failure", 500, `{"__type":"InternalFailure"}`],
];

export function templates(root) {
  const method = h("select"), backend = h("select", {}, answers.map(([name]) => h("option", {}, name)));
  const body = area("body", 5), headers = area("bench-headers", 2), request = area("request-template", 18), response = area("response-template", 12);
  const which = h("select"), call = h("div"), answer = h("div"), problem = h("div", { role: "status" });
  const reset = h("button", { type: "button" }, "Reset to the deployed ones");
  root.append(head("Templates", "Edit a mapping template and see what it renders: the engine is that of the endpoint. Nothing is sent or deployed.", field("Method", method), reset), problem,
    h("div", { class: "columns bench" },
      h("section", { class: "panel", "aria-label": "Templates" }, h("label", { for: "request-template" }, "Request template"), request,
        h("div", { class: "row" }, h("label", { for: "which" }, "Response template"), which), response),
      h("section", { class: "panel", "aria-label": "Test" }, h("label", { for: "body" }, "Request body"), body, h("label", { for: "bench-headers" }, "Headers, one per line"), headers,
        h("h2", {}, "Rendered call"), call, h("div", { class: "row" }, h("label", { for: "backend" }, "Kinesis answers"), backend), h("h2", {}, "Answer to the client"), answer)));
  which.id = "which"; backend.id = "backend";
  response.setAttribute("aria-label", "Response template");
  body.value = `{"value":"30","type":"Tip 3"}`;
  headers.value = "Content-Type: application/json";
  let all = [], edited = {}, chosenStatus = "";
  const chosen = () => all[method.selectedIndex];

  async function load() {
    all = (await get("templates")).filter((t) => t.request || t.responses.length);
    if (all.length === 0) { morph(problem, empty("No template", "Deploy the stack first.")); return; }
    method.replaceChildren(...all.map((t) => h("option", {}, `${t.method} ${t.path}`)));
    open();
  }
  function open() {
    const t = chosen();
    edited = Object.fromEntries(t.responses.map((r) => [r.statusCode, r.template]));
    request.value = t.request;
    which.replaceChildren(...t.responses.map((r) => h("option", { value: r.statusCode }, `${r.statusCode}, Kinesis answers ${r.pattern || "anything else"}`)));
    openResponse();
    backend.selectedIndex = 0;
    if (t.path.endsWith("batch")) { backend.selectedIndex = 1; body.value = `[{"value":"30"},{"value":"31"}]`; } else if (body.value.startsWith("[")) body.value = `{"value":"30","type":"Tip 3"}`;
    run();
  }
  function openResponse() { chosenStatus = which.value; response.value = edited[chosenStatus] ?? ""; }
  const run = debounce(async () => {
    const t = chosen();
    if (!t) return;
    const [, backendStatus, backendBody] = answers[backend.selectedIndex];
    const deployed = Object.fromEntries(t.responses.map((r) => [r.statusCode, r.template]));
    try {
      const result = await post("templates/test", {
        apiId: t.apiId, stage: t.stage, method: t.method, path: t.path, query: "", body: body.value, backendStatus, backendBody,
        headers: Object.fromEntries(headers.value.split("\n").filter((line) => line.includes(":")).map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()])),
        request: request.value === t.request ? "" : request.value,
        responses: Object.fromEntries(Object.entries(edited).filter(([code, text]) => text !== deployed[code])),
      });
      morph(problem, result.problem && h("p", { class: "problem" }, result.problem));
      morph(call, result.call.trim() ? [pre("Rendered call", pretty(result.call)), h("p", { class: "muted break" }, decoded(result.call))] : h("p", { class: "muted" }, "The request did not get that far."));
      morph(answer, h("p", {}, h("span", { class: `status ${statusClass(result.status)}` }, result.status), " ", Object.entries(result.headers).map(([name, values]) => `${name}: ${values}`).join(", ")), pre("Answer", pretty(result.body)));
    } catch (error) {
      morph(problem, h("p", { class: "problem" }, error.message));
    }
  });
  method.addEventListener("input", open);
  reset.addEventListener("click", () => load().catch(toast));
  which.addEventListener("input", openResponse);
  response.addEventListener("input", () => { edited[chosenStatus] = response.value; run(); });
  for (const control of [request, body, headers, backend]) control.addEventListener("input", run);
  load().catch(toast);
  return () => {};
}

const area = (id, rows) => h("textarea", { id, rows: String(rows), spellcheck: "false" });

// decoded is the data of a rendered call.
function decoded(call) {
  try {
    const { Data, Records } = JSON.parse(call);
    const texts = (Records ?? [{ Data }]).map((r) => new TextDecoder().decode(Uint8Array.from(atob(r.Data), (c) => c.charCodeAt(0))).trimEnd());
    return ["Data is ", texts.map((text, i) => [i > 0 && ", ", h("code", {}, text)])];
  } catch { return ""; }
}
