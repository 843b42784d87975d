// Starts the page: asks for the figures every two seconds while somebody can see them, and shows the overview or one message as the address says.
import { get, onTokenWanted } from "./api.js";
import { find, setText } from "./dom.js";
import { tell } from "./news.js";
import { askForToken } from "./token.js";
import * as flow from "./flow.js";
import * as hops from "./hops.js";
import * as messages from "./messages.js";
import * as story from "./story.js";

const Pause = 2000;
const Route = /^#message\/([0-9a-f]{32})$/;

let timer = 0;
let asks = false;
let isLost = false;

onTokenWanted(askForToken);
hops.start(poll);
flow.start(poll);
messages.start();
window.addEventListener("hashchange", route);
document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(timer) : poll());
route();
poll();

function route() {
  const id = Route.exec(location.hash)?.[1];
  find("overview").hidden = id !== undefined;
  find("message").hidden = id === undefined;
  if (id)
    story.open(id);
  else
    story.close();
  document.title = id ? `Message ${id} – SlimtaFast` : "SlimtaFast";
}

async function poll() {
  clearTimeout(timer);
  if (asks)
    return;
  asks = true;
  try {
    const live = await get("live");
    if (isLost)
      tell("The server answers again.");
    isLost = false;
    flow.show(live);
    hops.show(live);
    await messages.onLive(live);
    await story.onLive(live);
  } catch (failure) {
    // Said once, not every two seconds.
    if (!isLost)
      tell(`No answer from the server: ${failure.message}`, true);
    isLost = true;
    const condition = find("condition");
    setText(condition, "no answer");
    condition.className = "badge bad";
  } finally {
    asks = false;
    if (!document.hidden)
      timer = setTimeout(poll, Pause);
  }
}
