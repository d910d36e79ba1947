/**
 * The state of the widget and how it changes: one table of happenings. Pure; knows no socket, no storage and no page.
 */
import { reducerOf } from "../core/store.js";
import { emptyThread, fold } from "./thread.js";

export const firstState = (site) => ({
  site: { ...site, here: null },
  you: null,
  connection: { state: "connecting", retryAt: 0, code: 0, since: Date.now() },
  rows: [],
  threads: {},
  unsent: [],
  stored: [],
  typing: {},
  panel: { open: window.parent === window, peek: null },
  view: { page: "home", conversation: "", turn: 0 },
  menu: "",
  trouble: "",
  notice: null,
});

export const reducer = reducerOf({
  connection: (state, { state: now, retryAt, code }) => {
    const since = now === "live" || state.connection.state === "live" ? Date.now() : state.connection.since;
    return { ...state, connection: { state: now, retryAt, code, since } };
  },
  welcome: (state, { frame }) => ({ ...state, site: { ...state.site, ...frame.site }, you: frame.you, rows: frame.conversations }),
  presence: (state, { frame }) => (frame.here === undefined ? state : { ...state, site: { ...state.site, here: frame.here } }),
  event: (state, { frame }) => {
    const before = state.threads[frame.conversation] ?? emptyThread(frame.conversation);
    const next = withThread(state, fold(before, frame));
    const typing = { ...state.typing, [frame.conversation]: null };
    return { ...next, typing, stored: next.stored.filter((item) => !isEcho(item, frame)), rows: touched(next.rows, frame) };
  },
  watching: (state, { frame }) => ({
    ...state,
    rows: state.rows.map((row) =>
      row.conversation === frame.conversation ? { ...row, case: frame.case, subject: frame.state?.subject || row.subject } : row,
    ),
  }),
  live: (state, { conversation }) => withThread(state, { ...thread(state, conversation), live: true }),
  gone: (state, { conversation }) => ({
    ...state,
    rows: state.rows.filter((row) => row.conversation !== conversation),
    view: state.view.conversation === conversation ? { ...state.view, page: "home", conversation: "" } : state.view,
  }),
  typing: (state, { conversation, name }) => ({ ...state, typing: { ...state.typing, [conversation]: name } }),
  unsent: (state, { items }) => ({ ...state, unsent: items.map((item) => ({ ...item })) }),
  /** The server has it, its event is not here yet: keeps it drawn. */
  stored: (state, { item, ack }) => {
    const held = thread(state, ack.conversation).entries.at(-1)?.position ?? 0;
    const stored = held >= ack.position ? state.stored : [...state.stored, { ...item, ...ack, state: "stored" }];
    const rows = state.rows.some((row) => row.conversation === ack.conversation)
      ? state.rows
      : [{ conversation: ack.conversation, case: "", subject: item.form.text ?? "", status: "open", touched_at: ack.at }, ...state.rows];
    const here = state.view.conversation === `new:${item.key}`;
    return { ...state, stored, rows, view: here ? { ...state.view, conversation: ack.conversation } : state.view };
  },
  seen: (state, { conversation, position }) => {
    const before = thread(state, conversation);
    return before.seenByMe >= position ? state : withThread(state, { ...before, seenByMe: position });
  },
  panel: (state, { open }) => ({ ...state, panel: { open, peek: null } }),
  peek: (state, { peek }) => ({ ...state, panel: { ...state.panel, peek } }),
  /** `turn` tells one look at a page from the next, also where a new conversation gets its id while it is looked at. */
  show: (state, { page, conversation = "" }) => ({ ...state, view: { page, conversation, turn: state.view.turn + 1 }, menu: "" }),
  trouble: (state, { trouble }) => ({ ...state, trouble }),
  notice: (state, { notice }) => ({ ...state, notice: notice || null }),
  menu: (state, { menu }) => ({ ...state, menu }),
});

export const thread = (state, conversation) => state.threads[conversation] ?? emptyThread(conversation);

/** What the customer wrote here that is not in the thread yet, in order. */
export function pending(state, conversation) {
  const said = (item) => item.action === "say" || item.action === "open";
  const here = (item) => (item.action === "open" && item.conversation === "" ? `new:${item.key}` : item.conversation) === conversation;
  const shown = thread(state, conversation).entries;
  const echoed = (item) => item.state === "sending" && shown.some((event) => event.at >= item.at - 5e6 && isEcho(item, event));
  return [...state.stored, ...state.unsent].filter((item) => said(item) && here(item) && !echoed(item));
}

/** Whether an event is the stored form of what this page has sent: it may come before or after the `ack`. */
function isEcho(item, event) {
  if (item.state === "stored") return item.conversation === event.conversation && event.position >= item.position;
  return event.side === "customer" && event.body.text === item.form.text;
}

function withThread(state, next) {
  return { ...state, threads: { ...state.threads, [next.conversation]: next } };
}

function touched(rows, frame) {
  const row = rows.find((one) => one.conversation === frame.conversation);
  if (!row || frame.position <= (row.position ?? 0)) return rows;
  const moved = { ...row, position: frame.position, touched_at: Math.max(row.touched_at, frame.at) };
  return rows.map((one) => (one === row ? moved : one));
}
