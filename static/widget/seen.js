/**
 * Reports lines as seen, and only then: the panel is open, the tab visible, the line in view. What was seen is not sent by e-mail
 * again, so a line that is reported too early would be lost to the customer.
 */
const PAUSE = 1_000;

export class SeenLines {
  #live;
  #conversation;
  #inView = new Set();
  #timer = 0;
  #observer;

  /** @param {() => string} conversation which one is shown now: a new one gets its id only after it was opened */
  constructor(live, conversation, signal) {
    this.#live = live;
    this.#conversation = conversation;
    // No root: the browser then counts what the host page shows of our frame, not only what the panel scrolled to.
    this.#observer = new IntersectionObserver((changes) => this.#changed(changes), { threshold: [0, 0.5, 1] });
    document.addEventListener("visibilitychange", () => this.look(), { signal });
    signal.addEventListener("abort", () => this.#end());
  }

  /** Watches the agents' lines of a list: elements with `data-position`. */
  watch(list) {
    for (const line of list.querySelectorAll("[data-position]:not([data-watched])")) {
      line.dataset.watched = "";
      this.#observer.observe(line);
    }
  }

  /** Reports what is seen by now, if the panel is open and the tab visible. */
  look() {
    if (this.#timer || !this.#newest()) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      const position = this.#newest();
      if (position) this.#live.seen(this.#conversation(), position);
    }, PAUSE);
  }

  #newest() {
    const { panel, threads } = this.#live.store.state;
    if (!panel.open || panel.peek || document.visibilityState !== "visible") return 0;
    const newest = Math.max(0, ...this.#inView);
    return newest > (threads[this.#conversation()]?.seenByMe ?? 0) ? newest : 0;
  }

  #changed(changes) {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } of changes) {
      const position = Number(target.dataset.position);
      // A line taller than the window counts once it fills half of it.
      const enough = intersectionRatio >= 0.5 || (rootBounds && intersectionRect.height > rootBounds.height / 2);
      if (isIntersecting && enough) this.#inView.add(position);
      else this.#inView.delete(position);
    }
    this.look();
  }

  #end() {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
  }
}
