/**
 * The small marks that all panes share: icons, avatars, channels, states of delivery, how long somebody waits. They know no conversation.
 */
import { html, nothing } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { hueClass, initials } from "../../core/people.js";
import { clock, daysAway, day, full, iso, now, toDate, when } from "../../core/time.js";

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;

export const icon = (name) => html`<i class="i i-${name}" aria-hidden="true"></i>`;

export const avatar = (name, size = "") =>
  html`<span class="ava ${size} ${hueClass(name || "?")}" aria-hidden="true">${initials(name || "?")}</span>`;

/** How each door looks and reads. A door that is not listed looks like the chat and reads as nothing. */
const DOORS = {
  widget: { icon: "chat", tone: "", chip: "chat", words: "in chat", label: "Chat", by: "chat" },
  email: { icon: "mail", tone: "mail", chip: "mail", words: "by e-mail", label: "E-mail", by: "email" },
  phone: { icon: "phone", tone: "call", chip: "call", words: "on the phone", label: "Phone", by: "chat" },
  api: { icon: "code", tone: "", chip: "", words: "through the API", label: "API", by: "chat" },
};
const NO_DOOR = { icon: "chat", tone: "", chip: "", words: "", label: "", by: "chat" };
export const door = (channel) => DOORS[channel] ?? NO_DOOR;

/** What became of a mailed line. */
const DELIVERY = {
  queued: { icon: "clock", tone: "", words: "Queued" },
  sent: { icon: "send", tone: "", words: "Sent" },
  accepted: { icon: "check", tone: "ok", words: "Accepted by their mail server" },
  delayed: { icon: "refresh", tone: "late", words: "Delayed, tried again" },
  bounced: { icon: "alert", tone: "bad", words: "Did not arrive" },
  gone: { icon: "alert", tone: "bad", words: "Did not arrive: nobody is there" },
  complained: { icon: "alert", tone: "bad", words: "Called spam" },
};
export function delivery(word, steps = []) {
  const found = DELIVERY[word];
  return found ? html`<span class="state ${found.tone}" title=${steps.map(told).join("\n") || nothing}>${icon(found.icon)}${_(found.words)}</span>` : nothing;
}

/** One step of a mail, for who points at its mark: what, when, to whom, and what their server said. */
function told({ word, at, to, said }) {
  const what = to ? _("{what} {when}, to {to}", { what: _(DELIVERY[word].words), when: when(at), to }) : `${_(DELIVERY[word].words)} ${when(at)}`;
  return said ? `${what}: ${said}` : what;
}

export const time = (at, words = when(at)) => html`<time datetime=${iso(at)} title=${full(at)}>${words}</time>`;

/** For a list: 10:49 today, else the day. */
export const listTime = (at) => time(at, daysAway(at) === 0 ? clock(at) : daysAway(at) > -7 ? day(at).split(" ")[0] : day(at).slice(4));

/** 45 s, 12 min, 2 h 05, 3 days */
export function span(us) {
  if (us < MINUTE) return _("{n} s", { n: Math.max(0, Math.round(us / 1_000_000)) });
  if (us < HOUR) return _("{n} min", { n: Math.round(us / MINUTE) });
  if (us < 24 * HOUR) return _("{h} h {m}", { h: Math.floor(us / HOUR), m: String(Math.floor((us % HOUR) / MINUTE)).padStart(2, "0") });
  return _n("{n} day", "{n} days", Math.round(us / (24 * HOUR)));
}

/** How long somebody waits for an answer. */
export function waiting(since) {
  const long = now() - since;
  const tone = long > 30 * MINUTE ? "over2" : long > 5 * MINUTE ? "soon" : "";
  return html`<span class="clock ${tone}" title=${_("Waits for an answer since {time}", { time: when(since) })}>${icon("clock")}${span(long)}</span>`;
}

/** A promise's date: how far away, or late. */
export function due(at) {
  const away = daysAway(at);
  if (at < now()) return away === 0 ? _("late") : _n("{n} day late", "{n} days late", -away);
  if (away === 0) return _("today {time}", { time: clock(at) });
  return _n("{n} day", "{n} days", away);
}

export const late = (at) => at < now();

/** At the same time of day as a browser's date field means it: `2026-11-27` and `17:00` in the reader's zone. */
export const fromFields = (date, hour = "17:00") => new Date(`${date}T${hour}`).getTime() * 1000;

export function dateField(us) {
  const date = toDate(us);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/g;

/** Text as it was written; addresses in it can be followed, but never take our page along. */
export function linked(text) {
  const parts = text.split(LINK);
  return parts.map((part, index) => (index % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer nofollow">${part}</a>` : part));
}

export function octets(size) {
  if (size < 1000) return _("{n} B", { n: size });
  if (size < 1_000_000) return _("{n} KB", { n: Math.round(size / 1000) });
  return _("{n} MB", { n: (size / 1_000_000).toFixed(1) });
}

export const attachments = (files = []) =>
  files.map(
    (file) => html`<a class="attach" href=${file.url ?? nothing} download=${file.name}>
      <span class="th">${icon(file.media_type?.startsWith("image/") ? "image" : "file")}</span>
      <span>${file.name}<small>${octets(file.size)}</small></span>
    </a>`,
  );
