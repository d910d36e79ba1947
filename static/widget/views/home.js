/**
 * The first page: a greeting, who is here, the ways in, and the customer's own conversations.
 */
import { html, nothing, repeat } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { day, dueDay } from "../../core/time.js";
import { thread } from "../state.js";
import { openPromises, unread } from "../thread.js";
import { avatar, closeButton, icon, shopmark } from "./parts.js";
import { hereSentence } from "./presence.js";

export function home(live, state) {
  const { site, you, rows } = state;
  const name = you?.name || Object.values(state.threads).find((one) => one.name)?.name;
  return html`<div class="w-hero">
      <div class="row">${shopmark(site.name)}<b>${site.name}</b>${live.standalone ? nothing : closeButton(live, "push tap")}</div>
      <h2 tabindex="-1">${name ? _("Hello {name}. How can we help?", { name }) : site.greeting}</h2>
      <p class="sm">${hereSentence(site)}</p>
    </div>
    <div class="w-home">
      <div class="card">
        ${tile("chat", _("Chat with us"), _("You can leave at any time; nothing is lost"), () => live.show("start"))}
        ${site.mail ? mailTile(site.mail) : nothing}
      </div>
      ${rows.length ? history(live, state) : nothing}
    </div>
    <div class="w-by">${_("Everything here is yours to keep.")}</div>`;
}

const tile = (mark, title, line, act) => html`<button class="tile" type="button" @click=${act}>
  ${icon(mark)}<span><b>${title}</b><small>${line}</small></span>${icon("chev-right")}
</button>`;

const mailTile = (address) => html`<a class="tile" href="mailto:${address}" target="_blank">
  ${icon("mail")}<span><b>${_("Write an e-mail")}</b><small>${address}</small></span>${icon("chev-right")}
</a>`;

const history = (live, state) => html`<h3 class="over" id="yours">${_("Your conversations")}</h3>
  <div class="card" role="list" aria-labelledby="yours">
    ${repeat(
      [...state.rows].sort((a, b) => b.touched_at - a.touched_at),
      (row) => row.conversation,
      (row) => html`<div role="listitem">${conversation(live, state, row)}</div>`,
    )}
  </div>`;

function conversation(live, state, row) {
  const now = thread(state, row.conversation);
  const count = unread(now);
  return html`<button class="tile" type="button" @click=${() => live.show("thread", row.conversation)}>
    ${now.assignee ? avatar(now.assignee) : shopmark(state.site.name)}
    <span class="grow"><b class="cut">${row.subject || row.case}</b><small>${subline(now, row)}</small></span>
    ${count ? html`<span class="count">${count}<span class="sr"> ${_n("new message", "new messages", count)}</span></span>` : icon("chev-right")}
  </button>`;
}

function subline(now, row) {
  const promises = openPromises(now);
  if (promises.length) {
    const due = dueDay(Math.min(...promises.map((promise) => promise.due)));
    return html`${icon("knot")} ${_n("{n} promise open, due {due}", "{n} promises open, the next due {due}", promises.length, { due })}`;
  }
  const closed = now.live ? now.closed : row.status === "closed";
  if (closed) return _("Closed {day}", { day: day(row.touched_at) });
  return [row.case, day(row.touched_at)].filter(Boolean).join(", ");
}
