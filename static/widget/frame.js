/**
 * The panel's side of the talk with the page that embeds it (loader.js): whether it is open, what is unread, who the visitor is.
 * Answers only the window above it, and only if that window's origin is one of the site's.
 */
export const embedded = window.parent !== window;

export class Frame extends EventTarget {
  #origins;
  #above = "";
  #queue = [];

  /** @param {string[]} origins which may embed the widget */
  constructor(origins) {
    super();
    this.#origins = new Set([...origins, location.origin]);
    if (embedded) addEventListener("message", (message) => this.#read(message));
  }

  /** Says something to the loader as soon as its origin is known. Types: ready, close, open, unread, peek, token, known, look. */
  tell(type, detail = {}) {
    if (!embedded) return;
    if (this.#above) window.parent.postMessage({ throughline: 1, type, ...detail }, this.#above);
    else this.#queue.push([type, detail]);
  }

  #read({ source, origin, data }) {
    if (source !== window.parent || data?.throughline !== 1 || !this.#origins.has(origin)) return;
    this.#above = origin;
    for (const [type, detail] of this.#queue.splice(0)) this.tell(type, detail);
    this.dispatchEvent(new CustomEvent(data.type, { detail: data }));
  }
}
