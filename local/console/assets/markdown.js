import { h } from "./dom.js";

// markdown shows headings, paragraphs, fenced code, lists, emphasis and code of a Markdown text.
export function markdown(text) {
  const blocks = [];
  let paragraph = [];
  const flush = () => {
    if (paragraph.length === 0) return;
    const isList = /^(-|\d+\.) /.test(paragraph[0]);
    blocks.push(isList ? h("ul", {}, items(paragraph).map((item) => h("li", {}, inline(item)))) : h("p", {}, inline(paragraph.join(" "))));
    paragraph = [];
  };
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    if (lines[i].startsWith("```")) {
      flush();
      const end = lines.findIndex((line, j) => j > i && line.startsWith("```"));
      blocks.push(h("pre", { tabindex: "0" }, lines.slice(i + 1, end < 0 ? undefined : end).join("\n")));
      i = end < 0 ? lines.length : end;
    } else if (/^#+ /.test(lines[i])) {
      flush();
      blocks.push(h("h3", {}, inline(lines[i].replace(/^#+ /, ""))));
    } else if (lines[i].trim() === "") flush();
    else paragraph.push(lines[i].trim());
  }
  flush();
  return blocks;
}

function items(lines) {
  const list = [];
  for (const line of lines) {
    if (/^(-|\d+\.) /.test(line)) list.push(line.replace(/^(-|\d+\.) /, ""));
    else list[list.length - 1] += ` ${line}`;
  }
  return list;
}

const inline = (text) => text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) =>
  part.startsWith("`") ? h("code", {}, part.slice(1, -1)) : part.startsWith("**") ? h("strong", {}, part.slice(2, -2)) : part);
