/**
 * One conversation: the line with everything on it, promises on top, the reply box below. `live` and `conversation` are given by
 * whoever places it, so the record page can use it too.
 */
import { openMenu } from "../../core/a11y.js";
import { withoutCrossedOut } from "../../core/crossed.js";
import { define, Element, html, nothing, repeat } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { dayName } from "../../core/time.js";
import { channelOf } from "../channels.js";
import { SeenLines } from "../seen.js";
import { pending, thread } from "../state.js";
import { quiet, speaks } from "../thread.js";
import "./compose.js";
import { entry, waiting } from "./entries.js";
import { conversationMenu, saveMenu } from "./menus.js";
import { avatar, head, icon, shopmark } from "./parts.js";
import { pins } from "./pins.js";
import { presenceLine, waitSentence } from "./presence.js";
import { sheet } from "./sheets.js";

const NEAR = 60;

class Thread extends Element {
  live = null;
  conversation = "";
  offline = false;
  #seen = null;
  #endMenu = null;
  #menuButton = null;
  #lastRead = 0;

  arrive() {
    this.follow(this.live.store);
    this.here.addEventListener("abort", () => this.#endMenu?.());
  }

  get #log() {
    return this.querySelector(".w-log");
  }

  get #atEnd() {
    return !this.#log || this.#log.scrollTop > -NEAR; // the log is laid out from its end upwards
  }

  view() {
    const { live, conversation } = this;
    const state = { ...live.store.state, offline: this.offline };
    const now = thread(state, conversation);
    return html`${this.#head(state, now)}
      <div class="w-top">
        ${this.offline || state.connection.state === "ended" ? html`<tl-banner .live=${live}></tl-banner>` : nothing}
        ${state.trouble ? html`<div class="banner bad" role="alert">${icon("alert")}<span class="grow">${state.trouble}</span>
          <button class="btn" type="button" @click=${() => live.trouble("")}>${_("Close")}</button></div>` : nothing}
        ${state.notice ? html`<div class="banner" role="status">${icon("download")}<span class="grow">${state.notice.words}
          ${state.notice.link ? html`<a href=${state.notice.link.href} download>${state.notice.link.words}</a>` : nothing}</span>
          <button class="btn" type="button" @click=${() => live.tell("")}>${_("Close")}</button></div>` : nothing}
        ${pins(now, (position) => this.#show(position))}
      </div>
      ${this.#thread(state, now)}
      ${this.#foot(state, now)}
      ${state.menu === "save" ? saveMenu(live, state, conversation) : nothing}
      ${state.menu === "more" ? conversationMenu(live, state, conversation) : nothing}
      ${sheet(live, state.menu, conversation)}`;
  }

  #head(state, now) {
    const { menu, site } = state;
    const more = html`<button class="tap more" type="button" aria-label=${_("Conversation menu")} aria-haspopup="menu"
      aria-expanded=${menu === "more"} @click=${() => this.live.menu(menu === "more" ? "" : "more")}>${icon("more")}</button>`;
    const mark = now.assignee ? avatar(now.assignee) : shopmark(site.name);
    return head({ live: this.live, mark, title: now.assignee || site.name, line: presenceLine(state, now), more });
  }

  #thread(state, now) {
    const typing = state.typing[this.conversation];
    // Spoken by the status line of the page instead of a live region: so the history stays silent, and one's own lines too.
    return html`<div class="w-log end" role="log" aria-live="off" aria-label=${_("Conversation")} tabindex="0" @scroll=${this.#scrolled}>
      <div>
        <ol class="line">
          ${repeat(days(now.entries), (item) => item.id, (item) => item.day ? html`<li class="w-day" role="separator">${item.day}</li>` : entry(item.event, now))}
          ${repeat(pending(state, this.conversation), (item) => item.key, (item) => waiting(item, this.live, state.connection.state !== "live"))}
          ${typing ? html`<li>${avatar(typing)}<div class="typing" role="status" aria-label=${_("{name} is typing", { name: typing })}><i></i><i></i><i></i></div></li>` : nothing}
        </ol>
        ${this.#unanswered(now) ? this.#wait(state, now) : nothing}
      </div>
    </div>
    ${this.#below(now)}`;
  }

  #unanswered(now) {
    return !now.closed && channelOf(now).live && !now.entries.some((event) => event.side === "agents" && !quiet(event));
  }

  /** Before anybody answered: what is known, and a way to leave. No place in a queue and no minutes, because nobody knows them. */
  #wait(state, now) {
    const leave = now.address
      ? _("We will e-mail {address}; nothing is lost.", { address: now.address })
      : _("Leave an e-mail address, and the answer comes to you.");
    const stored = !this.conversation.startsWith("new:");
    return html`<div class="card wait-card">
      <div class="tile" role="status">${icon("chat")}<span><b>${stored ? _("We have your message") : _("Your message is on its way")}</b><small>${waitSentence(state.site)}</small></span></div>
      <button class="tile" type="button" ?disabled=${!stored} @click=${() => (now.address ? this.live.frame.tell("close") : this.live.menu("email"))}>
        ${icon("bell")}<span><b>${_("Close this tab if you like")}</b><small>${leave}</small></span>${icon("chev-right")}
      </button>
    </div>`;
  }

  #below(now) {
    if (this.#atEnd) this.#lastRead = now.entries.at(-1)?.position ?? 0;
    const n = now.entries.filter((event) => speaks(event) && event.position > this.#lastRead).length;
    if (!n) return nothing;
    return html`<button class="btn w-below" type="button" @click=${this.toEnd}>${icon("chev-down")}${_n("{n} new below", "{n} new below", n)}</button>`;
  }

  #foot(state, now) {
    const { menu } = state;
    const words = now.closed ? _("You can still write here; it opens again") : this.#unanswered(now) ? _("Add something while you wait") : _("Write a message");
    const second = now.closed
      ? html`<button type="button" @click=${() => this.live.reopen(this.conversation)}>${icon("refresh")}${_("Open it again")}</button>`
      : html`<button type="button" ?disabled=${this.conversation.startsWith("new:")} @click=${() => this.live.menu("email")}>${icon("mail")}${_("Continue by e-mail")}</button>`;
    return html`<footer class="w-foot">
      <tl-compose .live=${this.live} .conversation=${this.conversation} .placeholder=${words}></tl-compose>
      <div class="w-tools">
        <button class="save" type="button" aria-haspopup="menu" aria-expanded=${menu === "save"}
          @click=${() => this.live.menu(menu === "save" ? "" : "save")}>${icon("download")}${_("Save transcript")}</button>
        ${second}
      </div>
    </footer>`;
  }

  drawn() {
    // Its properties were set just now, but it draws only when it is asked to.
    this.querySelector("tl-compose").update();
    const list = this.querySelector(".line");
    this.#seen ??= new SeenLines(this.live, () => this.conversation, this.here);
    this.#seen.watch(list);
    this.#seen.look();
    this.#menus();
  }

  #menus() {
    const menu = this.querySelector('[role="menu"]');
    if (menu && !menu.dataset.ready) {
      menu.dataset.ready = "";
      this.#endMenu?.();
      this.#menuButton = this.querySelector(menu.classList.contains("w-pop") ? ".save" : ".more");
      this.#endMenu = openMenu(menu, { button: this.#menuButton, close: () => this.live.menu("") });
    }
    if (!menu && this.#endMenu) {
      this.#endMenu();
      this.#endMenu = null;
      // The item that was chosen is gone with its menu, and the focus with it.
      if (!document.activeElement || document.activeElement === document.body) this.#menuButton?.focus();
    }
  }

  #scrolled = () => {
    if (this.#atEnd && this.querySelector(".w-below")) this.update();
  };

  /** To the newest line: Alt+Up, and the button "new below". */
  toEnd = () => {
    this.#log.scrollTop = 0;
    this.update();
  };

  #show(position) {
    this.querySelector(`#entry-${position}`)?.scrollIntoView({ block: "center" });
  }
}

/** The events with a separator before each day after the first. */
function days(entries) {
  const items = [];
  let last = "";
  for (const event of withoutCrossedOut(entries, entries).filter((one) => !quiet(one))) {
    const day = dayName(event.at);
    if (last && day !== last) items.push({ id: `day-${event.position}`, day });
    last = day;
    items.push({ id: event.position, event });
  }
  return items;
}

define("tl-thread", Thread);
