/**
 * Opens a record: takes the secret from the fragment, which no server has seen, and posts it with the tokens of this browser's chats.
 * Knows nothing of what a record holds.
 */
import { tellZone } from "./zone.js";

const secret = location.hash.slice(1);
const form = document.getElementById("redeem");

tellZone();
if (secret && form) {
  history.replaceState(null, "", location.pathname);
  for (const token of visitorTokens()) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "visitor";
    field.value = token;
    form.append(field);
  }
  form.elements.secret.value = secret;
  form.hidden = true;
  const words = document.getElementById("opening");
  if (words) words.hidden = false;
  form.submit();
}

/** The tokens by which this browser's own conversations are known (see widget/memory.js); none where storage is blocked. */
function visitorTokens() {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith("throughline:visitor:"));
    return names.map((name) => localStorage.getItem(name)).filter(Boolean);
  } catch {
    return [];
  }
}
