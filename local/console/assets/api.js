const token = document.querySelector("meta[name=console-token]").content;

async function answer(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? `the console answered ${response.status}`);
  return body;
}

export async function get(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== ""));
  return answer(await fetch(`/api/${path}${query.size ? "?" + query : ""}`));
}

export async function post(path, body) {
  return answer(await fetch(`/api/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json", "X-Console-Token": token }, body: JSON.stringify(body),
  }));
}

const listeners = new Map();
let latest = null;

// on calls a listener with each event of a name; the returned function ends that. A state that is known is passed on at once.
export function on(name, listener) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  if (name === "state" && latest) listener(latest);
  return () => listeners.get(name).delete(listener);
}

export const state = () => latest;

function call(name, content) {
  for (const listener of listeners.get(name) ?? []) listener(content);
}

// connect receives the server's events. After the console was away, its token is another one: the page is loaded again.
export function connect() {
  const source = new EventSource("/api/stream");
  let lost = false;
  source.onopen = async () => {
    if (lost) {
      const page = await (await fetch("/")).text();
      if (!page.includes(token)) { location.reload(); return; }
    }
    lost = false;
    call("connection", true);
  };
  source.onerror = () => { lost = true; call("connection", false); };
  for (const name of ["state", "request", "alarm", "faults", "deployment"]) {
    source.addEventListener(name, (event) => {
      const content = JSON.parse(event.data);
      if (name === "state") latest = content;
      call(name, content);
    });
  }
}
