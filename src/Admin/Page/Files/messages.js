// The list of messages: search, pages, and orders for those selected or for all that match.
import { get } from "./api.js";
import { cell, find, foreign, keep, make, setText, show as put, time } from "./dom.js";
import { attempt, tell } from "./news.js";
import { ask, order } from "./orders.js";
import { count, distance, duration, many, octets, safe } from "./text.js";

const PageSize = 50;

// A search for an address may find nothing in one answer's share of a long queue, and still have something behind it.
const MostAnswers = 10;
const TimeBetween = 10_000;
const Shown = 3;
const Id = /^[0-9a-f]{32}$/i;

let filter = {};
let cursor;
let next;
let running = null;
let listedAt = -Infinity;
let answers = 0;
let now = new Date();

export function start() {
  find("search").addEventListener("submit", (event) => {
    event.preventDefault();
    read();
  });
  find("first").addEventListener("click", () => turn(undefined));
  find("next").addEventListener("click", () => turn(next));
  find("select-all").addEventListener("change", (event) => {
    for (const box of boxes())
      box.checked = event.target.checked;
    showSelected();
  });
  for (const button of find("orders").querySelectorAll("button"))
    button.addEventListener("click", () => carryOut(button));
}

// Fills the form and searches, for other parts of the page.
export function search({ kind, text }) {
  const form = find("search");
  form.reset();
  form.elements.kind.value = kind;
  form.elements.text.value = text;
  read();
  find("messages").focus();
}

// Shows the first page anew now and then, unless somebody is at it or it took a longer search.
export async function onLive(live) {
  now = new Date(live.at);
  find("messages").hidden = !live.queue;
  if (!live.queue || find("overview").hidden || running || cursor !== undefined || answers > 1 || performance.now() - listedAt < TimeBetween)
    return;
  if (listedAt === -Infinity || (!boxes().some((box) => box.checked) && !find("list").contains(document.activeElement)))
    await refresh();
}

// A search of the reader's ends it, and goes on instead.
async function refresh() {
  try {
    await list();
  } catch (failure) {
    if (failure.name !== "AbortError")
      throw failure;
  }
}

function read() {
  const { kind, text, state, age } = find("search").elements;
  const wanted = text.value.trim();
  if (kind.value === "id" && wanted) {
    if (Id.test(wanted))
      location.hash = `#message/${wanted.toLowerCase()}`;
    else
      tell("An id has 32 hexadecimal digits.", true);
    return;
  }

  filter = {};
  if (wanted)
    filter[kind.value] = wanted;
  if (state.value)
    filter.state = state.value;
  if (age.value)
    filter.olderThan = Number(age.value);
  turn(undefined);
}

async function turn(to) {
  cursor = to;
  try {
    await refresh();
  } catch (failure) {
    tell(failure.message, true);
  }
}

async function list() {
  running?.abort();
  const mine = running = new AbortController();
  try {
    const found = new Map();
    let from = cursor, answer;
    let asked = 0;
    while (asked < MostAnswers && found.size <= PageSize * 3 / 4) {
      asked++;
      const query = new URLSearchParams({ ...filter, limit: PageSize - found.size });
      if (from)
        query.set("cursor", from);
      answer = await get(`messages?${query}`, mine.signal);
      for (const message of answer.messages)
        found.set(message.id, message);
      from = answer.next;
      if (!from)
        break;
      setText(find("list-note"), "Searching…");
    }

    next = from;
    answers = asked;
    show([...found.values()], answer.onlyThisProcess);
  } finally {
    if (running === mine)
      running = null;
    listedAt = performance.now();
  }
}

function show(found, isShared) {
  find("list").hidden = found.length === 0;
  keep(find("list").tBodies[0], found, (message) => message.id, create, update);
  find("first").disabled = cursor === undefined;
  find("next").disabled = next === undefined;
  const what = found.length > 0 ? `${count(found.length)} shown${next ? ", there may be more" : ""}.` : next ? "None so far; the search goes on with the next page." : "No messages.";
  setText(find("list-note"), isShared ? `${what} Only what this process has; others may have more.` : what);
  showSelected();
}

function create(message) {
  const box = make("input", { type: "checkbox", "aria-label": `Select ${message.id}`, value: message.id, onchange: showSelected });
  return make("tr", { role: "row" }, cell(undefined, {}, box), cell(undefined, {}), cell("State", {}), cell("Age", {}), cell("Last reply", {}));
}

function update(row, message) {
  const [, what, state, age, reply] = row.cells;
  const to = message.recipients.slice(0, Shown).flatMap((address, i) => [i > 0 ? ", " : "", foreign(address)]);
  if (message.open > Shown)
    to.push(` and ${count(message.open - Shown)} more`);
  put(what, message.recipients.join(" ") + message.sender + message.hop,
    make("a", { href: `#message/${message.id}`, "aria-label": `Message ${message.id}` }, make("span", { class: "mono" }, message.id)),
    make("div", {}, message.sender ? foreign(message.sender) : "<>", " to ", ...to),
    make("small", {}, `${octets(message.octets)}, via `, foreign(message.hop)));
  const due = message.state === "waiting" && message.dueAt ? `next ${distance(message.dueAt, now)}` : message.heldByOperator ? "by an operator" : "";
  put(state, `${message.state} ${due} ${message.attempts}`, make("span", { class: message.state === "held" ? "warn" : "" }, message.state), make("small", {}, due), make("small", {}, message.attempts > 0 ? many(message.attempts, "attempt") : "not attempted yet"));
  const old = duration(Math.max(0, (now - new Date(message.receivedAt)) / 1000));
  put(age, old, time(message.receivedAt, old));
  const said = message.hopTrouble ?? message.lastReply;
  put(reply, `${message.hopTrouble ? "down" : ""} ${said ?? ""}`, message.hopTrouble ? make("small", {}, "The next hop is down: ") : null, said ? foreign(said) : null);
}

const boxes = () => [...find("list").querySelectorAll("tbody input")];

function showSelected() {
  const all = boxes(), selected = all.filter((box) => box.checked).length;
  const everything = find("select-all");
  everything.checked = selected > 0 && selected === all.length;
  everything.indeterminate = selected > 0 && selected < all.length;
  everything.disabled = all.length === 0;
  setText(find("selected"), selected > 0 ? `${count(selected)} selected:` : Object.keys(filter).length > 0 ? "All that match:" : "All messages:");
}

function target() {
  const ids = boxes().filter((box) => box.checked).map((box) => box.value);
  if (ids.length > 0)
    return [{ ids }, ids.length === 1 ? "one message" : `${count(ids.length)} messages`];
  return Object.keys(filter).length > 0 ? [{ filter }, `every message that matches (${Object.entries(filter).map(([name, value]) => `${name}: ${safe(value)}`).join(", ")})`] : [{ all: true }, "every message of the queue"];
}

async function carryOut(button) {
  const [whose, words] = target();
  const what = await ask(button.dataset.action, words);
  if (!what)
    return;

  await attempt(button, async () => {
    const result = await order(what, whose, tell);
    for (const box of boxes())
      box.checked = false;
    await turn(undefined);
    return result;
  });
}
