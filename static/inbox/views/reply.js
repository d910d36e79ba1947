/**
 * The reply box: in chat, by e-mail or as a note; under it always what the customer gets, and where. Drafts are kept on this device.
 */
import { composing } from "../../core/a11y.js";
import { Element, define, html, nothing, repeat } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { keepDraft, say, store, typing } from "../desk.js";
import { GROUNDS } from "../grounds.js";
import { openThread } from "../state.js";
import { addressed, copies } from "./copies.js";
import { pauseWords } from "./bounces.js";
import { door, icon, octets, span } from "./marks.js";

const LARGEST = 25_000_000;

const WAYS = [
  { by: "chat", icon: "chat", label: "In chat", key: "R", send: "Send" },
  { by: "email", icon: "mail", label: "By e-mail", key: "M", send: "Send e-mail" },
  { by: "note", icon: "note", label: "Note", key: "N", send: "Add note" },
];

class Reply extends Element {
  #of = "";
  #files = [];
  #problem = "";

  arrive() {
    this.follow(store);
    this.addEventListener("way", ({ detail }) => this.#choose(detail), { signal: this.here });
  }

  get #draft() {
    return store.state.drafts[store.state.open] ?? { text: "" };
  }

  /** Until the agent chooses, the way the customer last wrote. */
  get #by() {
    return this.#draft.by ?? door(openThread(store.state).state.channel).by;
  }

  view() {
    const { open } = store.state;
    const summary = openThread(store.state).state;
    if (!summary) return nothing;
    if (open !== this.#of) {
      this.#of = open;
      this.#files = [];
      this.#problem = "";
    }
    this.#takeBack();
    const by = this.#by;
    const way = WAYS.find((one) => one.by === by);
    const text = this.#draft.text;
    return html`<form class="reply ${by}" aria-label=${_("Reply")} @submit=${(event) => this.#send(event)} @dragover=${(event) => event.preventDefault()} @drop=${(event) => this.#dropped(event)}>
      <div class="top">
        <div class="seg" role="radiogroup" aria-label=${_("How to answer")} @keydown=${(event) => this.#arrows(event)}>
          ${WAYS.map((one) => html`<button role="radio" type="button" aria-checked=${one.by === by ? "true" : "false"} tabindex=${one.by === by ? 0 : -1} title="${_(one.label)} (${one.key})" aria-keyshortcuts=${one.key} @click=${() => this.#choose(one.by)}>${icon(one.icon)}${_(one.label)}</button>`)}
        </div>
        <span class="push"></span>
        <button class="btn quiet wideonly" type="button" data-do="promise" title=${_("Promise (P)")} aria-keyshortcuts="P" @click=${() => this.#sheet("promise")}>${icon("knot")}${_("Promise")}</button>
        <button class="btn quiet wideonly" type="button" data-do="decide" title=${_("Decide (D)")} aria-keyshortcuts="D" @click=${() => this.#sheet("decide")}>${icon("scale")}${_("Decide")}</button>
      </div>
      <div class="to" id="reply-to">${icon(by === "email" ? "mail" : "eye")}<span>${this.#where(by, summary)}</span></div>
      ${by === "email" ? copies(summary, this.#draft.also, (also) => this.#keep({ also })) : nothing}
      ${by === "note" ? this.#disclosure() : nothing}
      <textarea class="ed" rows="2" aria-label=${_("Your reply")} aria-describedby="reply-to" .value=${text} @input=${(event) => this.#typed(event)} @keydown=${(event) => this.#key(event)} @paste=${(event) => this.#pasted(event)}></textarea>
      ${this.#files.length ? html`<div class="files">${repeat(this.#files, (file) => file, (file) => html`<span class="attach"><span class="th">${icon("file")}</span><span>${file.name}<small>${octets(file.size)}</small></span><button type="button" class="btn icon quiet" aria-label=${_("Remove {name}", { name: file.name })} @click=${() => this.#drop(file)}>${icon("x")}</button></span>`)}</div>` : nothing}
      ${this.#problem ? html`<p class="wrong sm problem" role="alert">${this.#problem}</p>` : nothing}
      <div class="bot">
        <label class="btn icon quiet" title=${_("Attach a file")}>${icon("clip")}<span class="sr">${_("Attach a file")}</span><input class="sr" type="file" multiple @change=${(event) => this.#chosen(event)} /></label>
        <span class="hint wideonly">${by === "email" ? this.#besides(summary) : nothing}</span>
        <span class="push state">${text && store.state.onDisk[open] === text ? html`${icon("check")}${_("Draft kept")}` : nothing}</span>
        <button class="btn primary send" type="submit" ?disabled=${by === "email" && !summary.customer.address}><span class="wideonly">${_(way.send)} <kbd>Ctrl &#9166;</kbd></span><span class="narrow">${icon("arrow-up")}<span class="sr">${_(way.send)}</span></span></button>
      </div>
    </form>`;
  }

  /** An answer that was taken back comes with its files, which the server has already. */
  #takeBack() {
    const { back, ...draft } = this.#draft;
    if (!back) return;
    this.#files = [...(back.files ?? []), ...this.#files];
    queueMicrotask(() => keepDraft(store.state.open, draft));
  }

  #where(by, summary) {
    const { customer, away_after: away } = summary;
    const name = customer.name || _("The visitor");
    if (by === "note") return html`${_("Not sent.")} <b>${this.#draft.withheld ? _("Kept out of the customer's record.") : _("{name} can read it in the full record.", { name })}</b>`;
    if (by === "email") {
      if (!customer.address) return html`<b>${_("No e-mail address is known.")}</b> ${_("Ask for one in the chat.")}`;
      const { rows, beside, open } = store.state;
      const reference = rows[open]?.case ?? beside[open]?.case;
      const paused = pauseWords(beside[open]?.paused);
      if (paused) return html`<b class="wrong">${_("Nothing goes to {address}:", { address: customer.address })}</b> ${paused}. ${_("“Send again” lets mail through.")}`;
      // Until the address is confirmed the words of a chat stay out of it: it may be a stranger's.
      if (!customer.confirmed && door(summary.opened_by).by !== "email") return html`${_("To")} <b>${customer.address}</b>, ${_("which is not confirmed: it gets this answer, without what was said before")}`;
      return html`${_("To")} <b>${customer.address}</b>, ${_("same thread, subject")} <b>${summary.subject}${reference ? ` [${reference}]` : ""}</b>`;
    }
    const later = !away ? nothing : customer.address ? _("After {time} unseen it goes by e-mail.", { time: span(away * 1_000_000) }) : _("No address is known, so it waits there until it is read.");
    return html`${_("{name} gets this", { name })} <b>${_("in the chat now")}</b>. ${later}`;
  }

  /** What else the mail holds: who has not shown that the address is theirs gets nothing but the answer. */
  #besides({ customer }) {
    if (!customer.address) return nothing;
    return customer.confirmed ? _("The last messages are quoted below") : _("Not confirmed: without earlier messages, files behind its link");
  }

  #disclosure() {
    const { withheld = "" } = this.#draft;
    return html`<label class="disclose sm row">${icon(withheld ? "lock" : "eye")}<span class="sr">${_("Who may read this note")}</span>
      <select class="input" @change=${(event) => this.#keep({ withheld: event.target.value })}>
        <option value="" ?selected=${!withheld}>${_("The customer can see it in the full record")}</option>
        ${Object.entries(GROUNDS).map(([code, ground]) => html`<option value=${code} ?selected=${withheld === code}>${_("Kept out of the record: {ground}", { ground: _(ground) })}</option>`)}
      </select></label>`;
  }

  #sheet(name) {
    store.dispatch({ type: "sheet", sheet: { name, text: this.#draft.text } });
  }

  #keep(change) {
    keepDraft(store.state.open, { ...this.#draft, by: this.#by, ...change });
  }

  #choose(by) {
    this.#keep({ by });
    this.querySelector("textarea").focus();
  }

  #arrows(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = WAYS.findIndex((one) => one.by === this.#by);
    this.#keep({ by: WAYS[(at + step + WAYS.length) % WAYS.length].by });
    queueMicrotask(() => this.querySelector('[aria-checked="true"]')?.focus());
  }

  #typed({ target }) {
    this.#problem = "";
    this.#keep({ text: target.value });
    if (this.#by !== "note") typing(Boolean(target.value));
  }

  #key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !composing(event)) this.#send(event);
  }

  #send(event) {
    event.preventDefault();
    const { text, withheld = "" } = this.#draft;
    const by = this.#by;
    if (!text.trim() && !this.#files.length) return this.querySelector("textarea").focus();
    if (by === "email" && !openThread(store.state).state.customer.address) return;
    if (by === "note") say("note", { text, withheld }, this.#files);
    else say("reply", { text, by, ...this.#also(by) }, this.#files);
    typing(false);
    this.#files = [];
    keepDraft(store.state.open, { text: "", by: by === "note" ? undefined : by });
    this.querySelector("textarea").focus();
  }

  /** Chosen anew for each answer: nobody gets one because they got the last. */
  #also(by) {
    const also = by === "email" ? addressed(openThread(store.state).state, this.#draft.also) : [];
    return also.length ? { also } : {};
  }

  #add(files) {
    const large = files.find((file) => file.size > LARGEST);
    this.#problem = large ? _("{name} is larger than 25 MB. Send it in parts, or a link to it.", { name: large.name }) : "";
    this.#files = [...this.#files, ...files.filter((file) => file.size <= LARGEST)].slice(0, 10);
    this.update();
  }

  #chosen({ target }) {
    this.#add([...target.files]);
    target.value = "";
  }

  #dropped(event) {
    event.preventDefault();
    this.#add([...event.dataTransfer.files]);
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.#add(files);
  }

  #drop(file) {
    this.#files = this.#files.filter((one) => one !== file);
    this.update();
  }
}

define("tl-reply", Reply);
