/**
 * The conversations of one queue. Rows never move under the pointer: what is new waits behind a pill until the list is idle.
 */
import { Element, define, html, nothing, repeat } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { when } from "../../core/time.js";
import { ask, holdWhile, me, store } from "../desk.js";
import { pathOf } from "../route.js";
import { avatar, door, due, icon, late, listTime, waiting } from "./marks.js";
import { count, queue } from "./queues.js";

class List extends Element {
  #over = false;
  #asking = "";

  arrive() {
    this.follow(store);
    const { here: signal } = this;
    this.addEventListener("pointerenter", () => (this.#over = true), { signal });
    this.addEventListener("pointerleave", () => this.#leave(), { signal });
    this.closest(".list").addEventListener("mouseenter", () => (this.#over = true), { signal });
    this.closest(".list").addEventListener("mouseleave", () => this.#leave(), { signal });
    holdWhile(() => this.#over || this.#scrolled());
  }

  #leave() {
    this.#over = false;
    if (!this.#scrolled()) store.dispatch({ type: "settle" });
  }

  #scrolled() {
    return (this.querySelector("ol")?.scrollTop ?? 0) > 4;
  }

  view() {
    const { place, lists, counts, fresh, connection, stuck } = store.state;
    const about = queue(place);
    const list = lists[place];
    const n = counts[place] ?? 0;
    return html`
      <header class="bar">
        <div class="row">
          <a class="tap narrow" href=${pathOf.queues()} aria-label=${_("Queues")}>${icon("menu")}</a>
          <h2 class="grow">${_(about.label)} ${n && !about.uncounted ? html`<span class="faint narrow num">${count(n)}</span>` : nothing}</h2>
        </div>
        ${connection.state === "offline" ? html`<div class="banner warn round" role="status">${icon("offline")}<span class="grow">${_("Offline. What you write is kept and goes out later.")}</span></div>` : nothing}
        ${stuck?.trouble ? html`<div class="banner bad round" role="alert">${icon("alert")}<span class="grow"><b>${_("Mail is stuck.")}</b> <a href=${stuck.page}>${_("Look at it")}</a></span></div>` : nothing}
      </header>
      ${fresh.length ? html`<button class="pill" @click=${() => this.#settle()}>${icon("arrow-up")}${_n("{n} changed", "{n} changed", fresh.length)}</button>` : nothing}
      <ol @scroll=${(event) => this.#scroll(event, list)}>
        ${list ? repeat(list.ids, (id) => id, (id) => this.#row(id)) : nothing}
        ${list && !list.ids.length ? this.#empty(about) : nothing}
        ${!list ? html`<li class="waitline muted sm">${_("One moment…")}</li>` : nothing}
      </ol>`;
  }

  #row(id) {
    const { rows, open } = store.state;
    const row = rows[id];
    const through = door(row.channel);
    return html`<li>
      <a class="it ${through.tone} ${row.unread ? "new" : ""}" href=${pathOf.conversation(id)} aria-current=${id === open ? "true" : nothing} data-row=${id}>
        <span class="pic">${avatar(row.who)}<span class="b">${icon(through.icon)}</span></span>
        <span class="nm cut">${row.who || _("A visitor")}${row.unread ? html`<span class="sr">, ${_("unread")}</span>` : nothing}</span>
        <span class="tm">${listTime(row.touched_at)}</span>
        <span class="sj cut">${row.subject || row.case}</span>
        <span class="pv cut">${this.#last(row)}</span>
        <span class="mk">${mark(row)}</span>
      </a>
    </li>`;
  }

  #last(row) {
    if (row.offered_to === me.ref) return html`<b>${_("{name} asks you to take over", { name: row.assignee_name || _("The team") })}</b>`;
    if (row.bounced) return html`<span class="wrong">${_("A mail bounced")}</span>`;
    const viewing = (store.state.viewing[row.conversation] ?? []).find((one) => one.replying);
    if (viewing) return _("{name} is replying…", { name: viewing.name });
    if (row.last_side !== "agents") return row.last;
    return `${row.assignee === me.ref ? _("You") : row.assignee_name || _("Team")}: ${row.last}`;
  }

  #empty(about) {
    const promises = store.state.counts.promises ?? 0;
    const elsewhere = about.name !== "promises" && promises;
    return html`<li class="empty">
      <svg width="150" height="46" viewBox="0 0 150 46" fill="none" stroke="var(--accent)" stroke-width="2.5" stroke-linecap="round" aria-hidden="true"><path d="M2 23h50c14 0 8-18 22-18s8 36 22 36 8-18 22-18h30" /></svg>
      <b>${about.name === "waiting" ? _("Nobody is waiting") : _("Nothing here")}</b>
      <p class="sm muted">${elsewhere ? _n("The next thing due is a promise of yours.", "You have {n} promises to keep.", promises) : _("New conversations appear here by themselves.")}</p>
      ${elsewhere ? html`<a class="btn" href=${pathOf.queue("promises")}>${icon("knot")}${_("Open my promises")}</a>` : html`<a class="btn" href=${pathOf.queue("open")}>${icon("list")}${_("All open")}</a>`}
    </li>`;
  }

  #settle() {
    this.querySelector("ol").scrollTop = 0;
    store.dispatch({ type: "settle" });
  }

  #scroll({ target }, list) {
    if (!list?.next || target.scrollHeight - target.scrollTop - target.clientHeight > 400) return;
    const wanted = `${store.state.place} ${list.next}`;
    if (this.#asking === wanted) return;
    this.#asking = wanted;
    ask(store.state.place, list.next);
  }
}

/** One mark only, the most urgent. */
function mark(row) {
  if (row.due_at && late(row.due_at)) return html`<span class="chip bad">${icon("knot")}${due(row.due_at)}</span>`;
  if (row.bounced) return html`<span class="state bad">${icon("alert")}<span class="sr">${_("bounced")}</span></span>`;
  if (row.waiting_since) return waiting(row.waiting_since);
  if (row.due_at) return html`<span class="chip promise" title=${when(row.due_at)}>${icon("knot")}${due(row.due_at)}</span>`;
  if (row.status === "snoozed") return html`<span class="chip out">${icon("snooze")}${_("aside")}</span>`;
  if (row.status === "closed") return html`<span class="state">${icon("check")}${_("closed")}</span>`;
  return nothing;
}

define("tl-list", List);
