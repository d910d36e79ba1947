/**
 * An action whose answer is wanted now or not at all (a download, a dialog's button): sent once, never kept on disk.
 */
import { uuid } from "./uuid.js";

const PATIENCE = 15_000;

/** Why an action did not happen: `code` as in docs/protocol.md, or `offline`. */
export class Refused extends Error {
  constructor({ code, message = "", field = "" }) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** @returns {Promise<object>} the `ack` frame */
export function ask(socket, { conversation = "", action, form = {} }) {
  const key = uuid();
  return new Promise((done, failed) => {
    const leaving = new AbortController();
    const end = (settle, value) => {
      leaving.abort();
      clearTimeout(timer);
      settle(value);
    };
    const timer = setTimeout(() => end(failed, new Refused({ code: "offline" })), PATIENCE);
    const on = (name, act) => socket.addEventListener(name, ({ detail }) => detail.key === key && act(detail), { signal: leaving.signal });
    on("ack", (ack) => end(done, ack));
    on("refused", (refused) => end(failed, new Refused(refused)));
    if (!socket.send({ t: "do", key, conversation, action, form })) end(failed, new Refused({ code: "offline" }));
  });
}
