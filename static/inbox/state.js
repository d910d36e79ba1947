/**
 * What the inbox knows, and how each happening changes it: pure functions from one state to the next. Knows no socket and no page.
 */
import { withoutCrossedOut } from "../core/crossed.js";
import { reducerOf } from "../core/store.js";
import { became } from "./became.js";

/** Queues that do not show the latest first: by which field they rise. */
const RISING = { waiting: "waiting_since", promises: "due_at" };

export const beginning = {
  connection: { state: "connecting", retryAt: 0, code: 0 },
  place: "mine",
  open: "",
  pane: "list",
  rows: {},
  lists: {},
  counts: {},
  fresh: [],
  threads: {},
  typing: {},
  viewing: {},
  here: 0,
  pending: [],
  drafts: {},
  /** Whether outgoing mail is stuck: `trouble` in words, and the `page` about it. */
  stuck: null,
  /** What was sent and can still be taken back, by conversation. */
  held: {},
  /** Text of each draft as it lies on the disk. */
  onDisk: {},
  beside: {},
  sheet: null,
  besideShown: true,
  notice: "",
  tick: 0,
};

const emptyThread = { events: [], head: 0, state: null, actions: [], live: false, mailed: {} };

/** The kinds that say how far a mailed line got. */
const MAILED = new Set(["mail.sent", "mail.accepted", "mail.delayed", "mail.bounced", "mail.complained"]);

function merged(state, rows) {
  const known = { ...state.rows };
  for (const row of rows) known[row.conversation] = row;
  return known;
}

function ordered(name, ids, rows) {
  const field = RISING[name];
  const worth = (id) => (field ? rows[id][field] : -rows[id].touched_at);
  return [...ids].sort((a, b) => worth(a) - worth(b));
}

/** The worse comes first: where a mail went to several people, the mark tells of the one who has trouble. */
const WORST = ["complained", "gone", "bounced", "delayed", "queued", "sent", "accepted"];

/** What is known of one mailed line after one more word about it: the last one for each addressee, and every step. */
function oneMore(mailed, frame) {
  const { of, to = "" } = frame.body;
  const before = mailed[of];
  const step = { ...became(frame), to, at: frame.at };
  const known = Object.keys(before?.last ?? {});
  // Their server may name the mailbox behind an alias: where one mail went out, it can only be that one.
  const whose = known.length === 1 && ["accepted", "bounced", "gone"].includes(step.word) ? known[0] : to.toLowerCase();
  const last = { ...before?.last, [whose]: step };
  const shown = Object.values(last).sort((a, b) => WORST.indexOf(a.word) - WORST.indexOf(b.word))[0];
  return { ...mailed, [of]: { ...shown, last, steps: [...(before?.steps ?? []), step] } };
}

/** One changed row finds its place in every list that is loaded. A list with more pages below takes nothing from below its end. */
function placed(state, { row, queues }) {
  const id = row.conversation;
  const rows = merged(state, [row]);
  const lists = { ...state.lists };
  for (const [name, list] of Object.entries(state.lists)) {
    const without = list.ids.filter((one) => one !== id);
    if (!queues.includes(name)) {
      if (without.length !== list.ids.length) lists[name] = { ...list, ids: without };
      continue;
    }
    const ids = ordered(name, [...without, id], rows);
    const past = list.next && ids.at(-1) === id && !list.ids.includes(id);
    lists[name] = { ...list, ids: past ? without : ids };
  }
  return { ...state, rows, lists };
}

function thread(state, id, change) {
  const before = state.threads[id] ?? emptyThread;
  return { ...state, threads: { ...state.threads, [id]: { ...before, ...change(before) } } };
}

