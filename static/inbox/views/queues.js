/**
 * The queues, the way into search and settings, and who is signed in. On a phone the main ones stand at the bottom.
 */
import { Element, define, html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { doubtfulMail, me, sites, store } from "../desk.js";
import { pathOf } from "../route.js";
import { avatar, icon } from "./marks.js";

export const QUEUES = [
  { name: "mine", icon: "inbox", label: "Assigned to me", group: "Mine" },
  { name: "promises", icon: "knot", label: "My promises", group: "Mine" },
  { name: "snoozed", icon: "snooze", label: "Snoozed", group: "Mine" },
  { name: "waiting", icon: "clock", label: "Waiting now", group: "Team", hot: true },
  { name: "unassigned", icon: "users", label: "Unassigned", group: "Team" },
  { name: "open", icon: "list", label: "All open", group: "Team" },
  { name: "bounced", icon: "mail", label: "Mail that bounced", group: "Team", hot: true },
  { name: "closed", icon: "check", label: "Closed", group: "Team", uncounted: true },
];
export const queue = (name) => QUEUES.find((one) => one.name === name) ?? QUEUES[0];
export const count = (n) => (n >= 1000 ? "999+" : String(n));

const token = () => document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";

class Queues extends Element {
  arrive() {
    this.follow(store);
  }

  view() {
    const { place, connection, here } = store.state;
    return html`
      <div class="row brand">
        <svg class="mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" aria-hidden="true">
          <path d="M3 18.5h5.5a3.5 3.5 0 0 0 3.5-3.5V9a3.5 3.5 0 0 1 3.5-3.5H21" /><circle class="knot" cx="12" cy="12" r="2.6" />
        </svg>
        <b class="cut">${sites.length === 1 ? sites[0].name : "Throughline"}</b>
      </div>
      <button class="jump" @click=${() => this.#search()} title=${_("Search or jump (Ctrl K)")} aria-keyshortcuts="Control+K /">
        ${icon("search")}<span>${_("Search or jump")}</span><kbd class="push">Ctrl K</kbd>
      </button>
      ${["Mine", "Team"].map((group) => this.#group(group, place))}
      ${doubtfulMail ? html`<a href=${doubtfulMail} title=${_("Mail to look at")}>${icon("flag")}<span>${_("Mail to look at")}</span></a>` : nothing}
      <div class="rest"></div>
      ${me.role === "admin" && sites.length ? html`<a href="/setup/site/${sites[0].key}/" title=${_("Settings")}>${icon("settings")}<span>${_("Settings")}</span></a>` : nothing}
      <button class="navbtn" title="?" aria-keyshortcuts="?" @click=${() => store.dispatch({ type: "sheet", sheet: { name: "keys" } })}>${icon("keyboard")}<span>${_("Keyboard")}</span></button>
      <form method="post" action="/sign-out/" class="who row">
        <input type="hidden" name="csrfmiddlewaretoken" .value=${token()} />
        ${avatar(me.name, "s")}<span class="sm grow cut">${me.name}</span>
        <span class="chip ${connection.state === "live" ? "ok" : ""}" title=${_("{n} here", { n: here })}>
          <span class="dot ${connection.state === "live" ? "" : "away"}"></span>${connection.state === "live" ? _("Here") : _("Offline")}
        </span>
        <button class="btn icon quiet" aria-label=${_("Sign out")} title=${_("Sign out")}>${icon("arrow-right")}</button>
      </form>`;
  }

  #group(group, place) {
    const { counts } = store.state;
    return html`<div class="over">${_(group)}</div>
      ${QUEUES.filter((one) => one.group === group).map((one) => {
        const n = one.uncounted ? 0 : (counts[one.name] ?? 0);
        return html`<a href=${pathOf.queue(one.name)} aria-current=${one.name === place ? "page" : nothing} title=${_(one.label)}>
          ${icon(one.icon)}<span>${_(one.label)}</span>${n ? html`<span class="num ${one.hot ? "hot" : ""}">${count(n)}</span>` : nothing}
        </a>`;
      })}`;
  }

  #search() {
    store.dispatch({ type: "sheet", sheet: { name: "palette" } });
  }
}

class Tabs extends Element {
  arrive() {
    this.follow(store);
  }

  view() {
    const { place, pane } = store.state;
    if (pane !== "list" && pane !== "nav") return nothing;
    const tab = (name, mark, label) =>
      html`<a href=${pathOf.queue(name)} aria-current=${pane === "list" && place === name ? "page" : nothing}>${icon(mark)}${_(label)}</a>`;
    return html`<nav class="tabs" aria-label=${_("Main")}>
      ${tab("mine", "inbox", "Inbox")} ${tab("promises", "knot", "Promises")} ${tab("waiting", "clock", "Waiting")}
      <button @click=${() => store.dispatch({ type: "sheet", sheet: { name: "palette" } })}>${icon("search")}${_("Search")}</button>
    </nav>`;
  }
}

define("tl-queues", Queues);
define("tl-tabs", Tabs);
