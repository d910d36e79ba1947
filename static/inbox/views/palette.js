/**
 * Search and jump: what can be done here, the queues, and conversations by case number, name or address.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { find, go, pathOf } from "../route.js";
import { door, icon } from "./marks.js";
import { doings } from "./more.js";
import { QUEUES } from "./queues.js";

const PAUSE = 180;
let words = "";
let found = [];
let at = 0;
let timer = 0;

function choices() {
  const fits = (label) => _(label).toLowerCase().includes(words.toLowerCase());
  const here = doings().filter((one) => words && fits(one.label)).map((one) => ({ group: "This conversation", icon: one.icon, label: _(one.label), hint: one.key, run: one.run }));
  const queues = QUEUES.filter((one) => fits(one.label)).map((one) => ({ group: "Go to", icon: one.icon, label: _(one.label), hint: "", run: () => go(pathOf.queue(one.name)) }));
  const cases = found.map((one) => ({ group: "Conversations", icon: door(one.channel).icon, label: `${one.who}: ${one.subject || one.case}`, hint: one.case, run: () => go(pathOf.conversation(one.conversation)) }));
  return [...cases, ...here, ...queues];
}

function typed({ target }, again) {
  words = target.value.trim();
  at = 0;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const asked = words;
    const answer = asked ? await find(asked) : [];
    if (asked !== words) return;
    found = answer;
    again();
  }, PAUSE);
  again();
}

function key(event, all, { close, again }) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    at = (at + step + all.length) % all.length;
    again();
  } else if (event.key === "Enter" && all[at]) {
    event.preventDefault();
    close();
    all[at].run();
  }
}

export const palette = {
  tone: "top",
  opened(again) {
    words = "";
    found = [];
    at = 0;
    again();
  },
  whole(context) {
    const all = choices();
    const option = (one, index) => html`
      ${one.group !== all[index - 1]?.group ? html`<div class="over">${_(one.group)}</div>` : nothing}
      <button type="button" role="option" id="p${index}" class=${index === at ? "on" : ""} aria-selected=${index === at ? "true" : "false"} tabindex="-1" @click=${() => {
        context.close();
        one.run();
      }}>${icon(one.icon)}<span class="cut">${one.label}</span><small>${one.hint}</small></button>`;
    return html`<h2 class="sr" id="sheet-title">${_("Search or jump")}</h2>
      <div class="row asking">${icon("search")}<input class="grow" name="words" autofocus autocomplete="off" spellcheck="false" role="combobox" aria-expanded="true" aria-controls="found" aria-activedescendant="p${at}" aria-label=${_("Case number, name, address or command")} placeholder=${_("Case number, name, address or command")} .value=${words} @input=${(event) => typed(event, context.again)} @keydown=${(event) => key(event, all, context)} /><kbd>Esc</kbd></div>
      <div class="menu flat" id="found" role="listbox" aria-label=${_("Found")}>${all.map(option)}${all.length ? nothing : html`<p class="muted sm none">${_("Nothing found for this.")}</p>`}</div>`;
  },
};
