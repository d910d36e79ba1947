/**
 * The desk everything stands on: the connection, what is not yet acknowledged, drafts, and the state that the views draw. Knows no view.
 */
import { announce } from "../core/a11y.js";
import { openBox } from "../core/box.js";
import { _ } from "../core/i18n.js";
import { Outbox } from "../core/outbox.js";
import { LiveSocket } from "../core/socket.js";
import { Store } from "../core/store.js";
import { shopZone } from "../core/time.js";
import { beginning, lastPosition, openThread, reduce } from "./state.js";
import { upload } from "./upload.js";

const boot = JSON.parse(document.getElementById("boot").textContent);
/** Actions whose words are drawn in the thread before the server has stored them. */
export const DRAWN = new Set(["reply", "note"]);
const MOST_THREADS = 8;
const TYPING_EVERY = 3000;
const TYPING_FADES = 6000;
const COUNT_AGAIN = 2000;
const BESIDE_AGAIN = 3000;
const REPLAY_STEP = 120;
const STUCK_EVERY = 60_000;

export const me = boot.me;
export const sites = boot.sites;
/** How a transcript can be saved: name, label, whether it is an archive that is prepared first. */
export const formats = boot.formats;
shopZone(sites[0]?.zone);
/** Where mail stands that found no conversation by itself; empty if no mail room is there. */
export const doubtfulMail = boot.doubtful_mail;
/** Where leads and administrators hear whether outgoing mail is stuck. */
const waitingMail = boot.waiting_mail;
export const store = new Store(reduce, beginning);
export const socket = new LiveSocket("/live/inbox");
export const outbox = new Outbox(socket, { name: `throughline-inbox-${me.ref}`, prepare });

const drafts = openBox(`throughline-drafts-${me.ref}`);
const asked = [];
const recent = [];
let counting = 0;
let looking = 0;
let typedAt = 0;
const fading = new Map();
const told = new Map();
const arriving = new Map();

/** True while rows must not move: the pointer is over the list, or it is scrolled down. The list says so. */
let holding = () => false;
export const holdWhile = (condition) => (holding = condition);

/** An action on the open conversation. It is kept on this device until the server has answered. */
export function act(action, form = {}, { conversation = store.state.open, files = [] } = {}) {
  return outbox.put({ conversation, action, form, files, hold: lasts(action, form) });
}

/** What leaves the house, or tells the customer that it is over, can be taken back for some seconds. */
const lasts = (action, form) => action === "close" || (action === "reply" && form.by === "email");

/** Takes back what the server has not performed yet. */
export const undo = (item) => socket.send({ t: "undo", conversation: item.conversation, key: item.key });

/** A message, note or mail: with the position up to which its author had read. */
export function say(action, form, files) {
  store.dispatch({ type: "notice", words: "" });
  const checked = action === "reply" ? { ...form, after: lastPosition(store.state) } : form;
  return act(action, checked, { files });
}

/** Sends a refused message again, now that its author has read what came in between. */
export function sayAgain(item) {
  if ("after" in item.form) item.form.after = lastPosition(store.state);
  outbox.retry(item.key);
}

export function ask(name, after = null) {
  if (socket.send({ t: "queue", name, after })) asked.push({ name, more: after !== null });
}

export function watch(conversation) {
  const at = recent.indexOf(conversation);
  if (at >= 0) recent.splice(at, 1);
  recent.push(conversation);
  socket.watch(conversation, 0);
  while (recent.length > MOST_THREADS) forget(recent.shift());
}

function forget(conversation) {
  socket.unwatch(conversation);
  store.dispatch({ type: "forgotten", conversation });
}

export function keepDraft(conversation, draft) {
  store.dispatch({ type: "draft", conversation, draft });
  if (draft.text) drafts.put({ key: conversation, draft }).then(() => store.dispatch({ type: "onDisk", conversation, text: draft.text }));
  else drafts.delete(conversation);
}

export function typing(on) {
  const late = Date.now() - typedAt > TYPING_EVERY;
  if (on && !late) return;
  typedAt = on ? Date.now() : 0;
  socket.send({ t: "typing", conversation: store.state.open, on });
}

/** Tells the server what this agent has seen, if the thread is on the screen and the last word is not their own. */
export function seen() {
  const { open } = store.state;
  const thread = openThread(store.state);
  const position = thread.events.at(-1)?.position ?? 0;
  if (!open || !thread.live || document.visibilityState !== "visible") return;
  const known = thread.state?.seen?.[me.ref] ?? 0;
  const theirs = thread.events.findLast((event) => event.side === "customer")?.position ?? 0;
  if (theirs > Math.max(known, told.get(open) ?? 0)) {
    told.set(open, position);
    socket.send({ t: "seen", conversation: open, position });
  }
}

export function tell(words) {
  store.dispatch({ type: "notice", words });
  announce(words);
}

/** The record beside the thread; a very long chain is walked only with `check`. */
export async function loadBeside(conversation, { check = false } = {}) {
  const answer = await fetch(`/inbox/beside/${conversation}${check ? "?chain=check" : ""}`).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  if (conversation === store.state.open) shopZone(found.zone);
  store.dispatch({ type: "beside", conversation, found });
}

