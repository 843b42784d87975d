// How much mail comes and goes, how fast, and whether deliveries run.
import { post } from "./api.js";
import { drawSpark, find, make, setText, show as put, spark } from "./dom.js";
import { attempt } from "./news.js";
import { count, duration, many, octets, rate } from "./text.js";

const Rates = [["accepted", "Accepted", "messages"], ["delivered", "Delivered", "recipients"], ["deferred", "Deferred", "recipients"], ["bounced", "Bounced", "recipients"], ["refused", "Refused", "times"]];

const cards = new Map();
let isPaused = false;

export function start(refresh) {
  for (const [name, title, unit] of Rates) {
    const card = { rate: make("span", { class: "rate" }, "–"), total: make("span", { class: "total" }), picture: spark() };
    cards.set(name, card);
    find("rates").append(make("li", { "data-rate": name }, make("div", { class: "name" }, title), card.rate, make("span", { class: "unit" }, " a second"), make("div", {}, card.total, make("span", { class: "total" }, ` ${unit}`)), card.picture));
  }

  const button = find("pause");
  button.addEventListener("click", () => attempt(button, async () => {
    const pauses = !isPaused;
    await post(pauses ? "pause" : "resume", {});
    await refresh();
    return pauses ? "Deliveries are paused." : "Deliveries go on.";
  }));
}

export function show(live) {
  for (const [name] of Rates) {
    const card = cards.get(name), figure = live.figures[name];
    setText(card.rate, rate(figure.now));
    setText(card.total, count(figure.total));
    drawSpark(card.picture, figure.series);
  }

  for (const [name, value] of figures(live))
    showFigure(name, value);
  setText(find("up"), duration(live.figures.upSeconds));
  showCondition(live.queue);
}

function* figures(live) {
  const { delivery, flush, batch, connections } = live.figures;
  yield ["From 250 to delivery", delivery ? `${duration(delivery.median)}, 99 of 100 within ${duration(delivery.p99)}` : "nothing delivered in the last minute"];
  if (flush)
    yield ["Flush", `${duration(flush.median)}, 99 of 100 within ${duration(flush.p99)}`];
  if (batch)
    yield ["Requests a flush", `${rate(batch.mean)}, 99 of 100 up to ${count(batch.p99)}`];
  yield ["Connections", count(connections)];
  if (!live.queue)
    return;
  yield ["Waiting for their time", count(live.queue.waiting)];
  yield ["Ready, waiting for their turn", count(live.queue.ready)];
  yield ["Being attempted", count(live.queue.active)];
  yield ["Stored", `${count(live.queue.storedItems)}, ${octets(live.queue.storedOctets)}`];
  yield ["Oldest", live.oldest ? make("a", { href: `#message/${live.oldest.id}` }, duration(live.oldest.seconds)) : "none"];
}

function showFigure(name, value) {
  const list = find("figures");
  let entry = [...list.children].find((child) => child.firstChild.textContent === name);
  if (!entry) {
    entry = make("div", {}, make("dt", {}, name), make("dd"));
    list.append(entry);
  }

  if (typeof value === "string") {
    put(entry.lastChild, value, value);
  } else {
    // The link stays the same element while only its text changes: somebody may be about to follow it.
    const link = entry.lastChild.querySelector("a");
    if (link)
      link.setAttribute("href", value.getAttribute("href"));
    if (link)
      setText(link, value.textContent);
    else
      put(entry.lastChild, "link", value);
  }
}

function showCondition(queue) {
  const [text, kind] = judge(queue);
  const condition = find("condition");
  setText(condition, text);
  condition.className = `badge ${kind}`;
  const button = find("pause");
  button.hidden = !queue;
  isPaused = queue?.paused ?? false;
  setText(button, isPaused ? "Resume deliveries" : "Pause deliveries");
}

function judge(queue) {
  if (!queue)
    return ["relays while clients wait", "good"];
  if (!queue.acceptsNew)
    return [`takes no new mail: ${queue.storageProblem ?? "the storage refuses it"}`, "bad"];
  if (queue.paused)
    return ["deliveries are paused", "warn"];
  if (queue.holds)
    return ["stores only", "warn"];
  if (queue.loading)
    return ["reading what is stored", "warn"];
  return queue.suspendedHops > 0 ? [`delivers; ${many(queue.suspendedHops, "next hop")} down`, "warn"] : ["delivers", "good"];
}
