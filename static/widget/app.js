/**
 * The widget's page: reads what the server wrote into it, starts the live connection, and shows home, the first question or a
 * conversation, as large as a panel or as small as a card with one new message.
 */
import { touch } from "../core/a11y.js";
import { define, Element, html, repeat } from "../core/element.js";
import { _ } from "../core/i18n.js";
import { when } from "../core/time.js";
import { showAppearance } from "./appearance.js";
import { embedded, Frame } from "./frame.js";
import { Live } from "./live.js";
import { blocked } from "./memory.js";
import { unread } from "./thread.js";
import { home } from "./views/home.js";
import { avatar, icon } from "./views/parts.js";
import { start } from "./views/start.js";

/** A connection that comes back within this time was not worth a word. */
const GRACE = 2_000;
const TOKEN_WAIT = 1_000;

/** Everything about a single conversation: fetched once the first page stands, or when it is needed. */
const threadView = () => import("./views/thread.js");

class Widget extends Element {
  #shown = "";
  #told = "";
  #graceTimer = 0;

  arrive() {
    const { site, name, greeting, hue, mail, keep, origins, theme, formats } = this.dataset;
    document.documentElement.style.setProperty("--hue", hue);
    showAppearance(theme);
    this.frame = new Frame(JSON.parse(origins));
    this.live = new Live({ key: site, name, greeting, mail, keep, hue: Number(hue), formats: JSON.parse(formats) }, this.frame);
    this.live.standalone = !embedded;
    this.follow(this.live.store);
    this.here.addEventListener("abort", this.live.store.subscribe((state) => this.#tell(state)));
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.here });
    this.#meet(hue, name);
  }

  /** Waits for the token only where our own storage is blocked and the host page may hold it. */
  async #meet(hue, name) {
    const { frame, live } = this;
    frame.addEventListener("open", ({ detail }) => {
      live.page = detail.page ?? "";
      live.store.dispatch({ type: "panel", open: true });
      this.#focus();
    });
    frame.addEventListener("close", () => live.store.dispatch({ type: "panel", open: false }));
    const token = new Promise((done) => frame.addEventListener("token", ({ detail }) => done(detail.token), { once: true }));
    frame.tell("ready", { blocked });
    frame.tell("look", { hue, name });
    if (blocked && embedded) live.useToken(await Promise.race([token, new Promise((done) => setTimeout(done, TOKEN_WAIT))]));
    await live.start();
    (window.requestIdleCallback ?? setTimeout)(() => threadView());
  }

  get #offline() {
    const { state, since } = this.live.store.state.connection;
    if (state === "live") return false;
    const left = since + GRACE - Date.now();
    clearTimeout(this.#graceTimer);
    if (left > 0) this.#graceTimer = setTimeout(() => this.update(), left + 10);
    return left <= 0;
  }

  view() {
    const { live } = this;
    const state = live.store.state;
    const offline = this.#offline;
    if (state.panel.peek && !state.panel.open) return this.#peek(state.panel.peek);
    const pages = {
      home: () => home(live, state),
      start: () => start(live, { ...state, offline }),
      thread: () => this.#thread(state.view.conversation, offline),
    };
    return html`<section class="w ${state.view.page}" aria-label=${_("Chat with {name}", { name: state.site.name })}>${pages[state.view.page]()}</section>`;
  }

  #thread(conversation, offline) {
    if (!customElements.get("tl-thread")) {
      threadView().then(() => this.update());
      return html`<p class="w-log" aria-busy="true"></p>`;
    }
    // Another conversation is another element: nothing of the one before stays in it.
    const { turn } = this.live.store.state.view;
    return repeat([turn], (key) => key, () => html`<tl-thread .live=${this.live} .conversation=${conversation} .offline=${offline}></tl-thread>`);
  }

  /** One new message while the panel is closed: shown once, as a quiet card. */
  #peek(event) {
    const name = event.body.by ?? this.live.store.state.site.name;
    const reply = () => {
      this.live.show("thread", event.conversation);
      this.frame.tell("open");
    };
    const later = () => {
      this.live.store.dispatch({ type: "peek", peek: null });
    };
    return html`<section class="card w-peek" aria-label=${_("New message")}>
      ${avatar(name)}
      <div class="grow sm"><b>${name}</b> <span class="faint xs">${when(event.at)}</span>
        <p class="lines">${event.body.text ?? event.sentence}</p>
        <div class="row"><button class="btn primary" type="button" @click=${reply}>${_("Reply")}</button>
          <button class="btn quiet" type="button" @click=${later}>${_("Later")}</button></div></div>
      <button class="tap" type="button" aria-label=${_("Dismiss")} @click=${later}>${icon("x")}</button>
    </section>`;
  }

  drawn() {
    const { view, panel } = this.live.store.state;
    const thread = this.querySelector("tl-thread");
    // A property that changes does not draw by itself: the element follows the store, not its own fields.
    thread?.update();
    const shown = `${view.page} ${view.conversation.replace(/^new:.*/, "new")}`;
    if (shown !== this.#shown && this.#shown && (panel.open || !embedded)) this.#focus();
    this.#shown = shown;
  }

  /** To the reply box; on a phone to the heading, so that the keyboard stays away. */
  #focus() {
    queueMicrotask(() => {
      const page = this.querySelector(".w");
      const target = touch() ? page?.querySelector("h2") : (page?.querySelector("tl-compose, textarea") ?? page?.querySelector("h2"));
      target?.focus();
    });
  }

  /** Tells the loader what it shows outside the panel. */
  #tell(state) {
    const count = Object.values(state.threads).reduce((sum, thread) => sum + unread(thread), 0);
    const peek = Boolean(state.panel.peek && !state.panel.open);
    const news = `${count} ${peek} ${this.#offline}`;
    if (news === this.#told) return;
    this.#told = news;
    this.frame.tell("unread", { count, offline: this.#offline });
    this.frame.tell("peek", { on: peek });
  }

  #key(event) {
    if (event.key === "Escape" && !event.defaultPrevented && !this.querySelector("dialog[open]")) this.frame.tell("close");
    if (event.key === "ArrowUp" && event.altKey) this.querySelector("tl-thread")?.toEnd();
  }
}

define("tl-widget", Widget);
