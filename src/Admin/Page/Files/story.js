// One message: why it waits, who sent it to whom, what each attempt was told, and what can be done with it.
import { get } from "./api.js";
import { cell, find, foreign, heads, keep, make, setText, show as put, time } from "./dom.js";
import { attempt } from "./news.js";
import { ask, order } from "./orders.js";
import { count, distance, duration, octets } from "./text.js";

const Actions = [["retry", "Retry now"], ["hold", "Hold"], ["release", "Release"], ["reroute", "Reroute…"], ["remove", "Remove…"]];

let shown = null;
let parts = null;
let isGone = false;
let now = new Date();

export function open(id) {
  shown = id;
  isGone = false;
  parts = build(id);
  parts.title.focus();
  window.scrollTo(0, 0);
  return load().catch(tellTrouble);
}

export function close() {
  shown = null;
  parts = null;
}

export async function onLive(live) {
  now = new Date(live.at);
  if (shown && !isGone)
    await load();
}

async function load() {
  const id = shown;
  try {
    const details = await get(`messages/${id}`);
    if (shown === id)
      update(details);
  } catch (failure) {
    if (failure.status !== 404)
      throw failure;
    if (shown === id)
      showGone();
  }
}

function tellTrouble(failure) {
  if (parts)
    setText(parts.why, `It cannot be read: ${failure.message}`);
}

function build(id) {
  const made = {
    title: make("h2", { id: "message-title", tabindex: "-1" }, "Message ", make("span", { class: "mono foreign" }, id)),
    why: make("p", { class: "why" }, "…"),
    limits: make("p", { class: "note" }),
    orders: make("div", { class: "orders", role: "group", "aria-label": "Do with this message" }),
    envelope: make("dl", { class: "facts" }),
    recipients: make("tbody", { role: "rowgroup" }),
    attempts: make("tbody", { role: "rowgroup" }),
    noAttempts: make("p", { class: "note" }),
  };
  for (const [action, title] of Actions) {
    const button = make("button", { type: "button", "data-action": action, class: action === "remove" ? "danger" : undefined }, title);
    button.addEventListener("click", () => carryOut(button, id, action));
    made.orders.append(button);
  }

  find("message").replaceChildren(
    make("p", {}, make("a", { href: "#" }, "Back to the overview")),
    made.title, made.why, made.limits, made.orders,
    make("h3", { id: "envelope-title" }, "Envelope"), made.envelope,
    make("h3", { id: "recipients-title" }, "Recipients"),
    make("table", { role: "table", "aria-labelledby": "recipients-title" }, heads("Recipient", "State", "Last reply"), made.recipients),
    make("h3", { id: "attempts-title" }, "Attempts"), made.noAttempts,
    make("table", { role: "table", "aria-labelledby": "attempts-title", hidden: true }, heads("Attempt", "When", "Outcome", "Reply"), made.attempts));
  return made;
}

function update({ message, wait, recipients, attempts, ...envelope }) {
  const until = wait.until ? ` ${distance(wait.until, now)}` : "";
  setText(parts.why, wait.explanation + (until ? ` Next${until}.` : ""));
  put(parts.limits, JSON.stringify([wait, 0]),
    ...(wait.hopTrouble ? ["Its next hop said: ", foreign(wait.hopTrouble), make("br")] : []),
    wait.limit === 0 ? "" : wait.hopLimit > 0
      ? `${count(wait.hopActive)} of ${count(wait.hopLimit)} attempts run for its next hop, where ${count(wait.hopReady)} messages are ready; ${count(wait.active)} of ${count(wait.limit)} in all.`
      : `${count(wait.active)} of ${count(wait.limit)} attempts run in all.`);
  for (const [name, value] of facts(message, envelope))
    showFact(name, value);
  keep(parts.recipients, recipients.map((recipient, i) => ({ ...recipient, key: String(i) })), (recipient) => recipient.key,
    () => make("tr", { role: "row" }, cell(undefined, {}), cell("State", {}), cell("Last reply", {})), updateRecipient);
  keep(parts.attempts, [...attempts].reverse(), (one) => `${one.number} ${one.at}`, createAttempt, () => {});
  parts.attempts.parentElement.hidden = attempts.length === 0;
  setText(parts.noAttempts, attempts.length === 0 ? "None since the server began, as far as it remembers." : "");
  for (const button of parts.orders.children)
    button.disabled = false;
}