/** What was taken back stands in the reply box again, before what was begun there meanwhile. */
function takenBack({ conversation, action, form, files }) {
  store.dispatch({ type: "held", conversation, items: (store.state.held[conversation] ?? []).filter((one) => !one.mine) });
  if (action !== "reply") return tell(_("Taken back. Nothing was closed."));
  const before = store.state.drafts[conversation] ?? {};
  keepDraft(conversation, { text: [form.text, before.text].filter(Boolean).join("\n"), by: form.by, also: form.also, back: { ...form, files } });
  tell(_("Taken back. Your text is in the reply box again."));
}

async function prepare(item, progress) {
  const { files = [], form, conversation } = item;
  if (!files.length) return form;
  const attachments = [];
  // One that was taken back with its answer is there already.
  for (const file of files) attachments.push(file.secret ?? (await upload(file, conversation, progress)));
  return { ...form, attachments };
}

/** Counts of other queues change too: ask again, but not for every single row. */
function countAgain() {
  if (counting) return;
  counting = setTimeout(() => {
    counting = 0;
    if (!holding()) ask(store.state.place);
  }, COUNT_AGAIN);
}

function arrived(conversation) {
  const frames = arriving.get(conversation);
  arriving.delete(conversation);
  if (!frames || !socket.watching(conversation)) return;
  store.dispatch({ type: "events", conversation, frames });
  if (conversation !== store.state.open) return;
  seen();
  besideAgain();
}

/** The record beside the thread grows with it: look again when it is quiet. */
function besideAgain() {
  clearTimeout(looking);
  looking = setTimeout(() => store.state.open && loadBeside(store.state.open), BESIDE_AGAIN);
}

const on = (name, listener) => socket.addEventListener(name, ({ detail }) => listener(detail));

on("state", (connection) => store.dispatch({ type: "connection", connection }));
on("welcome", () => {
  asked.length = 0;
  ask(store.state.place);
});
on("queue", (frame) => {
  const at = asked.findIndex((one) => one.name === frame.name);
  const more = at >= 0 && asked.splice(at, 1)[0].more;
  store.dispatch({ type: "rows", ...frame, more });
});
on("row", ({ row, queues }) => {
  store.dispatch({ type: "row", row, queues, holding: holding() });
  countAgain();
});
on("beat", countAgain);
on("watching", (frame) => {
  store.dispatch({ type: "held", conversation: frame.conversation, items: [] });
  store.dispatch({ type: "watching", ...frame });
});
on("held", ({ conversation, items }) => store.dispatch({ type: "held", conversation, items: items.map((one) => ({ ...one, conversation, ends: Date.now() + one.left })) }));
on("undone", takenBack);
on("error", ({ code, message }) => code === "late" && tell(message));
on("event", (frame) => {
  const { conversation } = frame;
  if (arriving.has(conversation)) return arriving.get(conversation).push(frame);
  arriving.set(conversation, [frame]);
  // While a long thread is replayed it is drawn a few times, not once per event.
  setTimeout(() => arrived(conversation), store.state.threads[conversation]?.live ? 0 : REPLAY_STEP);
});
on("live", ({ conversation }) => {
  arrived(conversation);
  store.dispatch({ type: "live", conversation });
  if (conversation === store.state.open) seen();
});
on("presence", ({ conversation, here, viewing }) => {
  if (conversation) store.dispatch({ type: "viewing", conversation, viewing: viewing.filter((one) => one.ref !== me.ref) });
  else store.dispatch({ type: "here", here });
});
on("typing", ({ conversation, side, name, on: typed }) => {
  clearTimeout(fading.get(conversation));
  store.dispatch({ type: "typing", conversation, side, name, on: typed });
  if (typed) fading.set(conversation, setTimeout(() => store.dispatch({ type: "typing", conversation, on: false }), TYPING_FADES));
});
outbox.addEventListener("change", ({ detail }) => store.dispatch({ type: "pending", items: [...detail] }));
outbox.addEventListener("refused", ({ detail: { item } }) => {
  if (DRAWN.has(item.action)) return; // stands in the thread, with what can be done about it
  tell(item.message);
  outbox.cancel(item.key);
});

/** Mail that does not leave is nobody's conversation: those who can do something hear of it here. */
async function lookForStuckMail() {
  const answer = await fetch(waitingMail).catch(() => null);
  if (answer?.ok) store.dispatch({ type: "stuck", stuck: await answer.json() });
}

export async function start() {
  if (waitingMail) {
    lookForStuckMail();
    setInterval(lookForStuckMail, STUCK_EVERY);
  }
  const kept = await drafts.all();
  store.dispatch({ type: "drafts", drafts: Object.fromEntries(kept.map(({ key, draft }) => [key, draft])) });
  await outbox.load();
  socket.start();
  setInterval(() => store.dispatch({ type: "tick" }), 30_000);
  document.addEventListener("visibilitychange", seen);
  document.getElementById("status") ?? console.warn(_("This page has no status line."));
}
