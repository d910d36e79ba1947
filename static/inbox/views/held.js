/**
 * What was sent and can still be taken back: a bar that counts down, with "Undo"; and what somebody else is sending at this moment.
 */
import { announce } from "../../core/a11y.js";
import { Element, define, html, nothing, repeat } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { store, undo } from "../desk.js";
import { icon } from "./marks.js";

const STEP = 250;
/** After so long without a word from the server it was performed, and the word was lost. */
const FORGOTTEN = 15_000;

const WORDS = {
  reply: { soon: "Sending to {name} in {n} s", now: "Sending to {name}", by: "{by} is sending an e-mail", failed: "Not sent." },
  close: { soon: "Closing in {n} s", now: "Closing", by: "{by} is closing this conversation", failed: "Not closed." },
};
const wordsFor = (item) => WORDS[item.action] ?? WORDS.reply;

const all = () => Object.values(store.state.held).flat();
const left = (item) => Math.max(0, item.ends - Date.now());
const canUndo = (item) => item.mine && (item.problem || left(item) > 0);

/** The latest that can still be taken back; false if there is none. */
export function undoLast() {
  const item = all().filter((one) => canUndo(one) && !one.problem).sort((a, b) => b.at - a.at)[0];
  return Boolean(item) && undo(item);
}

class Held extends Element {
  #timer = 0;
  #said = new Set();

  arrive() {
    this.follow(store);
    this.here.addEventListener("abort", () => clearInterval(this.#timer));
  }

  view() {
    const { open } = store.state;
    const shown = all().filter((one) => (one.mine || one.conversation === open) && (one.problem || one.ends > Date.now() - FORGOTTEN));
    this.#tick(shown.length > 0);
    for (const one of shown) this.#announce(one);
    return shown.length ? repeat(shown, (one) => one.key || `${one.conversation} ${one.by}`, (one) => this.#bar(one)) : nothing;
  }

  #bar(item) {
    const { rows, threads, open } = store.state;
    const name = threads[item.conversation]?.state?.customer?.name || rows[item.conversation]?.who || _("the customer");
    const words = wordsFor(item);
    if (!item.mine) return html`<div class="banner round held">${icon("send")}<span class="grow">${_(words.by, { by: item.by })}</span></div>`;
    if (item.problem) {
      return html`<div class="banner bad round held" role="alert">${icon("alert")}<span class="grow"><b>${_(words.failed)}</b> ${item.problem} ${item.conversation === open ? nothing : html`<b>${name}</b>`}</span>
        <button class="btn" data-do="undo" @click=${() => undo(item)}>${_("Back to the reply box")}</button></div>`;
    }
    const seconds = Math.ceil(left(item) / 1000);
    return html`<div class="banner round held">${icon("clock")}<span class="grow">${_(seconds ? words.soon : words.now, { name, n: seconds })}</span>
      ${seconds ? html`<button class="btn" data-do="undo" title=${_("Undo (Ctrl+Z)")} aria-keyshortcuts="Control+Z" @click=${() => undo(item)}>${icon("refresh")}${_("Undo")}</button>` : nothing}</div>`;
  }

  #tick(on) {
    if (on === Boolean(this.#timer)) return;
    clearInterval(this.#timer);
    this.#timer = on ? setInterval(() => this.update(), STEP) : 0;
  }

  /** Once: a countdown that is read out would talk over everything else. */
  #announce(item) {
    if (!item.mine || item.problem || this.#said.has(item.key)) return;
    this.#said.add(item.key);
    announce(_("Waiting {n} seconds before it is done. Control Z takes it back.", { n: Math.ceil(left(item) / 1000) }));
  }
}

define("tl-held", Held);