function* facts(message, envelope) {
  yield ["Sender", message.sender ? foreign(message.sender) : "<> (a report)"];
  yield ["State", message.state === "elsewhere" ? "not with this process" : message.state + (message.heldByOperator ? " by an operator" : "")];
  yield ["Received", time(message.receivedAt, `${distance(message.receivedAt, now)}`)];
  yield ["Next attempt", message.dueAt ? time(message.dueAt, distance(message.dueAt, now)) : "not while it is held"];
  yield ["Attempts", count(message.attempts)];
  yield ["Next hop", foreign(message.hop)];
  yield ["Route", message.routingDomain ? foreign(`of ${message.routingDomain}, by an operator`) : "of its recipients' domain"];
  yield ["Size", octets(message.octets)];
  yield ["From", foreign(`${envelope.clientAddress ?? "this host"} (${envelope.clientHello || "no name"})`)];
  yield ["Protocol", foreign(envelope.protocol || "none")];
  yield ["User", envelope.user ? foreign(envelope.user) : "none"];
  if (message.priority !== undefined)
    yield ["Priority", String(message.priority)];
  if (envelope.envelopeId)
    yield ["Envelope id", foreign(envelope.envelopeId)];
  if (envelope.heldForSenderUntil)
    yield ["Held for its sender", time(envelope.heldForSenderUntil, `until ${distance(envelope.heldForSenderUntil, now)}`)];
  if (envelope.deliverBy)
    yield ["Deliver by", time(envelope.deliverBy, distance(envelope.deliverBy, now))];
}

function showFact(name, value) {
  let entry = [...parts.envelope.children].find((child) => child.firstChild.textContent === name);
  if (!entry) {
    entry = make("div", {}, make("dt", {}, name), make("dd"));
    parts.envelope.append(entry);
  }

  put(entry.lastChild, typeof value === "string" ? value : value.textContent, value);
}

function updateRecipient(row, recipient) {
  const [address, state, reply] = row.cells;
  put(address, recipient.address, foreign(recipient.address), recipient.originalRecipient ? make("small", {}, "originally ", foreign(recipient.originalRecipient)) : null);
  setText(state, recipient.phase);
  put(reply, (recipient.lastReply ?? "") + (recipient.remote ?? ""), recipient.lastReply ? foreign(recipient.lastReply) : null, recipient.remote ? make("small", {}, foreign(recipient.remote)) : null);
}

function createAttempt(one) {
  const outcome = [[one.delivered, "delivered"], [one.deferred, "deferred"], [one.failed, "failed"]].filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`).join(", ");
  return make("tr", { role: "row" },
    cell("Attempt", {}, count(one.number)),
    cell("When", {}, time(one.at), make("small", {}, `took ${duration(one.seconds)}`)),
    cell("Outcome", {}, outcome || "nothing", make("small", {}, "via ", foreign(one.hop))),
    cell("Reply", {}, one.reply ? foreign(one.reply) : "none", make("small", {}, one.remote ? foreign(one.remote) : "nobody answered", "; TLS: ", one.tls ? foreign(one.tls) : "none")));
}

function showGone() {
  isGone = true;
  setText(parts.why, "It is not in the queue, or not any more: it was delivered, returned or removed.");
  put(parts.limits, "");
  for (const button of parts.orders.children)
    button.disabled = true;
}

async function carryOut(button, id, action) {
  const what = await ask(action, "the message");
  if (!what)
    return;

  await attempt(button, async () => {
    const result = await order(what, { ids: [id] });
    if (shown === id)
      await load();
    return result;
  });
}
