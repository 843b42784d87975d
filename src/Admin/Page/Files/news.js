// The one place that screen readers speak of by themselves: results of what the reader did, and whether the server answers. Never figures.
import { find } from "./dom.js";
import { safe } from "./text.js";

export function tell(text, isBad = false) {
  const news = find("news");
  news.className = isBad ? "news bad" : "news";
  news.textContent = safe(text);
}

// Does something that the reader asked for, and tells what came of it.
export async function attempt(button, work) {
  // Emptied first, so that the same answer to a second order is read out again.
  tell("");
  button.setAttribute("aria-busy", "true");
  try {
    tell(await work());
  } catch (failure) {
    tell(failure.message, true);
  } finally {
    button.removeAttribute("aria-busy");
  }
}
