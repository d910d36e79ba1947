/**
 * What this browser remembers: the visitor's token, drafts, choices. Where storage is blocked it lasts as long as the page, and the
 * host page keeps the token for us (frame.js).
 */
const memory = new Map();
export const blocked = !works();

function works() {
  try {
    localStorage.setItem("throughline", "1");
    localStorage.removeItem("throughline");
    return true;
  } catch {
    return false;
  }
}

export function recall(name) {
  return (blocked ? memory.get(name) : localStorage.getItem(`throughline:${name}`)) ?? "";
}

/** Keeps a text; an empty one is forgotten. */
export function remember(name, text) {
  if (blocked) memory.set(name, text);
  else if (text) localStorage.setItem(`throughline:${name}`, text);
  else localStorage.removeItem(`throughline:${name}`);
}
