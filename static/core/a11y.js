/**
 * Small things that keyboards and screen readers need everywhere: a spoken status, menus with arrow keys, focus that comes back.
 */

/** Says a short text once, politely, without moving the focus. The page holds `<div id="status" role="status" class="sr">`. */
export function announce(text) {
  const node = document.getElementById("status");
  if (!node) return;
  node.textContent = "";
  setTimeout(() => (node.textContent = text), 50);
}

/**
 * Arrow keys, Home, End and Escape in a `role="menu"`. Focuses its first item; calls `close` on Escape, Tab or a click outside.
 * Returns a function that takes the listeners away again.
 */
export function openMenu(menu, { button, close }) {
  const items = () => [...menu.querySelectorAll('[role^="menuitem"]:not([disabled])')];
  const leaving = new AbortController();
  const { signal } = leaving;
  const move = (step) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length]?.focus();
  };
  const leave = (back) => {
    leaving.abort();
    close();
    if (back) button?.focus();
  };
  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Home: () => items()[0]?.focus(),
    End: () => items().at(-1)?.focus(),
    Escape: () => leave(true),
  };
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Tab") leave(false);
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, { signal });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target) && !button?.contains(event.target)) leave(false);
  }, { signal });
  items()[0]?.focus();
  return () => leaving.abort();
}

/** Opens a `<dialog>` modally; the focus goes back to where it was when it closes. A click on the backdrop closes it. */
export function openDialog(dialog) {
  const before = document.activeElement;
  const open = new AbortController();
  // Told of late: it may be open again by then, or somebody has gone on typing elsewhere and keeps the focus.
  const closed = () => {
    if (dialog.open) return;
    open.abort();
    if (!document.activeElement || document.activeElement === document.body) before?.focus?.();
  };
  dialog.addEventListener("close", closed, { signal: open.signal });
  const pressed = (event) => {
    const box = dialog.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (event.target === dialog && outside) dialog.close();
  };
  dialog.addEventListener("pointerdown", pressed, { signal: open.signal });
  dialog.showModal();
}

/** True while an input method is composing: then Enter chooses a word and must not send. */
export const composing = (event) => event.isComposing || event.keyCode === 229;

/** True on a touch screen without a mouse: Enter makes a new line there. */
export const touch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;