export const reduce = reducerOf({
  connection: (state, { connection }) => ({ ...state, connection }),

  went: (state, { place, open, pane }) => ({ ...state, place: place || state.place, open, pane, notice: "" }),

  rows: (state, { name, rows, next, counts, more }) => {
    const all = merged(state, rows);
    const ids = rows.map((row) => row.conversation);
    const before = more ? (state.lists[name]?.ids ?? []).filter((id) => !ids.includes(id)) : [];
    return { ...state, rows: all, counts, lists: { ...state.lists, [name]: { ids: [...before, ...ids], next } } };
  },

  /** While the pointer is over the list, nothing moves under it: what is new waits in `fresh`. */
  row: (state, { row, queues, holding }) => {
    const after = placed(state, { row, queues });
    const ids = (one) => one.lists[one.place]?.ids.join() ?? "";
    if (!holding || ids(after) === ids(state)) return after;
    const known = state.rows[row.conversation] ? merged(state, [row]) : state.rows;
    const fresh = [...state.fresh.filter((one) => one.row.conversation !== row.conversation), { row, queues }];
    return { ...state, rows: known, fresh };
  },

  settle: (state) => (state.fresh.length ? { ...state.fresh.reduce(placed, state), fresh: [] } : state),

  watching: (state, { conversation, head, state: summary, actions }) => thread(state, conversation, () => ({ head, state: summary ?? null, actions: actions ?? [] })),

  /** Frames of one conversation, in order: a long one comes in few big steps. */
  events: (state, { conversation, frames }) =>
    thread(state, conversation, (before) => {
      const told = frames.filter((frame) => MAILED.has(frame.kind));
      return {
        events: withoutCrossedOut([...before.events, ...frames], frames),
        head: Math.max(before.head, frames.at(-1).position),
        state: frames.findLast((frame) => frame.state)?.state ?? before.state,
        actions: frames.findLast((frame) => frame.actions)?.actions ?? before.actions,
        mailed: told.length ? told.reduce(oneMore, before.mailed) : before.mailed,
      };
    }),

  live: (state, { conversation }) => thread(state, conversation, () => ({ live: true })),

  forgotten: (state, { conversation }) => {
    const { [conversation]: _gone, ...threads } = state.threads;
    return { ...state, threads };
  },

  typing: (state, { conversation, side, name, on }) => ({
    ...state,
    typing: { ...state.typing, [conversation]: on ? { side, name } : null },
  }),

  here: (state, { here }) => ({ ...state, here }),

  viewing: (state, { conversation, viewing }) => ({ ...state, viewing: { ...state.viewing, [conversation]: viewing } }),

  stuck: (state, { stuck }) => ({ ...state, stuck }),

  held: (state, { conversation, items }) => ({ ...state, held: { ...state.held, [conversation]: items } }),

  pending: (state, { items }) => ({ ...state, pending: items }),

  draft: (state, { conversation, draft }) => ({ ...state, drafts: { ...state.drafts, [conversation]: draft } }),

  onDisk: (state, { conversation, text }) => ({ ...state, onDisk: { ...state.onDisk, [conversation]: text } }),

  drafts: (state, { drafts }) => {
    const texts = Object.fromEntries(Object.entries(drafts).map(([id, draft]) => [id, draft.text]));
    return { ...state, drafts: { ...drafts, ...state.drafts }, onDisk: { ...texts, ...state.onDisk } };
  },

  beside: (state, { conversation, found }) => ({ ...state, beside: { ...state.beside, [conversation]: found } }),

  sheet: (state, { sheet }) => ({ ...state, sheet }),

  besideShown: (state, { shown }) => ({ ...state, besideShown: shown }),

  notice: (state, { words }) => ({ ...state, notice: words }),

  tick: (state) => ({ ...state, tick: state.tick + 1 }),
});

/** The open conversation's thread. */
export const openThread = (state) => state.threads[state.open] ?? emptyThread;

/** Position of the last event that was drawn: an answer says up to where its author had read. */
export const lastPosition = (state) => openThread(state).events.at(-1)?.position ?? 0;

/** Promises that are still to be kept. */
export const openPromises = (summary) => (summary?.commitments ?? []).filter((one) => one.state === "open");
