/**
 * Search and jump: what can be done here, the queues, and conversations by case number, name, address or what was said in them.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { find, go, pathOf } from "../route.js";
import { door, icon, listTime } from "./marks.js";
import { doings } from "./more.js";
import { QUEUES } from "./queues.js";

const PAUSE = 180;
let words = "";
let asked = "";
let found = [];
let older = "";
let at = 0;
let timer = 0;

function choices(again) {
  const fits = (label) => _(label).toLowerCase().includes(words.toLowerCase());
  const here = doings().filter((one) => words && fits(one.label)).map((one) => ({ group: "This conversation", icon: one.icon, label: _(one.label), hint: one.key, run: one.run }));
  const queues = QUEUES.filter((one) => fits(one.label)).map((one) => ({ group: "Go to", icon: one.icon, label: _(one.label), hint: "", run: () => go(pathOf.queue(one.name)) }));
  const cases = found.map((one) => ({ group: "Conversations", icon: door(one.channel).icon, label: `${one.who || _("A visitor")}: ${one.subject || one.case}`, hint: html`${one.case}, ${listTime(one.at)}`, run: () => go(pathOf.conversation(one.conversation)) }));
  const more = older ? [{ group: "Conversations", icon: "history", label: _("Older conversations"), hint: "", stays: true, run: () => goOn(again) }] : [];
  return [...cases, ...more, ...here, ...queues];
}

/** The next page below the ones that stand there; the first of them is what Enter opens. */
async function goOn(again) {
  const [words, below] = [asked, older];
  older = "";
  again();
  const answer = await find(words, below);
  if (words !== asked) return;
  const known = new Set(found.map((one) => one.conversation));
  at = found.length;
  found = [...found, ...answer.found.filter((one) => !known.has(one.conversation))];
  older = answer.older;
  again();
}

function typed({ target }, again) {
  words = target.value.trim();
  asked = target.value;
  at = 0;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const now = asked;
    const answer = words ? await find(now) : { found: [], older: "" };
    if (now !== asked) return;
    ({ found, older } = answer);
    again();
  }, PAUSE);
  again();
}

function choose(one, close) {
  if (!one.stays) close();
  one.run();
}

function key(event, all, { close, again }) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    at = (at + step + all.length) % all.length;
    again();
    requestAnimationFrame(() => document.getElementById(`p${at}`)?.scrollIntoView({ block: "nearest" }));
  } else if (event.key === "Enter" && all[at]) {
    event.preventDefault();
    choose(all[at], close);
  }
}

export const palette = {
  tone: "top",
  opened(again) {
    words = asked = older = "";
    found = [];
    at = 0;
    again();
  },
  whole(context) {
    const all = choices(context.again);
    const option = (one, index) => html`
      ${one.group !== all[index - 1]?.group ? html`<div class="over">${_(one.group)}</div>` : nothing}
      <button type="button" role="option" id="p${index}" class=${index === at ? "on" : ""} aria-selected=${index === at ? "true" : "false"} tabindex="-1" @click=${() => choose(one, context.close)}>${icon(one.icon)}<span class="cut">${one.label}</span><small>${one.hint}</small></button>`;
    return html`<h2 class="sr" id="sheet-title">${_("Search or jump")}</h2>
      <div class="row asking">${icon("search")}<input class="grow" name="words" autofocus autocomplete="off" spellcheck="false" role="combobox" aria-expanded="true" aria-controls="found" aria-activedescendant="p${at}" aria-label=${_("Words, name, address, case number or command")} placeholder=${_("Words, name, address, case number or command")} .value=${words} @input=${(event) => typed(event, context.again)} @keydown=${(event) => key(event, all, context)} /><kbd>Esc</kbd></div>
      <div class="menu flat" id="found" role="listbox" aria-label=${_("Found")}>${all.map(option)}${all.length ? nothing : html`<p class="muted sm none">${_("Nothing found for this.")}</p>`}</div>`;
  },
};
