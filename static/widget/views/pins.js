/**
 * On top of a thread: the connection's state when it is lost, and the promises that bind us.
 */
import { define, Element, html, nothing } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { day, daysAway, dueDay, now } from "../../core/time.js";
import { openPromises } from "../thread.js";
import { icon } from "./parts.js";

const SHOWN = 2;

/** The open promises, at most two, and those just kept. */
export function pins(thread, show) {
  const fresh = thread.promises.filter((promise) => promise.state === "kept" && promise.fresh);
  const open = openPromises(thread).sort((a, b) => a.due - b.due);
  const more = open.length - SHOWN;
  return html`${fresh.map(kept)} ${open.slice(0, SHOWN).map((promise) => pin(promise, show))}
    ${more > 0 ? html`<p class="hint more">${_n("and {n} more", "and {n} more", more)}</p>` : nothing}`;
}

function pin(promise, show) {
  const late = promise.due < now();
  const days = -daysAway(promise.due);
  const lateness = days > 0 ? _n("{n} day late", "{n} days late", days) : _("late");
  return html`<button class="pin ${late ? "late" : ""}" type="button" @click=${() => show(promise.position)}>
    ${icon("knot")}
    <span><b>${promise.text}, ${_("by {day}", { day: dueDay(promise.due) })}</b>
      <small>${_("Promised by {name}, {day}", { name: promise.by, day: day(promise.at) })}${late ? html` <span class="due">${lateness}</span>` : nothing}</small></span>
    ${icon("chev-right")}
  </button>`;
}

const kept = (promise) => html`<div class="pin kept" role="status">${icon("check")}<span><b>${_("Promise kept:")} ${promise.text}</b><small>${promise.proof}</small></span></div>`;

/** "No connection", with the seconds until the next try. Draws itself again every second while it stands there. */
class Banner extends Element {
  live = null;

  arrive() {
    const timer = setInterval(() => this.update(), 1000);
    this.here.addEventListener("abort", () => clearInterval(timer));
    this.follow(this.live.store);
  }

  view() {
    const { connection } = this.live.store.state;
    if (connection.state === "ended") return this.#ended();
    const seconds = Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1000));
    const again = connection.state === "connecting" || seconds === 0 ? _("Trying again now.") : _n("Trying again in {n} s.", "Trying again in {n} s.", seconds);
    // The countdown is no live region: it would be read out every second.
    return html`<div class="banner warn">${icon("offline")}
      <span class="grow"><b role="status">${_("No connection.")}</b> ${again} ${_("Write on; it is sent in order.")}</span>
      <button class="btn" type="button" @click=${() => this.live.socket.tryNow()}>${_("Try now")}</button>
    </div>`;
  }

  #ended() {
    return html`<div class="banner bad" role="status">${icon("alert")}
      <span class="grow"><b>${_("This page no longer fits the server.")}</b> ${_("What you wrote is kept here.")}</span>
      <button class="btn" type="button" @click=${() => location.reload()}>${_("Load it again")}</button>
    </div>`;
  }
}

define("tl-banner", Banner);
