/**
 * Who is here, said honestly: a number that the server counted, or nothing at all.
 */
import { html, nothing } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { channelOf } from "../channels.js";

/** A sentence about the team: for the greeting and while nobody has answered yet. */
export function hereSentence({ here }) {
  if (here === null || here === undefined) return "";
  if (here === 0) return _("Nobody is here right now. Write anyway: it is kept, and answered.");
  return _n("{n} person is here.", "{n} people are here.", here);
}

/** The same, once something was written. */
export function waitSentence(site) {
  return site.here === 0 ? _("Nobody is here now. You get an answer as soon as somebody is.") : hereSentence(site);
}

/** The line under the name, with its dot. */
export function presenceLine({ site, connection, offline }, thread) {
  if (offline || connection.state === "ended") return html`<span class="dot away"></span>${_("You are offline")}`;
  if (thread?.closed) return _("Closed. You can still write here");
  const elsewhere = thread && channelOf(thread).presence();
  if (elsewhere) return elsewhere;
  if (site.here === null || site.here === undefined) return nothing;
  if (site.here === 0) return html`<span class="dot away"></span>${_("Nobody is here now")}`;
  return html`<span class="dot"></span>${_n("{n} person is here", "{n} people are here", site.here)}`;
}
