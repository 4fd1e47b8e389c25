// Elements are made from text only: nothing here interprets markup.

const svgTags = new Set(["svg", "path", "line", "g", "text", "rect", "circle", "polyline", "title"]);

// h makes an element. Properties that begin with "on" are listeners, "style" is an object of CSS properties.
export function h(tag, properties = {}, ...children) {
  const element = svgTags.has(tag) && tag !== "title"
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (name === "value" && "value" in element) element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

// morph makes the children of an element those given, and keeps the nodes that stay, so that focus and selection do too.
// Listeners of the kept nodes stay those of the first time.
export function morph(element, ...children) {
  const wanted = document.createElement("div");
  add(wanted, children);
  morphChildren(element, wanted);
}

function morphChildren(old, wanted) {
  const next = [...wanted.childNodes];
  const now = [...old.childNodes];
  next.forEach((node, i) => {
    const before = now[i];
    if (!before) old.append(node);
    else if (before.nodeType !== node.nodeType || before.nodeName !== node.nodeName ||
      (before.id ?? "") !== (node.id ?? "")) before.replaceWith(node);
    else if (node.nodeType === Node.TEXT_NODE) {
      if (before.data !== node.data) before.data = node.data;
    } else {
      for (const { name } of [...before.attributes]) if (!node.hasAttribute(name)) before.removeAttribute(name);
      for (const { name, value } of [...node.attributes]) if (name !== "style" && before.getAttribute(name) !== value) before.setAttribute(name, value);
      if (before.style.cssText !== node.style.cssText) before.style.cssText = node.style.cssText;
      morphChildren(before, node);
    }
  });
  now.slice(next.length).forEach((node) => node.remove());
}

export const number = (n) => n >= 100 || Number.isInteger(n) ? Math.round(n).toLocaleString("en") : n >= 10 ? n.toFixed(0) : n.toFixed(1);
export const rate = (n) => n > 0 && n < 0.1 ? "<0.1" : number(n);

export function bytes(n) {
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (n < 1024 || unit === "GiB") return `${n < 10 && unit !== "B" ? n.toFixed(1) : Math.round(n)} ${unit}`;
    n /= 1024;
  }
}

export const clock = (at) => new Date(at).toLocaleTimeString("en-GB");
export const dateTime = (at) => new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function ago(at, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - new Date(at)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}

export const count = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;

// pretty indents JSON; other text stays as it is.
export function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text.trim(); }
}

export const statusClass = (status) => status === 429 ? "warn" : status >= 500 ? "bad" : status >= 400 ? "client" : "good";

export const empty = (title, text, ...more) => h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), text && h("p", {}, text), more);

// pre is a block of text that can be scrolled with the keyboard, too.
export const pre = (label, text, properties = {}) => h("pre", { tabindex: "0", role: "region", "aria-label": label, ...properties }, text);
