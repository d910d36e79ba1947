/**
 * One conversation: its head, its promises, every event on the line, what is on its way, and the reply box below.
 */
import { Element, define, html, nothing, repeat } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { noChange } from "../../vendor/lit-html.js";
import { dayName, daysAway } from "../../core/time.js";
import { DRAWN, act, keepDraft, me, outbox, sayAgain, seen, store } from "../desk.js";
import { back, pathOf } from "../route.js";
import { openThread } from "../state.js";
import { drawn, entry, pins } from "./entries.js";
import { avatar, door, icon } from "./marks.js";
import "./held.js";
import "./reply.js";

export const sheet = (name, more = {}) => store.dispatch({ type: "sheet", sheet: { name, ...more } });

class Thread extends Element {
  #shown = "";
  #atEnd = true;
  #count = 0;
  #below = 0;
  #logged = null;
  #lineCount = 0;
  #window = "";

  arrive() {
    this.follow(store);
  }

  view() {
    const { open, rows, viewing, typing, connection, notice } = store.state;
    if (!open) return this.#nothingOpen();
    const thread = openThread(store.state);
    const summary = thread.state;
    const row = rows[open];
    const number = row?.case ?? store.state.beside[open]?.case ?? "";
    const closed = summary?.status === "closed";
    const others = viewing[open] ?? [];
    const replying = others.filter((one) => one.replying);
    const writer = typing[open];
    return html`
      <header class="bar">
        <div class="row tight">
          <button class="tap narrow" aria-label=${_("Back")} @click=${back}>${icon("chev-left")}</button>
          <div class="grow heading"><h1 class="cut" tabindex="-1">${summary?.subject || row?.subject || number || _("Conversation")}</h1><span class="xs muted narrow cut">${this.#who(summary, row)}</span></div>
          ${summary ? this.#buttons(thread.actions) : nothing}
        </div>
        <div class="row wrap chips wideonly">
          ${number ? html`<span class="chip mono">${number}</span>` : nothing}
          ${summary ? html`<span class="chip ${door(summary.channel).chip}">${icon(door(summary.channel).icon)}${_(door(summary.channel).label)}</span>` : nothing}
          ${closed ? html`<span class="chip">${icon("check")}${_("Closed")}</span>` : nothing}
          ${summary?.status === "snoozed" ? html`<span class="chip out">${icon("snooze")}${_("Aside")}</span>` : nothing}
          ${summary ? html`<span class="chip out">${icon("user")}${summary.assignee_name || _("Nobody has it")}</span>` : nothing}
          ${(summary?.tags ?? []).map((tag) => html`<span class="chip out">${icon("tag")}${tag}</span>`)}
          ${others.length ? html`<span class="push row xs muted">${avatar(others[0].name, "xs")}${_n("{name} is viewing", "{name} and others are viewing", others.length, { name: others[0].name })}</span>` : nothing}
        </div>
      </header>
      <div class="pins">
        ${notice ? html`<div class="banner warn round" role="alert">${icon("alert")}<span class="grow">${notice}</span><button class="btn icon quiet" aria-label=${_("Dismiss")} @click=${() => store.dispatch({ type: "notice", words: "" })}>${icon("x")}</button></div>` : nothing}
        ${this.#asked(summary)}
        ${this.#toDecide(summary, thread.actions)}
        ${replying.length ? html`<div class="banner warn round">${avatar(replying[0].name, "s")}<span class="grow"><b>${_("{name} is replying.", { name: replying[0].name })}</b> ${_("Your draft is kept.")}</span></div>` : nothing}
        ${summary?.bounced ? html`<div class="banner bad round">${icon("alert")}<span class="grow"><b>${_("The last mail bounced.")}</b> ${_("Ask for another address, or answer in the chat.")}</span><button class="btn" @click=${() => act("send_again")}>${_("Send again")}</button></div>` : nothing}
        ${pins(summary, { keep: (promise) => sheet("keep", { promise }), withdraw: (promise) => sheet("withdraw", { promise }) })}
      </div>
      <div class="flow" @scroll=${(event) => this.#scrolled(event.target)} role="log" aria-label=${_("Conversation")} aria-live=${thread.live && open === this.#shown ? "polite" : "off"} aria-relevant="additions" tabindex="0">
        <ol class="line">
          ${this.#log(thread)}
          ${repeat(this.#pending(open), (item) => item.key, (item) => pending(item, connection))}
        </ol>
      </div>
      <div class="foot">
        ${this.#below ? html`<button class="pill below" @click=${() => this.#toEnd()}>${_n("{n} new below", "{n} new below", this.#below)}</button>` : nothing}
        ${writer && writer.side === "customer" ? html`<div class="row faint writing"><span class="typing" aria-hidden="true"><i></i><i></i><i></i></span>${_("{name} is typing", { name: writer.name || _("The visitor") })}</div>` : nothing}
        <tl-held></tl-held>
        ${summary ? html`<tl-reply></tl-reply>` : nothing}
      </div>`;
  }

  drawn() {
    const { open, pane } = store.state;
    const flow = this.querySelector(".flow");
    if (!flow) return;
    const count = this.#lineCount + this.#pending(open).length;
    const opened = open !== this.#shown;
    if (opened) {
      this.#shown = open;
      this.update(); // what was there before is not read out; what comes from now on is
      this.#atEnd = true;
      this.#below = 0;
      if (pane === "thread" && !matchMedia("(min-width: 721px)").matches) this.querySelector("h1")?.focus({ preventScroll: true });
    } else if (!this.#atEnd && count > this.#count) {
      this.#below += count - this.#count;
      this.update();
    }
    // Scrolling makes the browser lay the whole thread out: only when something in it, or its window, has changed.
    const window = `${count} ${flow.clientHeight}`;
    if (this.#atEnd && (opened || window !== this.#window)) flow.scrollTop = flow.scrollHeight;
    this.#window = window;
    this.#count = count;
  }

  #scrolled(flow) {
    this.#atEnd = flow.scrollHeight - flow.scrollTop - flow.clientHeight < 40;
    if (!this.#atEnd) return;
    if (this.#below) {
      this.#below = 0;
      this.update();
    }
    seen();
  }

  #toEnd() {
    const flow = this.querySelector(".flow");
    flow.scrollTop = flow.scrollHeight;
  }

  #nothingOpen() {
    this.#logged = null;
    return html`<tl-held></tl-held><div class="blank"><div class="empty"><b>${_("Choose a conversation")}</b><p class="sm muted">${_("J and K go through the list, Enter opens one. ? shows all keys.")}</p></div></div>`;
  }

  #who(summary, row) {
    const name = summary?.customer?.name || row?.who || _("A visitor");
    return `${name}, ${_(door(summary?.channel ?? row?.channel).label)}, ${summary?.assignee_name || _("nobody has it")}`;
  }

  #buttons(actions) {
    const can = new Set(actions.map((one) => one.name));
    const button = (name, mark, label, key, run, extra = "quiet") =>
      html`<button class="btn ${extra} wideonly" data-do=${name} title="${_(label)} (${key})" aria-keyshortcuts=${key} @click=${run}>${icon(mark)}<span class="say">${_(label)}</span></button>`;
    return html`
      ${can.has("claim") ? button("claim", "user", "Assign to me", "A", () => act("claim")) : nothing}
      ${can.has("hand_off") ? button("hand_off", "swap", "Hand over", "H", () => sheet("hand_off")) : nothing}
      ${can.has("snooze") ? html`<button class="btn icon quiet wideonly" data-do="snooze" title=${_("Snooze (Z)")} aria-label=${_("Snooze")} aria-keyshortcuts="Z" @click=${() => sheet("snooze")}>${icon("snooze")}</button>` : nothing}
      ${can.has("close") ? button("close", "check", "Close", "E", () => sheet("close"), "") : nothing}
      ${can.has("reopen") ? button("reopen", "refresh", "Reopen", "E", () => sheet("reopen"), "") : nothing}
      <a class="tap narrow" href=${pathOf.record(store.state.open)} aria-label=${_("Customer and record")}>${icon("user")}</a>
      <button class="btn icon quiet" data-do="more" aria-label=${_("More")} title=${_("More")} @click=${() => sheet("more")}>${icon("more")}</button>`;
  }

  #asked(summary) {
    if (!summary || summary.offered_to === "") return nothing;
    if (summary.offered_to !== me.ref)
      return html`<div class="banner round">${icon("swap")}<span class="grow">${_("{name} was asked to take over.", { name: summary.offered_name })}</span></div>`;
    return html`<div class="banner warn round">${icon("swap")}<span class="grow"><b>${_("You are asked to take over.")}</b></span>
      <button class="btn" data-do="decline" @click=${() => sheet("decline")}>${_("Not me")}</button><button class="btn primary" data-do="accept" @click=${() => act("accept")}>${_("Take over")}</button></div>`;
  }

  /** What waits for somebody's yes or no: a proposal of the team, a wish of the customer. */
  #toDecide(summary, actions) {
    const answer = (name, words, look = "") => {
      const action = actions.find((one) => one.name === name);
      return action ? html`<button class="btn ${look}" data-do=${name} @click=${() => sheet("plain", { action })}>${words}</button>` : nothing;
    };
    const banner = (words, buttons) => html`<div class="banner warn round">${icon("shield")}<span class="grow">${words}</span>${buttons}</div>`;
    const proposed = summary?.proposals ?? [];
    return html`
      ${proposed.length ? banner(_n("It is proposed to cross something out (entry {at}). A second person decides.", "It is proposed to cross out several things (entries {at}). A second person decides.", proposed.length, { at: proposed.join(", ") }), html`${answer("decline_crossing", _("Decline"))}${answer("agree_crossing", _("Agree"), "primary")}`) : nothing}
      ${summary?.erasing ? banner(_("The customer asked for this record to be erased."), answer("refuse_erasure", _("Refuse"))) : nothing}`;
  }

  /** Drawn again only when something in it is new: a letter in the reply box does not touch five thousand lines. */
  #log({ events, state: summary, mailed }) {
    const inputs = [store.state.open, events, summary, mailed];
    if (this.#logged && inputs.every((one, index) => one === this.#logged[index])) return noChange;
    this.#logged = inputs;
    const lines = this.#lines(events);
    this.#lineCount = lines.length;
    return repeat(lines, (one) => one.key, (one) => one.day ?? entry(one.event, { summary, mailed }));
  }

  /** Events with a heading before the first one of each day. */
  #lines(events) {
    const lines = [];
    let last = null;
    for (const event of events.filter(drawn)) {
      const away = daysAway(event.at);
      if (away !== last) lines.push({ key: `d${event.position}`, day: html`<li class="daymark"><h2 class="over">${dayName(event.at)}</h2></li>` });
      last = away;
      lines.push({ key: event.position, event });
    }
    return lines;
  }

  #pending(open) {
    return store.state.pending.filter((item) => item.conversation === open && DRAWN.has(item.action));
  }
}

/** A message of ours that the server has not stored yet. */
function pending(item, connection) {
  const failed = item.state === "failed";
  const words = connection.state === "live" && item.state === "sending" ? _("Sending") : _("Waiting to be sent");
  const percent = item.files?.length && item.progress ? ` ${Math.round(item.progress * 100)} %` : "";
  return html`<li class="unsent">
    ${avatar(me.name)}
    <div class="msg us">
      <div class="h"><b>${me.name}</b>${failed ? html`<span class="state bad">${icon("alert")}${_("Not sent")}</span>` : html`<span class="state">${icon("clock")}${words}${percent}</span>`}</div>
      <div class="t"><div class="words">${item.form.text}</div></div>
      ${failed
        ? html`<div class="banner ${item.code === "moved" ? "warn" : "bad"} round" role="alert"><span class="grow">${item.message} ${_("It is kept here.")}</span>
            <button class="btn" @click=${() => edit(item)}>${_("Edit")}</button><button class="btn primary" @click=${() => sayAgain(item)}>${item.code === "moved" ? _("Send anyway") : _("Try again")}</button></div>`
        : nothing}
    </div>
  </li>`;
}

/** Takes a refused message back into the box, behind what stands there. */
function edit(item) {
  const before = store.state.drafts[item.conversation]?.text ?? "";
  keepDraft(item.conversation, { text: [before, item.form.text].filter(Boolean).join("\n"), by: item.form.by ?? "note", withheld: item.form.withheld ?? "" });
  outbox.cancel(item.key);
}

define("tl-thread", Thread);
