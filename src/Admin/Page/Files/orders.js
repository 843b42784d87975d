// Orders for messages: by ids, by the filter, or for all.
import { post } from "./api.js";
import { find, setText } from "./dom.js";
import { count, outcomes, sum } from "./text.js";

const MostIds = 1000;
const MostARequest = 10_000;

// Carries an order out, in as many requests as it takes; what became of the messages comes back in words.
export async function order(action, target, onProgress = () => {}) {
  const results = [];
  if (target.ids) {
    for (let i = 0; i < target.ids.length; i += MostIds)
      results.push(...(await post("messages/actions", { action, ids: target.ids.slice(i, i + MostIds) })).messages);
    return describe(results);
  }

  let cursor;
  do {
    const answer = await post("messages/actions", { action, ...target, limit: MostARequest, cursor });
    results.push(...answer.messages);
    cursor = answer.next;
    onProgress(`${count(results.length)} so far.`);
  } while (cursor);
  return describe(results);
}

const describe = (results) => outcomes(sum(results.map((message) => message.outcome)));

// Asks before something is removed; the answer is the order's name, or null to keep all.
export function confirmRemoval(text) {
  const dialog = find("confirm"), bounces = find("confirm-bounce");
  setText(find("confirm-text"), text);
  bounces.checked = false;
  dialog.showModal();
  find("confirm-no").focus();
  return new Promise((resolve) => {
    let answer = null;
    find("confirm-no").onclick = () => dialog.close();
    find("confirm-form").onsubmit = (event) => {
      event.preventDefault();
      answer = bounces.checked ? "bounce" : "remove";
      dialog.close();
    };
    dialog.onclose = () => resolve(answer);
  });
}
