/**
 * What follows from the events of one conversation, for the customer: who has it, what was promised, what was seen, how mail fared.
 * Pure: an event goes in, the next thread comes out. Knows no socket and no page.
 */
import { reducerOf } from "../core/store.js";

export const emptyThread = (conversation) => ({
  conversation,
  entries: [],
  live: false,
  opened: null,
  assignee: "",
  promises: [],
  closed: null,
  channel: "widget",
  name: "",
  address: "",
  confirmed: false,
  others: [],
  seenByAgents: [],
  seenByMe: 0,
  delivery: {},
});

/** The thread after one more event (a frame `event` of docs/protocol.md). */
export function fold(thread, event) {
  return folds({ ...thread, entries: [...thread.entries, event] }, { type: event.kind, event });
}

export const openPromises = (thread) => thread.promises.filter((promise) => promise.state === "open");

/** How many of the agents' lines the customer has not seen yet. */
export function unread(thread) {
  return thread.entries.filter((event) => speaks(event) && event.position > thread.seenByMe).length;
}

/** True for what the team says to the customer: such lines are reported as seen and counted until then. */
export const speaks = (event) => event.side === "agents" && SPEAKING.has(event.kind);

/** True for what the customer said, and false for others who wrote into the conversation by mail. */
export const isOwn = ({ side, actor }, { opened }) => side === "customer" && actor === (opened?.body.customer ?? actor);

/** True for what is told of a mail that went to somebody in copy. */
export const toOthers = ({ body }, { address, others }) => body.to !== address && others.includes(body.to);

/** True for what stands in the record but not in the chat: what was seen, opened, saved, and how mail fares. */
export const quiet = (event) => QUIET.has(event.kind);

const QUIET = new Set([
  "message.seen",
  "mail.sent",
  "mail.accepted",
  "mail.delayed",
  "receipt.acknowledged",
  "staff.opened",
  "transcript.taken",
  "privacy.crossed_out",
  "retention.extended",
  "link.issued",
  "link.redeemed",
  "link.mailed",
  "link.revoked",
]);

const SPEAKING = new Set(["message.said", "commitment.made", "commitment.kept", "commitment.withdrawn", "commitment.replaced", "decision.issued"]);

const folds = reducerOf({
  "conversation.opened": (thread, { event }) => ({
    ...thread,
    opened: event,
    channel: event.channel,
    name: event.body.by ?? "",
    address: event.body.address ?? "",
    confirmed: Boolean(event.body.confirmed),
  }),
  "message.said": (thread, { event }) =>
    event.side === "customer"
      ? { ...thread, closed: null, ...(isOwn(event, thread) && { channel: event.channel, seenByMe: event.position }) }
      : seenBy(thread, event.position, event.at), // who answers has read what stands above
  "message.seen": (thread, { event }) =>
    event.side === "customer"
      ? { ...thread, seenByMe: Math.max(thread.seenByMe, event.body.upto) }
      : seenBy(thread, event.body.upto, event.at),
  "customer.introduced": (thread, { event }) => ({
    ...thread,
    name: event.body.shown_name || thread.name,
    ...reachedAt(thread, event.body.address),
  }),
  "participant.joined": (thread, { event }) => ({ ...thread, others: [...thread.others, event.body.address] }),
  "address.confirmed": (thread, { event }) => ({ ...thread, confirmed: thread.confirmed || event.body.address === thread.address }),
  "conversation.moved": (thread, { event }) => ({ ...thread, channel: event.channel, ...reachedAt(thread, event.body.address) }),
  "conversation.closed": (thread, { event }) => ({ ...thread, closed: event }),
  "conversation.reopened": (thread) => ({ ...thread, closed: null }),
  "handoff.claimed": (thread, { event }) => ({ ...thread, assignee: event.body.by }),
  "handoff.accepted": (thread, { event }) => ({ ...thread, assignee: event.body.by }),
  "handoff.released": (thread) => ({ ...thread, assignee: "" }),
  "commitment.made": (thread, { event }) => ({ ...thread, promises: [...thread.promises, promised(event)] }),
  "commitment.kept": (thread, { event }) => settled(thread, event, "kept"),
  "commitment.withdrawn": (thread, { event }) => settled(thread, event, "withdrawn"),
  "commitment.replaced": (thread, { event }) => {
    const after = settled(thread, event, "replaced");
    return { ...after, promises: [...after.promises, promised(event)] };
  },
  "mail.sent": (thread, { event }) => reached(thread, event, "sent"),
  "mail.accepted": (thread, { event }) => reached(thread, event, "accepted"),
  "mail.delayed": (thread, { event }) => reached(thread, event, "delayed"),
  "mail.bounced": (thread, { event }) => reached(thread, event, "bounced"),
  "lines.mailed": (thread, { event }) => reached(thread, event, "queued"),
});

/** Another address is not confirmed yet. */
const reachedAt = (thread, address) =>
  address && address !== thread.address ? { address, confirmed: false } : { address: thread.address, confirmed: thread.confirmed };

/** When an agent saw the customer's line at this position; 0 if none has yet. */
export const seenAt = (thread, position) => thread.seenByAgents.find((mark) => mark.upto >= position)?.at ?? 0;

/** Marks rise, so the first that reaches a line says when it was seen. */
function seenBy(thread, upto, at) {
  const last = thread.seenByAgents.at(-1)?.upto ?? 0;
  return upto > last ? { ...thread, seenByAgents: [...thread.seenByAgents, { upto, at }] } : thread;
}

function promised({ position, at, body }) {
  return { position, at, text: body.text, due: body.due, by: body.by, state: "open" };
}

/** A promise that is kept while the page is open stays on top in green, so that the news is not missed. */
function settled(thread, event, state) {
  const fresh = thread.live;
  const promises = thread.promises.map((one) => (one.position === event.body.of ? { ...one, state, fresh, proof: event.body.proof ?? "" } : one));
  return { ...thread, promises };
}

/** One mail may carry several lines: what became of it became of each. */
function reached(thread, event, state) {
  if (toOthers(event, thread)) return thread;
  const { of } = event.body;
  const mailed = of ? thread.entries.find(({ position }) => position === of) : event;
  const lines = mailed?.body.lines ?? [of];
  return { ...thread, delivery: { ...thread.delivery, ...Object.fromEntries(lines.map((line) => [line, state])) } };
}
