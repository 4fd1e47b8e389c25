import { h, morph, count } from "./dom.js";
import { connect, on, post, state } from "./api.js";
import { pipeline } from "./pipeline.js";
import { records } from "./records.js";
import { objects } from "./objects.js";
import { logs } from "./logs.js";
import { alarms } from "./alarms.js";
import { dashboard } from "./dashboard.js";
import { templates } from "./templates.js";
import { faults, faultTexts } from "./faults.js";
import { cost } from "./cost.js";
import { resources } from "./resources.js";
import { toast } from "./toast.js";

// Each view draws itself into an element and returns what ends it.
const views = [
  ["", "Pipeline", pipeline], ["records", "Records", records], ["objects", "Objects", objects], ["logs", "Logs", logs],
  ["alarms", "Alarms", alarms], ["dashboard", "Dashboard", dashboard], ["templates", "Templates", templates],
  ["faults", "Faults", faults], ["cost", "Cost", cost], ["resources", "Resources", resources],
];

const main = document.getElementById("main");
let end = null;
let shown = null;

function show(focus) {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const view = views.find(([name]) => name === path) ?? views[0];
  end?.();
  shown = view[0];
  main.replaceChildren();
  end = view[2](main, Object.fromEntries(new URLSearchParams(query)));
  drawNav();
  if (focus) main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function drawNav() {
  const s = state();
  const raised = s?.alarms.filter((a) => a.state === "ALARM").length ?? 0;
  const active = s ? activeFaults(s.faults).length : 0;
  const marks = { alarms: raised > 0 && h("span", { class: "badge bad" }, raised), faults: active > 0 && h("span", { class: "badge warn" }, active) };
  morph(document.getElementById("nav"), views.map(([name, title]) =>
    h("a", { href: `#/${name}`, "aria-current": name === shown ? "page" : null }, title, marks[name])));
}

function activeFaults(f) {
  const active = Object.keys(faultTexts).filter((name) => f[name]).map((name) => faultTexts[name]);
  if (f.latencyMilliseconds > 0) active.push(`Kinesis answers ${f.latencyMilliseconds.toLocaleString("en")} ms later`);
  return active;
}

function drawBanner(s) {
  const active = activeFaults(s.faults);
  const banner = document.getElementById("banner");
  if (active.length === 0) { morph(banner); return; }
  if (!banner.firstChild) {
    banner.replaceChildren(h("div", { class: "banner", role: "alert" }, h("p"), h("button", {
      type: "button", onclick: () => post("faults", { throttle: false, fail: false, refuseWrites: false, latencyMilliseconds: 0 }).catch(toast),
    }, "Switch off")));
  }
  morph(banner.querySelector("p"), h("strong", {}, "Faults are on: "), active.join(", "), ". They end when the local target stops.");
}

function drawHealth(s) {
  const health = document.getElementById("health");
  const raised = s.alarms.filter((a) => a.state === "ALARM").length;
  const problems = s.gateways.some((g) => g.problem) || s.deliveryStreams.some((d) => d.fault);
  const bad = raised > 0 || problems;
  health.className = `chip ${bad ? "bad" : "good"}`;
  health.textContent = raised > 0 ? `${count(raised, "alarm")} raised` : problems ? "failing" : s.gateways.length === 0 ? "nothing is deployed" : "healthy";
}

function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

document.getElementById("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
  const theme = dark ? "light" : "dark";
  localStorage.setItem("theme", theme);
  applyTheme(theme);
});
applyTheme(localStorage.getItem("theme") ?? "auto");

document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
window.addEventListener("hashchange", () => show(true));
on("state", (s) => { drawNav(); drawBanner(s); drawHealth(s); });
on("connection", (open) => {
  if (open) return;
  const health = document.getElementById("health");
  health.className = "chip bad";
  health.textContent = "disconnected";
});
on("alarm", (a) => (a.state === "ALARM" || a.oldState === "ALARM") && toast(`Alarm ${a.name}: ${a.state}. ${a.reason}`));
on("deployment", (d) => toast(d.problem ? `The deployment failed: ${d.problem}` : `Deployed: ${d.summary}`));
connect();
show(false);
