/**
 * The base of every element of our pages: draws `view()` with lit-html into its own light DOM, at most once per microtask, and
 * lets go of what it listens to when it leaves the page. Knows no conversation and no socket.
 */
import { render } from "../vendor/lit-html.js";

export { html, nothing, svg } from "../vendor/lit-html.js";
export { repeat } from "../vendor/directives/repeat.js";

export class Element extends HTMLElement {
  #due = false;
  #leaving = new AbortController();

  /** An AbortSignal for `addEventListener(..., { signal: this.here })`: it fires when the element leaves the page. */
  get here() {
    return this.#leaving.signal;
  }

  connectedCallback() {
    if (this.#leaving.signal.aborted) this.#leaving = new AbortController();
    this.arrive();
    this.update();
  }

  disconnectedCallback() {
    this.#leaving.abort();
  }

  /** Draws again whenever the store changes, as long as the element stands in the page. */
  follow(store) {
    this.here.addEventListener("abort", store.subscribe(() => this.update()));
  }

  /** Asks for a drawing; many requests make one. */
  update() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      if (!this.isConnected) return;
      render(this.view(), this, { host: this });
      this.drawn();
    });
  }

  /** Called once when the element enters the page: the place for `follow` and listeners. */
  arrive() {}

  /** What the element shows: a lit-html template. */
  view() {
    return undefined;
  }

  /** Called after each drawing: the place for focus and scrolling. */
  drawn() {}
}

/** Registers an element once, so that a module may be loaded twice. */
export function define(name, constructor) {
  if (!customElements.get(name)) customElements.define(name, constructor);
}
