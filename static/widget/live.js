/**
 * Ties the connection, the outbox and the store together, and holds what the customer can do. Views call these functions and read
 * the store; they know neither socket nor disk.
 */
import { announce } from "../core/a11y.js";
import { ask } from "../core/ask.js";
import { _ } from "../core/i18n.js";
import { openedBy, Outbox } from "../core/outbox.js";
import { LiveSocket } from "../core/socket.js";
import { Store } from "../core/store.js";
import { clock, shopZone } from "../core/time.js";
import { uuid } from "../core/uuid.js";
import { blocked, recall, remember } from "./memory.js";
import { firstState, reducer, thread } from "./state.js";
import { speaks } from "./thread.js";
import { upload } from "./upload.js";

const AT_ONCE = 10;
const TYPING_EVERY = 3_000;
const TYPING_FADES = 6_000;

export class Live {
  #token;
  #typed = 0;
  #fading = new Map();

  /** @param {{key: string, name: string, greeting: string, hue: number}} site */
  constructor(site, frame) {
    this.frame = frame;
    this.store = new Store(reducer, firstState(site));
    this.#token = recall(`visitor:${site.key}`);
    this.page = "";
    this.socket = new LiveSocket("/live/widget", () => ({ site: site.key, visitor: this.#token }));
    this.outbox = new Outbox(this.socket, { name: `throughline-${site.key}`, prepare: (item, progress) => this.#prepare(item, progress) });
    this.#listen();
  }

  async start() {
    await this.outbox.load();
    this.socket.start();
  }

  /** The token as the host page kept it, where our own storage is blocked. */
  useToken(token) {
    this.#token ||= token;
  }

  #listen() {
    const { socket, outbox, store } = this;
    const on = (name, act) => socket.addEventListener(name, ({ detail }) => act(detail));
    on("state", (detail) => store.dispatch({ ...detail, type: "connection" }));
    on("welcome", (frame) => this.#welcomed(frame));
    on("presence", (frame) => store.dispatch({ type: "presence", frame }));
    on("event", (frame) => this.#event(frame));
    on("watching", (frame) => store.dispatch({ type: "watching", frame }));
    on("live", ({ conversation }) => store.dispatch({ type: "live", conversation }));
    on("gone", ({ conversation }) => store.dispatch({ type: "gone", conversation }));
    on("typing", (frame) => frame.side === "agents" && this.#typing(frame));
    outbox.addEventListener("change", ({ detail }) => store.dispatch({ type: "unsent", items: detail }));
    outbox.addEventListener("ack", ({ detail }) => this.#acked(detail));
  }

  #welcomed(frame) {
    this.#token = frame.visitor || this.#token;
    remember(`visitor:${this.store.state.site.key}`, this.#token);
    if (blocked && this.#token) this.frame.tell("token", { token: this.#token });
    shopZone(frame.site.zone);
    this.store.dispatch({ type: "welcome", frame });
    if (frame.conversations.length) this.frame.tell("known");
    for (const row of frame.conversations.slice(0, AT_ONCE)) this.socket.watch(row.conversation);
  }

  #event(frame) {
    const before = thread(this.store.state, frame.conversation);
    this.store.dispatch({ type: "event", frame });
    if (!before.live || !speaks(frame)) return;
    const open = this.store.state.panel.open;
    if (open) announce(`${frame.body.by}, ${clock(frame.at)}: ${frame.body.text ?? frame.sentence}`);
    else this.store.dispatch({ type: "peek", peek: frame });
    if (recall("sound") === "on") import("./sound.js").then(({ chime }) => chime());
  }

  #acked({ item, ack }) {
    this.store.dispatch({ type: "stored", item, ack });
    if (item.action === "open") {
      this.socket.adopt(ack.conversation);
      this.frame.tell("known");
    }
    if (item.action === "say" || item.action === "open") announce(_("Stored"));
  }

  #typing({ conversation, name, on }) {
    clearTimeout(this.#fading.get(conversation));
    this.store.dispatch({ type: "typing", conversation, name: on ? name : null });
    if (on) this.#fading.set(conversation, setTimeout(() => this.#typing({ conversation, on: false }), TYPING_FADES));
  }

  /** Uploads what is not uploaded yet; the ids stay in the item, so that a second try names the same files. */
  async #prepare(item, progress) {
    for (const [index, file] of item.files.entries()) {
      file.upload ||= await upload(file.blob, {
        conversation: item.conversation,
        visitor: this.#token,
        progress: (part) => progress((index + part) / item.files.length),
      });
    }
    return item.files.length ? { ...item.form, attachments: item.files.map((file) => file.upload) } : item.form;
  }

  show(page, conversation = "") {
    this.store.dispatch({ type: "show", page, conversation });
    if (conversation && !conversation.startsWith("new:")) this.socket.watch(conversation);
  }

  /** Something went wrong that concerns no message: said on top until it is closed. */
  trouble(trouble) {
    this.store.dispatch({ type: "trouble", trouble });
  }

  /** What becomes of something that takes a while: said on top, with a link to follow if there is one. */
  tell(words, link = null) {
    this.store.dispatch({ type: "notice", notice: words && { words, link } });
  }

  menu(menu) {
    this.store.dispatch({ type: "menu", menu });
  }

  /** Opens a conversation and shows it at once, before the server knows of it. */
  open({ text, name, address }) {
    const form = { text, ...(name && { name }), ...(address && { address }), ...(this.page && { page: this.page }) };
    const item = this.outbox.put({ action: "open", form });
    this.show("thread", openedBy(item.key));
  }

  say(conversation, text, files = []) {
    const kept = files.map((blob) => ({ name: blob.name, size: blob.size, blob }));
    this.outbox.put({ conversation, action: "say", form: { text }, files: kept });
    this.#typed = 0;
  }

  /** Asks at once, so that a wrong address is answered in the dialog; without a connection it waits in the outbox. */
  async move(conversation, address, history) {
    const action = { conversation, action: "move", form: { address, history } };
    if (this.socket.state === "live") await ask(this.socket, action);
    else this.outbox.put(action);
  }

  close(conversation) {
    this.outbox.put({ conversation, action: "close" });
  }

  reopen(conversation) {
    this.outbox.put({ conversation, action: "reopen" });
  }

  /** Fixes a transcript at this moment. @returns {Promise<{url: string, state?: string}>} where to fetch it, and how far an archive is */
  take(conversation, format) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
    return ask(this.socket, { conversation, action: "take", form: { format, zone, language: navigator.language } });
  }

  /** A link that opens this conversation in any browser. @returns {Promise<{url: string}>} */
  link(conversation) {
    return ask(this.socket, { conversation, action: "link", form: { nonce: uuid() } });
  }

  /** Has the server mail a link, to the address that is confirmed. */
  mailLink(conversation) {
    return ask(this.socket, { conversation, action: "send_link" });
  }

  typing(conversation) {
    if (Date.now() - this.#typed < TYPING_EVERY || conversation.startsWith("new:")) return;
    this.#typed = Date.now();
    this.socket.send({ t: "typing", conversation, on: true });
  }

  seen(conversation, position) {
    if (conversation.startsWith("new:") || !this.socket.send({ t: "seen", conversation, position })) return false;
    this.store.dispatch({ type: "seen", conversation, position });
    return true;
  }
}
