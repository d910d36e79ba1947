/**
 * Everything that can be done with the open conversation, as one list: the way to it all on a phone. What is offered is the server's word.
 */
import { html } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { act, store } from "../desk.js";
import { openThread } from "../state.js";
import { icon } from "./marks.js";

const sheet = (name, more) => () => store.dispatch({ type: "sheet", sheet: { name, ...more } });

/** Actions with a view of their own, in the order of the menu. */
const OWN = {
  claim: { icon: "user", run: () => act("claim") },
  hand_off: { icon: "swap", run: sheet("hand_off") },
  promise: { icon: "knot", run: sheet("promise") },
  keep: { icon: "check", run: sheet("keep") },
  withdraw: { icon: "x", run: sheet("withdraw") },
  decide: { icon: "scale", run: sheet("decide") },
  move: { icon: "mail", run: sheet("move") },
  snooze: { icon: "snooze", run: sheet("snooze") },
  close: { icon: "check", run: sheet("close") },
  reopen: { icon: "refresh", run: sheet("reopen") },
};

/** Actions that have their place outside the menu: the reply box, the banner above the thread, the panel beside it. */
const ELSEWHERE = new Set(["reply", "note", "accept", "decline", "take"]);

/** Marks of actions that are asked for in the plain form. */
const MARKS = {
  hold: "lock",
  release_hold: "lock",
  send_again: "refresh",
  introduce: "user",
  merge: "merge",
  propose_crossing: "pencil",
  agree_crossing: "pencil",
  decline_crossing: "x",
  refuse_erasure: "x",
};

/** An action without a view of its own, maybe one this page has never heard of: done at a press, or asked for in a plain form. */
const plain = (action) => ({ icon: MARKS[action.name] ?? "bolt", run: action.fields.length ? sheet("plain", { action }) : () => act(action.name) });

/** What the open conversation allows now. */
export function doings() {
  const offered = openThread(store.state).actions.filter((one) => !ELSEWHERE.has(one.name));
  const names = Object.keys(OWN);
  const place = (one) => (OWN[one.name] ? names.indexOf(one.name) : names.length);
  return offered
    .sort((a, b) => place(a) - place(b))
    .map((one) => ({ name: one.name, label: one.label, key: one.shortcut, ...(OWN[one.name] ?? plain(one)) }));
}

/** Runs the doing of a key; says whether there was one. */
export function doByKey(key) {
  const found = doings().find((one) => one.key === key);
  found?.run();
  return Boolean(found);
}

export const more = {
  tone: "small",
  whole: ({ close }) => html`<h2 class="sr" id="sheet-title">${_("This conversation")}</h2>
    <div class="menu flat">${doings().map((one) => html`<button type="button" data-do=${one.name} @click=${() => {
      close();
      one.run();
    }}>${icon(one.icon)}<span>${_(one.label)}</span><small>${one.key ? html`<kbd>${one.key}</kbd>` : ""}</small></button>`)}</div>`,
};
