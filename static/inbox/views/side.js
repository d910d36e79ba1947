/**
 * Beside the thread: times, the customer, the record with its transcript, and what came before.
 */
import { Element, define, html, nothing } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { day, full, when } from "../../core/time.js";
import { act, formats, loadBeside, store } from "../desk.js";
import { back, pathOf } from "../route.js";
import { openThread } from "../state.js";
import { pauseWords } from "./bounces.js";
import { avatar, door, icon, span, waiting } from "./marks.js";

const token = () => document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
const kept = (found) => {
  if (found.held) return _("on hold: nothing is erased");
  return found.kept_until ? _("{day} or later", { day: day(found.kept_until) }) : _("over: the content is gone");
};
const row = (label, value) => html`<dt>${_(label)}</dt><dd>${value}</dd>`;

/** An address breaks after its @, if it must. */
const breakable = (address) => html`<span title=${address}>${address.split("@")[0]}@<wbr />${address.split("@")[1]}</span>`;

class Side extends Element {
  arrive() {
    this.follow(store);
  }

  view() {
    const { open, beside } = store.state;
    const thread = openThread(store.state);
    const summary = thread.state;
    if (!open || !summary) return nothing;
    const { customer } = summary;
    return html`
      <div class="row narrow"><button class="tap" aria-label=${_("Back to the conversation")} @click=${back}>${icon("chev-left")}</button><b>${_("Customer and record")}</b></div>
      <div class="row">${avatar(customer.name || "?", "l")}<div class="grow"><b class="big">${customer.name || _("A visitor")}</b><div class="muted xs">${icon(door(summary.channel).icon)} ${_("last {words}", { words: _(door(summary.channel).words) })}</div></div></div>
      ${this.#times(summary)} ${this.#customer(summary, beside[open]?.paused)} ${this.#others(summary)} ${this.#record(open, thread, beside[open])} ${this.#before(beside[open])}`;
  }

  #times(summary) {
    const first = summary.first_answer_at ? html`<span class="clock">${icon("check")}${span(summary.first_answer_at - summary.opened_at)}</span>` : _("not yet");
    return html`<section><h3>${icon("clock")}${_("Times")}</h3><dl>
      ${row("Opened", html`<span title=${full(summary.opened_at)}>${when(summary.opened_at)}</span>`)} ${row("First reply", first)}
      ${summary.waiting_since ? row("Waits", waiting(summary.waiting_since)) : nothing}
      ${summary.snoozed_until ? row("Aside until", when(summary.snoozed_until)) : nothing}
    </dl></section>`;
  }

  #customer({ customer, bounced, opened_by: opened }, paused) {
    const again = html`<button class="btn" @click=${() => act("send_again")}>${_("Send again")}</button>`;
    const status = paused
      ? html`<span class="state bad">${icon("lock")}${_("Mail paused")}</span><div class="xs muted">${_("Nothing goes there: {why}.", { why: pauseWords(paused) })}</div>${again}`
      : bounced
      ? html`<span class="state bad">${icon("alert")}${_("Bounced")}</span> ${again}`
      : customer.confirmed
        ? html`<span class="state ok">${icon("check")}${_("Confirmed")}</span>`
        : html`<span class="state">${icon("clock")}${_("Not confirmed yet")}</span>`;
    return html`<section><h3>${icon("user")}${_("Customer")}</h3><dl>
      ${row("E-mail", customer.address ? breakable(customer.address) : _("not known"))} ${customer.address ? row("Address", status) : nothing} ${row("Came", _(door(opened).words))}
    </dl></section>`;
  }

  /** People besides the customer; nobody of them sees the record. */
  #others({ others }) {
    const people = Object.values(others ?? {});
    if (!people.length) return nothing;
    return html`<section><h3>${icon("users")}${_("In copy")} <span class="count quietly push">${people.length}</span></h3><ul class="col">
      ${people.map((one) => html`<li title=${one.ref}>${one.name || one.address}${one.unasked ? html` <span class="chip bad">${icon("alert")}${_("not vouched for")}</span>` : nothing}${one.name && one.address ? html`<div class="xs faint">${breakable(one.address)}</div>` : nothing}</li>`)}
    </ul></section>`;
  }

  #record(open, thread, found) {
    const taken = thread.events.filter((event) => event.kind.startsWith("transcript.")).at(-1);
    return html`<section><h3>${icon("shield")}${_("Record")}</h3><dl>
        ${found ? row("Kept until", kept(found)) : nothing}
        ${taken ? row("Downloads", [taken.body.format, when(taken.at), taken.body.by].filter(Boolean).join(", ")) : nothing} ${row("Chain", this.#chain(open, found))}
      </dl>
      <div class="row wrap formats" role="group" aria-label=${_("Save transcript")}>
        ${icon("download")}
        ${formats.map((one) => html`<form method="post" action="/transcripts/${open}/${one.name}" target=${one.archive ? "_blank" : "_self"}><input type="hidden" name="csrfmiddlewaretoken" .value=${token()} /><button class="btn" data-format=${one.name} title=${_("Save transcript (S)")}>${_(one.label)}</button></form>`)}
      </div></section>`;
  }

  #chain(open, found) {
    if (!found) return _("checking");
    const { whole, position } = found.chain;
    if (whole) return html`<span class="state ok">${icon("check")}${_n("{n} entry, unbroken", "{n} entries, unbroken", found.entries)}</span>`;
    if (whole === false) return html`<span class="state bad">${icon("alert")}${position ? _("broken at entry {n}", { n: position }) : _("broken")}</span>`;
    return html`${_("{n} entries", { n: found.entries })} <button class="btn" @click=${() => loadBeside(open, { check: true })}>${_("Check")}</button>`;
  }

  #before(found) {
    if (!found?.before.length) return nothing;
    return html`<section><h3>${icon("history")}${_("Before this")} <span class="count quietly push">${found.before.length}</span></h3>
      <ul class="col">${found.before.map((one) => html`<li><a href=${pathOf.conversation(one.conversation)}>${one.subject || one.case}</a><div class="xs faint">${icon(door(one.channel).icon)} ${_(one.status)} ${day(one.at)}${one.by ? ` · ${one.by}` : ""}</div></li>`)}</ul></section>`;
  }
}

define("tl-side", Side);
