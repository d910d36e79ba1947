/**
 * Everything that can be done with the open conversation, as one list: the way to it all on a phone.
 */
import { html } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { act, store } from "../desk.js";
import { openThread } from "../state.js";
import { icon } from "./marks.js";

const sheet = (name) => () => store.dispatch({ type: "sheet", sheet: { name } });

const DOINGS = [
  { label: "Assign to me", icon: "user", key: "A", when: (s) => !s.assignee && s.status !== "closed", run: () => act("claim") },
  { label: "Hand over", icon: "swap", key: "H", when: (s) => s.status !== "closed", run: sheet("hand_off") },
  { label: "Promise", icon: "knot", key: "P", when: (s) => s.status !== "closed", run: sheet("promise") },
  { label: "Decide", icon: "scale", key: "D", when: (s) => s.status !== "closed", run: sheet("decide") },
  { label: "Continue by e-mail", icon: "mail", key: "", when: (s) => s.status !== "closed", run: sheet("move") },
  { label: "Snooze", icon: "snooze", key: "Z", when: (s) => s.status === "open", run: sheet("snooze") },
  { label: "Close", icon: "check", key: "E", when: (s) => s.status !== "closed", run: sheet("close") },
  { label: "Reopen", icon: "refresh", key: "E", when: (s) => s.status === "closed", run: sheet("reopen") },
];

/** What the open conversation allows now. */
export function doings() {
  const summary = openThread(store.state).state;
  return summary ? DOINGS.filter((one) => one.when(summary)) : [];
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
    <div class="menu flat">${doings().map((one) => html`<button type="button" @click=${() => {
      close();
      one.run();
    }}>${icon(one.icon)}<span>${_(one.label)}</span><small>${one.key ? html`<kbd>${one.key}</kbd>` : ""}</small></button>`)}</div>`,
};
