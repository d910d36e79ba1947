/**
 * The client's side of docs/protocol.md: one connection that comes back by itself, and each watched conversation's events in order,
 * each once. Dispatches a CustomEvent per frame, named like its `t`, with the frame as `detail`; and `state` whenever the connection
 * changes. Knows no views and keeps nothing on disk.
 */
const VERSION = 1;
const GOT_EVERY = 32;
const SILENCE = 50_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const CLOSED_FOR_GOOD = new Set([4400, 4401, 4413]);

export class LiveSocket extends EventTarget {
  /** Position of the last event held, by conversation. Its keys are the conversations that are watched. */
  #held = new Map();
  #behind = new Set();
  #unconfirmed = new Map();
  #received = 0;
  #socket = null;
  #tries = 0;
  #timer = 0;
  #watchdog = 0;
  #stopped = true;
  #primary = "";

  /** connecting | live | offline | ended */
  state = "connecting";
  /** Time of the next try in milliseconds since 1970, while offline. */
  retryAt = 0;
  /** Why it ended: the close code. */
  code = 0;

  /**
   * @param {string} path `/live/widget` or `/live/inbox`
   * @param {() => object} hello gives the fields `site` and `visitor` of each hello
   */
  constructor(path, hello = () => ({})) {
    super();
    this.url = new URL(path, location.href);
    this.url.protocol = this.url.protocol.replace("http", "ws");
    this.hello = hello;
    addEventListener("online", () => this.tryNow());
    // The browser notices a cut line long before the connection does.
    addEventListener("offline", () => this.#drop());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.tryNow());
  }

  start() {
    this.#stopped = false;
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  /** Ends the pause before the next try. */
  tryNow() {
    if (this.state !== "offline" || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  /** Sends a frame if the connection is live; says whether it was sent. Nothing is queued here: that is the outbox's work. */
  send(frame) {
    if (this.state !== "live" || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Follows a conversation from after `position`, over every reconnection, until `unwatch`. */
  watch(conversation, position = 0) {
    if (this.#held.has(conversation)) return;
    this.#held.set(conversation, position);
    this.#primary ||= conversation;
    this.send({ t: "watch", conversation, after: position });
  }

  /** Counts as watched from here on, without asking the server, which does it already. */
  adopt(conversation) {
    if (!this.#held.has(conversation)) this.#held.set(conversation, 0);
    this.#primary ||= conversation;
  }

  unwatch(conversation) {
    if (!this.#held.delete(conversation)) return;
    this.#behind.delete(conversation);
    if (this.#primary === conversation) this.#primary = this.#held.keys().next().value ?? "";
    this.send({ t: "unwatch", conversation });
  }

  watching(conversation) {
    return this.#held.has(conversation);
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#become("connecting");
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onopen = () => {
      const first = this.#primary ? { conversation: this.#primary, after: this.#held.get(this.#primary) } : {};
      socket.send(JSON.stringify({ t: "hello", v: VERSION, ...this.hello(), ...first }));
    };
    socket.onmessage = (message) => this.#socket === socket && this.#read(JSON.parse(message.data));
    socket.onclose = (event) => this.#socket === socket && this.#closed(event);
    this.#listen();
  }

  /** A connection that is silent for longer than two heartbeats is dead, whatever the operating system says. */
  #listen() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#drop(), SILENCE);
  }

  #drop() {
    const socket = this.#socket;
    if (!socket) return;
    this.#closed({ code: 1006 });
    socket.close();
  }

  #read(frame) {
    this.#listen();
    if (frame.t === "welcome") this.#welcomed(frame);
    else if (frame.t === "event") return this.#event(frame);
    else if (frame.t === "live") this.#caughtUp(frame);
    else if (frame.t === "beat") this.#beat(frame);
    else if (frame.t === "error") this.#refused(frame);
    this.#tell(frame.t, frame);
  }

  #welcomed() {
    this.#tries = 0;
    this.#behind.clear();
    this.#become("live");
    for (const [conversation, after] of this.#held) {
      if (conversation !== this.#primary) this.send({ t: "watch", conversation, after });
    }
  }

  #event(frame) {
    const { conversation, position, prev } = frame;
    // The server watches a conversation that we opened by itself; its first event may come before the `ack`.
    if (prev === 0) this.adopt(conversation);
    const held = this.#held.get(conversation);
    if (held === undefined || position <= held) return;
    if (prev > held) return this.#catchUp(conversation);
    this.#held.set(conversation, position);
    this.#unconfirmed.set(conversation, position);
    this.#received += 1;
    if (this.#received >= GOT_EVERY) this.#got();
    this.#tell("event", frame);
  }

  #catchUp(conversation) {
    if (this.#behind.has(conversation)) return;
    this.#behind.add(conversation);
    this.send({ t: "watch", conversation, after: this.#held.get(conversation) });
  }

  #caughtUp({ conversation }) {
    this.#behind.delete(conversation);
    this.#got();
  }

  #got() {
    for (const [conversation, position] of this.#unconfirmed) this.send({ t: "got", conversation, position });
    this.#unconfirmed.clear();
    this.#received = 0;
  }

  #beat({ heads }) {
    this.send({ t: "beat" });
    for (const [conversation, head] of Object.entries(heads ?? {})) {
      // The last announcement may have been lost: nothing came after it that would have shown the gap.
      if (this.#held.has(conversation) && head > this.#held.get(conversation)) {
        this.#behind.delete(conversation);
        this.#catchUp(conversation);
      }
    }
  }

  #closed({ code }) {
    clearTimeout(this.#watchdog);
    this.#socket = null;
    this.code = code;
    if (this.#stopped) return this.#become("ended");
    if (CLOSED_FOR_GOOD.has(code)) {
      this.#stopped = true;
      return this.#become("ended");
    }
    if (code === 4404) this.#forget(this.#primary);
    const pause = Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#tries);
    this.#tries += 1;
    this.retryAt = Date.now() + pause;
    this.#timer = setTimeout(() => this.#connect(), pause);
    this.#become("offline");
  }

  /** A conversation that is unknown or not ours; the connection stays. */
  #refused({ code, conversation }) {
    if (conversation && (code === "not-found" || code === "forbidden")) this.#forget(conversation);
  }

  #forget(conversation) {
    if (!conversation) return;
    if (this.#primary === conversation) this.#primary = "";
    this.unwatch(conversation);
    this.#tell("gone", { conversation });
  }

  #become(state) {
    this.state = state;
    this.#tell("state", { state, retryAt: this.retryAt, code: this.code });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
