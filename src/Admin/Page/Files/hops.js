// The next hops with most to do, and what can be done about them.
import { post } from "./api.js";
import { cell, find, foreign, keep, make, setText, show as put } from "./dom.js";
import { attempt } from "./news.js";
import { search } from "./messages.js";
import { count, distance, safe } from "./text.js";

let refresh = async () => {};

export function start(refreshes) {
  refresh = refreshes;
}

export function show(live) {
  find("hops-section").hidden = !live.hops;
  if (!live.hops)
    return;
  const now = new Date(live.at);
  setText(find("hops-note"), live.hops.hops.length === 0 ? "No next hop has anything to do." : live.hops.more > 0 ? `The busiest; ${count(live.hops.more)} more have something to do.` : "");
  find("hops").hidden = live.hops.hops.length === 0;
  keep(find("hops").tBodies[0], live.hops.hops, (hop) => hop.hop, create, (row, hop) => update(row, hop, now));
}

function create(hop) {
  const name = safe(hop.hop);
  const button = make("button", { type: "button" });
  const list = make("button", { type: "button", "aria-label": `List messages for ${name}`, onclick: () => search({ kind: "hop", text: hop.hop }) }, "List");
  return make("tr", { role: "row" }, cell("Next hop", {}, foreign(hop.hop)), cell("State", {}), cell("Ready", { class: "number" }), cell("Attempts now", { class: "number" }),
    cell(undefined, {}, make("div", { class: "orders" }, list, button)));
}

function update(row, hop, now) {
  const [, state, ready, active, actions] = row.cells;
  const isOff = hop.suspendedByOperator || hop.suspendedUntil !== undefined;
  const text = hop.suspendedByOperator ? "suspended by an operator" : hop.suspendedUntil ? `down, tried again ${distance(hop.suspendedUntil, now)}` : "in use";
  put(state, `${text} ${hop.trouble ?? ""}`, make("span", { class: isOff ? "warn" : "good" }, text), hop.trouble ? make("small", {}, foreign(hop.trouble)) : null);
  setText(ready, count(hop.ready));
  setText(active, `${count(hop.active)} of ${count(hop.limit)}`);
  const button = actions.querySelectorAll("button")[1];
  const verb = isOff ? "Resume" : "Suspend";
  setText(button, verb);
  button.setAttribute("aria-label", `${verb} ${safe(hop.hop)}`);
  button.onclick = () => attempt(button, async () => {
    await post(isOff ? "hops/resume" : "hops/suspend", { hop: hop.hop });
    await refresh();
    return `${hop.hop} is ${isOff ? "used again" : "suspended"}.`;
  });
}
