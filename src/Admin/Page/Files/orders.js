// Orders for messages: by ids, by the filter, or for all.
import { post } from "./api.js";
import { find, setText } from "./dom.js";
import { count, outcomes, sum } from "./text.js";

const MostIds = 1000;
const MostARequest = 10_000;

// Carries an order out ({ action } and what it needs), in as many requests as it takes; what became of the messages comes back in words.
export async function order(what, target, onProgress = () => {}) {
  const results = [];
  if (target.ids) {
    for (let i = 0; i < target.ids.length; i += MostIds)
      results.push(...(await post("messages/actions", { ...what, ids: target.ids.slice(i, i + MostIds) })).messages);
    return describe(results);
  }

  let cursor;
  do {
    const answer = await post("messages/actions", { ...what, ...target, limit: MostARequest, cursor });
    results.push(...answer.messages);
    cursor = answer.next;
    onProgress(`${count(results.length)} so far.`);
  } while (cursor);
  return describe(results);
}

const describe = (results) => outcomes(sum(results.map((message) => message.outcome)));

// Asks what an order needs before it is given: whether to tell the senders, or which way. The answer is what to send, or null to do nothing.
export async function ask(action, words) {
  if (action === "remove")
    return await confirmRemoval(`This removes ${words}.`);
  if (action === "reroute")
    return await askWay(`Sends ${words} by another way, now and from now on; what is held stays held. The recipients do not change.`);
  return { action };
}

function confirmRemoval(text) {
  const bounces = find("confirm-bounce");
  setText(find("confirm-text"), text);
  bounces.checked = false;
  return answerOf("confirm", find("confirm-no"), () => ({ action: bounces.checked ? "bounce" : "remove" }));
}

function askWay(text) {
  const to = find("reroute-to"), own = find("reroute-own"), wrong = find("reroute-wrong");
  setText(find("reroute-text"), text);
  setText(wrong, "");
  to.value = "";
  own.checked = false;
  return answerOf("reroute", to, () => {
    const domain = to.value.trim();
    if (own.checked ? domain : !domain) {
      setText(wrong, own.checked ? "Either a domain or their own route." : "Which domain?");
      return null;
    }

    return own.checked ? { action: "reroute", ownRoute: true } : { action: "reroute", to: domain };
  });
}

// Shows a dialog with its focus there; what it was sent with, or null where it was left. One whose answer is null stays open.
function answerOf(name, focused, read) {
  const dialog = find(name);
  dialog.showModal();
  focused.focus();
  return new Promise((resolve) => {
    let answer = null;
    find(`${name}-no`).onclick = () => dialog.close();
    find(`${name}-form`).onsubmit = (event) => {
      event.preventDefault();
      answer = read();
      if (answer)
        dialog.close();
    };
    dialog.onclose = () => resolve(answer);
  });
}
