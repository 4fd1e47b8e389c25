import { h, morph, bytes, ago, empty, number } from "./dom.js";
import { get } from "./api.js";
import { head, poll } from "./view.js";
import { toast } from "./toast.js";

export function objects(root, parameters) {
  const tree = h("div", { class: "tree panel" }), content = h("div", { class: "panel content" });
  root.append(head("Objects", "What is in S3. Compressed objects are shown decompressed."), h("div", { class: "columns narrow-first" }, tree, content));
  const key = parameters.key ?? "";
  const prefix = parameters.prefix ?? key.slice(0, key.lastIndexOf("/") + 1);
  const link = (bucket, more) => `#/objects?${new URLSearchParams({ bucket, ...more })}`;
  const poller = poll(tree, 3000, async () => {
    const buckets = await get("objects");
    if (buckets.length === 0) return empty("No bucket", "Deploy the stack first.");
    const bucket = parameters.bucket ?? buckets[0];
    const folder = await get("objects", { bucket, prefix });
    const parts = prefix.split("/").filter(Boolean);
    return [
      buckets.length > 1 && h("p", {}, buckets.map((b) => h("a", { href: link(b), class: "chip" }, b))),
      h("nav", { class: "crumbs", "aria-label": "Folder" }, h("a", { href: link(bucket) }, bucket),
        parts.map((part, i) => [" / ", h("a", { href: link(bucket, { prefix: parts.slice(0, i + 1).join("/") + "/" }) }, part)])),
      h("ul", { class: "files" }, folder.folders.map((name) => h("li", {}, h("a", { href: link(bucket, { prefix: `${prefix}${name}/` }) }, `▸ ${name}/`))),
        folder.objects.map((o) => h("li", {}, h("a", { href: link(bucket, { key: o.key }), "aria-current": o.key === key ? "true" : null }, o.key.slice(prefix.length)),
          h("span", { class: "muted" }, `${bytes(o.bytes)}, ${ago(o.at)}`)))),
      folder.folders.length + folder.objects.length === 0 && empty("Empty", "Firehose writes an object when its buffer or its interval is full."),
      folder.omitted > 0 && h("p", { class: "muted" }, `and ${number(folder.omitted)} older ones`),
    ];
  });
  if (key) show(content, parameters.bucket, key, parameters.line).catch(toast);
  else content.append(empty("No object chosen", "Choose one on the left."));
  return poller.end;
}

async function show(root, bucket, key, line) {
  const o = await get("object", { bucket, key, line });
  const lines = o.text.replace(/\n$/, "").split("\n");
  const marked = Number(line);
  morph(root, h("h2", { class: "break" }, key), h("p", { class: "muted" }, o.gzip ? "GZIP, decompressed. " : "", o.cut ? "Only a part is shown." : ""),
    h("ol", { class: "lines", start: o.firstLine, tabindex: "0", "aria-label": "Lines of the object" },
      lines.map((text, i) => h("li", { class: o.firstLine + i === marked ? "marked" : null, value: o.firstLine + i }, h("code", {}, text)))));
  root.querySelector(".marked")?.scrollIntoView({ block: "center" });
}
