import { h, morph } from "./dom.js";
import { toast } from "./toast.js";

// head begins a view: its title, what it shows, and its controls.
export const head = (title, text, ...controls) => h("header", { class: "view" },
  h("div", {}, h("h1", {}, title), text && h("p", { class: "muted" }, text)), controls.length > 0 && h("div", { class: "controls" }, controls));

// field is a labelled control.
export const field = (label, control) => h("label", { class: "field" }, h("span", {}, label), control);

// poll draws into an element at once, and again every period while the page is visible. Drawing returns what the element
// contains. The returned object draws at once (now) or ends (end).
export function poll(element, period, draw) {
  let ended = false, running = false;
  const now = async () => {
    if (running || ended) return;
    running = true;
    try {
      const content = await draw();
      if (!ended && content !== undefined) morph(element, content);
    } catch (error) {
      if (!ended) morph(element, h("p", { class: "bad-text" }, error.message));
    }
    running = false;
  };
  now();
  const timer = setInterval(() => { if (!document.hidden) now(); }, period);
  return { now, end: () => { ended = true; clearInterval(timer); } };
}

// go opens a view without another entry in the history.
export function replaceQuery(view, parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  history.replaceState(null, "", `#/${view}${query.size ? "?" + query : ""}`);
}

// debounce calls a function when nothing has been typed for a moment.
export function debounce(call) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(() => Promise.resolve(call()).catch(toast), 200); };
}
