/**
 * What the server has not acknowledged yet: kept in IndexedDB, so that it survives a reload; sent in order, again and again with
 * the same key, until an answer comes. Knows the frames `do`, `ack` and `refused`, and no views.
 */
import { openBox } from "./box.js";
import { uuid } from "./uuid.js";

const PAUSE = 2_000;
const TRY_AGAIN = new Set(["busy", "limit"]);
const BROKEN = "failed";
const TRIES = 3;
const POISON = new Set([4400, 4413]);
const OPENING = "new:";

/** Stands for the conversation that the item with this key will open. */
export const openedBy = (key) => OPENING + key;

export class Outbox extends EventTarget {
  #socket;
  #box;
  #prepare;
  #busy = false;
  #pause = 0;

  /**
   * In order: `{ key, conversation, action, form, files, at, state, progress, code, message }`; `state` is waiting | sending | failed.
   * Draw waiting ones as "Waiting to be sent" while there is no connection.
   */
  items = [];

  /**
   * @param {import("./socket.js").LiveSocket} socket
   * @param {{name: string, prepare?: (item: object, progress: (part: number) => void) => Promise<object>}} options `name` of the
   *   database; `prepare` gives the form to send, after uploading the item's files
   */
  constructor(socket, { name, prepare = async (item) => item.form }) {
    super();
    this.#socket = socket;
    this.#prepare = prepare;
    this.#box = openBox(name);
    socket.addEventListener("state", () => this.#connection());
    socket.addEventListener("ack", ({ detail }) => this.#acked(detail));
    socket.addEventListener("refused", ({ detail }) => this.#refused(detail));
  }

  /** Reads what an earlier page left behind. Call it once, before the socket starts. */
  async load() {
    const kept = await this.#box.all();
    this.items = [...kept.map((item) => ({ ...item, state: item.state === "failed" ? "failed" : "waiting", progress: 0 })), ...this.items];
    this.#changed();
    this.#next();
  }

  /**
   * Keeps an action and sends it as soon as it can. `files` are File objects which `prepare` uploads first; with `hold` the server
   * waits some seconds in which it can be taken back. Returns the item; `ack` and `refused` events of this outbox carry it again.
   */
  put({ conversation = "", action, form = {}, files = [], hold }) {
    const item = { key: uuid(), conversation, action, form, files, hold, at: Date.now() * 1000, state: "waiting", progress: 0 };
    return this.#add(item);
  }

  #add(item) {
    this.items = [...this.items, item];
    item.kept = this.#box.put(item);
    this.#changed();
    this.#next();
    return item;
  }

  /**
   * Tries a failed item again, behind those that wait. It keeps its key, so that an answer that was lost doubles nothing; only a key
   * that stands for something else by now is given up.
   */
  retry(key) {
    const item = this.#take(key);
    if (!item) return;
    this.#add({ ...item, key: item.code === "conflict" ? uuid() : key, state: "waiting", progress: 0, tries: 0, code: "", message: "" });
  }

  cancel(key) {
    this.#take(key);
    this.#changed();
  }

  #take(key) {
    const item = this.items.find((one) => one.key === key);
    this.items = this.items.filter((one) => one.key !== key);
    this.#box.delete(key);
    return item;
  }

  #connection() {
    if (this.#socket.state === "live") return this.#next();
    const lost = this.items.find((item) => item.state === "sending");
    if (!lost) return;
    // The server closed because of this very frame: sending it again would close every connection to come.
    if (this.#socket.state === "ended" && POISON.has(this.#socket.code)) this.#failed(lost, { code: "form", message: "" });
    else lost.state = "waiting";
    this.#changed();
  }

  /** One at a time: the order is kept even when one of them has to be tried again. */
  async #next() {
    if (this.#busy || this.#pause || this.#socket.state !== "live") return;
    if (this.items.some((item) => item.state === "sending")) return;
    const item = this.items.find((one) => one.state === "waiting" && !one.conversation.startsWith(OPENING));
    if (!item) return;
    this.#busy = true;
    item.state = "sending";
    this.#changed();
    try {
      await item.kept;
      const form = await this.#prepare(item, (part) => this.#progress(item, part));
      // What was uploaded is named on disk before it is sent: the same key must never carry another upload.
      if (item.files.length) await this.#box.put(item);
      const { key, conversation, action, hold } = item;
      item.state = this.#socket.send({ t: "do", key, conversation, action, form, hold }) ? "sending" : "waiting";
    } catch (error) {
      this.#failed(item, error);
    }
    this.#busy = false;
    this.#changed();
    if (item.state === "failed") this.#next();
  }

  #progress(item, part) {
    item.progress = part;
    this.#changed();
  }

  /** `prepare` failed: for good if its error has a `code`, else only for now. */
  #failed(item, error) {
    if (!error.code) return this.#later(item, PAUSE);
    Object.assign(item, { state: "failed", code: error.code, message: error.message });
    this.#box.put(item);
  }

  #later(item, pause) {
    item.state = "waiting";
    this.#pause = setTimeout(() => {
      this.#pause = 0;
      this.#next();
    }, pause);
  }

  #acked(ack) {
    const item = this.#take(ack.key);
    if (item) {
      this.#opened(item.key, ack.conversation);
      this.dispatchEvent(new CustomEvent("ack", { detail: { item, ack } }));
    }
    this.#changed();
    this.#next();
  }

  #opened(key, conversation) {
    for (const item of this.items.filter((one) => one.conversation === openedBy(key))) {
      item.conversation = conversation;
      this.#box.put(item);
    }
  }

  #refused(refused) {
    const item = this.items.find((one) => one.key === refused.key);
    if (!item) return;
    item.tries = (item.tries ?? 0) + 1;
    if (TRY_AGAIN.has(refused.code) || (refused.code === BROKEN && item.tries < TRIES)) {
      this.#later(item, (refused.retry_after ?? 0) * 1000 || PAUSE);
    } else {
      Object.assign(item, { state: "failed", code: refused.code, message: refused.message, field: refused.field });
      this.#box.put(item);
      this.dispatchEvent(new CustomEvent("refused", { detail: { item, refused } }));
      this.#next();
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change", { detail: this.items }));
  }
}
