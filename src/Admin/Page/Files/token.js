// Asks the reader for the token.
import { find, setText } from "./dom.js";

export function askForToken(wasWrong) {
  const dialog = find("ask-token"), field = find("token");
  setText(find("token-wrong"), wasWrong ? "This is not the server's token." : "");
  field.value = "";
  if (!dialog.open)
    dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    // There is nothing to see without it, so that Escape closes nothing; where a browser insists, it opens again.
    let isGiven = false;
    dialog.oncancel = (event) => event.preventDefault();
    dialog.onclose = () => isGiven || dialog.showModal();
    find("token-form").onsubmit = (event) => {
      event.preventDefault();
      isGiven = true;
      dialog.close();
      resolve(field.value.trim());
    };
  });
}
