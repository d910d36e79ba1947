/**
 * How each kind of event looks in an agent's thread. A kind that is not listed here shows its sentence, so nothing is ever left out.
 */
import { html, nothing } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { clock, dueDay, when } from "../../core/time.js";
import { authorship } from "../authorship.js";
import { GROUNDS } from "../grounds.js";
import { pathOf } from "../route.js";
import { openPromises } from "../state.js";
import { asSent } from "./as_sent.js";
import { REPORTED, trouble } from "./bounces.js";
import { attachments, avatar, delivery, door, due, icon, late, linked, time } from "./marks.js";

const DOUBTS = {
  unconfirmed: "Unconfirmed sender",
  altered: "The reply address was altered",
  forwarded: "Forwarded by somebody else",
};

/** By which step a mail found its conversation. */
const FOUND = {
  "reply-address": "the reply address it was sent to",
  "delivered-to": "the address it was delivered to",
  recipients: "its recipients",
  "envelope-sender": "the address it bounced to",
  references: "the earlier mail it refers to",
  marker: "the sign in its quoted text",
  enclosed: "the mail of ours that is attached to it",
  "passed-on": "a colleague who passed it on",
  "case-number": "the case number in its subject",
  "by-hand": "a colleague who took it in",
  new: "nothing: it opened this conversation",
};

/** An event as the thread gets it: `event` the frame, `context` the thread's summary and who reads. Null draws nothing. */
export function entry(event, context) {
  const draw = LOOKS[event.kind] ?? plain;
  const inside = draw(event, event.body, context);
  if (inside === null) return nothing;
  const tone = door(event.channel).tone;
  return html`<li class="${tone} ${inside.tone ?? ""}" id="e${event.position}" data-position=${event.position} title=${_("Entry {n}", { n: event.position })}>
    ${inside.knot ?? avatar(event.body.by ?? "")} ${inside.words ?? inside}
  </li>`;
}

const erased = (event) =>
  event.crossed_out.length ? html`<p class="xs faint">${icon("shield")} ${_("Erased for privacy: {fields}", { fields: event.crossed_out.join(", ") })}</p>` : nothing;

const node = (name, tone = "") => html`<span class="node ${tone}">${icon(name)}</span>`;

const line = (name, words, at, tone = "") => ({ knot: node(name, tone), words: html`<div class="evl">${words} <span class="faint">${time(at)}</span></div>` });

const reported = (event, [name, words, tone]) => line(name, words, event.at, tone);

const plain = (event) => line("list", event.sentence, event.at);

const hidden = () => null;

function said(event, body, { summary, mailed }) {
  const through = door(event.channel);
  const theirs = event.side === "customer";
  const letter = through.by === "email";
  return {
    words: html`<div class="msg ${theirs ? "them" : "us"} ${letter ? "letter" : ""}">
      <div class="h">
        <b>${body.by || _("A visitor")}</b><span class="faint">${_(through.words)}, ${time(event.at, clock(event.at))}</span>
        ${body.doubt && body.address ? html`<span class="faint">${body.address}</span>` : nothing}
        ${body.doubt ? html`<span class="chip bad">${icon("alert")}${_(DOUBTS[body.doubt] ?? body.doubt)}</span>` : nothing}
        ${theirs && letter ? vouched(body) : nothing}
        ${theirs ? nothing : mark(event, summary, mailed)}
      </div>
      <div class="t">
        ${letter && body.subject ? html`<p class="xs muted">${body.subject}</p>` : nothing}
        ${body.also_names?.length ? html`<p class="xs muted">${_("Also to {names}", { names: body.also_names.join(", ") })}</p>` : nothing}
        <div class="words">${linked(body.text ?? "")}</div>
        ${body.attachments?.length ? html`<div class="files">${attachments(body.attachments)}</div>` : nothing}
        ${body.signature ? html`<details class="q"><summary>${_("Signature")}</summary><div class="words">${body.signature}</div></details>` : nothing}
        ${body.quoted ? html`<details class="q"><summary>${_("Quoted mail")}</summary><div class="words">${body.quoted}</div></details>` : nothing}
        ${theirs ? nothing : trouble(mailed[event.position])} ${letter ? asSent(event, body) : nothing} ${theirs && letter ? came(body) : nothing} ${erased(event)}
      </div>
    </div>`,
  };
}

/** Who vouches for the author of a mail. */
function vouched(body) {
  const found = authorship(body.proof);
  if (!found) return nothing;
  // An answer to the address that only its author was given needs no other proof.
  if (found.tone === "plain" && !body.doubt && body.found_by !== "new") return nothing;
  if (found.tone === "good") return html`<span class="state">${icon("shield")}${found.words}</span>`;
  return html`<span class=${found.tone === "bad" ? "chip bad" : "chip out"}>${icon("alert")}${found.words}</span>`;
}

function came(body) {
  const proof = authorship(body.proof);
  return html`<details class="q"><summary>${_("How this mail came here")}</summary>
    <dl class="came">
      ${body.address ? html`<dt>${_("From")}</dt><dd>${body.address}</dd>` : nothing}
      ${body.found_by ? html`<dt>${_("Found by")}</dt><dd>${_(FOUND[body.found_by] ?? body.found_by)}</dd>` : nothing}
      ${proof ? html`<dt>${_("Sender")}</dt><dd>${proof.words}</dd><dt>${_("Checks")}</dt><dd>${proof.results.map(([method, result]) => `${method.toUpperCase()} ${result}`).join(", ")}${proof.front ? ` (${_("by the server in front")})` : ""}</dd>` : nothing}
      ${body.sent_at ? html`<dt>${_("Its own date")}</dt><dd>${when(body.sent_at)}</dd>` : nothing}
    </dl>
  </details>`;
}

/** What became of our line: by mail how far it got, in the chat stored or seen. */
function mark(event, summary, mailed) {
  if (mailed[event.position]) return delivery(mailed[event.position].word, mailed[event.position].steps);
  if ((summary?.seen?.[summary.customer.ref] ?? 0) >= event.position) return html`<span class="state seen">${icon("checks")}${_("Seen")}</span>`;
  if (door(event.channel).by === "email") return delivery("queued");
  return html`<span class="state">${icon("check")}${_("Stored")}</span>`;
}

function note(event, body, { summary }) {
  const who = summary?.customer?.name || _("The customer");
  const open = !event.disclose || event.disclose === "yes";
  return {
    words: html`<div class="note">
      <div class="row wrap xs head">
        <b>${icon("note")} ${_("Note by {name}", { name: body.by })}</b><span class="faint">${time(event.at, clock(event.at))}</span>
        <span class="push chip out">${icon(open ? "eye" : "lock")}${open ? _("{name} can see it in the full record", { name: who }) : _("Kept out of the record: {ground}", { ground: _(GROUNDS[event.disclose] ?? event.disclose) })}</span>
      </div>
      <div class="words">${linked(body.text ?? "")}</div>
      ${body.attachments?.length ? html`<div class="files">${attachments(body.attachments)}</div>` : nothing} ${erased(event)}
    </div>`,
  };
}

const reason = (body) => (body.reason ? html` ${_("Reason:")} ${body.reason}` : nothing);

function decision(event, body) {
  return {
    knot: node("scale", "full ink"),
    words: html`<div class="decision">
      <header>${icon("scale")}${body.replaces ? _("Another final decision") : _("Final decision")}</header>
      <div>
        <b>${body.text}</b>
        <dl>
          <div><dt>${_("Reasons")}</dt><dd>${body.reasons}</dd></div>
          ${body.remedies?.length ? html`<div><dt>${_("What {who} can do next", { who: _("the customer") })}</dt><dd><ol>${body.remedies.map((one) => html`<li>${one}</li>`)}</ol></dd></div>` : nothing}
        </dl>
        <span class="faint xs">${body.by}${body.role ? `, ${body.role}` : ""}, ${time(event.at)}</span>
      </div>
    </div>`,
  };
}

const promise = (event, words) => line("knot", words, event.at, "promise");

const LOOKS = {
  "message.said": said,
  "bot.answered": said,
  "note.added": note,
  "decision.issued": decision,
  "message.seen": hidden,
  "mail.sent": hidden,
  "mail.accepted": hidden,
  "staff.opened": hidden,
  "link.issued": hidden,
  "conversation.opened": (event, body) =>
    line(door(event.channel).icon, html`<b>${body.by || _("A visitor")}</b> ${_("opened this conversation")} ${_(door(event.channel).words)}${body.page ? html` ${_("on")} <span class="faint">${body.page}</span>` : nothing}.`, event.at),
  "customer.introduced": (event, body) =>
    line("user", html`<b>${body.by || _("The visitor")}</b> ${event.side === "agents" ? _("noted") : _("left")} ${[body.shown_name, body.address].filter(Boolean).join(", ")}.`, event.at),
  "participant.joined": (event, body) =>
    body.how === "wrote"
      ? line("user", html`<b>${body.shown_name || body.address}</b> ${_("takes part by writing. Nobody put them in copy.")} <span class="faint">${body.address}</span>`, event.at)
      : line("users", html`<b>${body.by}</b> ${_("put {name} in copy.", { name: body.shown_name || body.address })} <span class="faint">${body.shown_name ? body.address : ""}</span>`, event.at),
  "address.disowned": (event, body) =>
    line("alert", html`<b class="wrong">${_("Not theirs:")}</b> ${_("the owner of {address} never wrote to us. Nothing more goes there.", { address: body.address })}`, event.at, "bad"),
  "conversation.merged": (event, body) =>
    line("merge", html`<b>${body.by}</b> <a href=${pathOf.conversation(body.other)}>${body.into ? _("continued this in another conversation.") : _("took another conversation in.")}</a>${reason(body)}`, event.at),
  "conversation.continued": (event, body) =>
    line("link", html`<a href=${pathOf.conversation(body.other)}>${body.onward ? _("A late answer went on in a new conversation.") : _("This goes on from {case}.", { case: body.case })}</a>`, event.at),
  "conversation.moved": (event, body) =>
    line("mail", html`<b>${body.by}</b> ${_("continues this by e-mail to {address}. The chat stays open.", { address: body.address })}${reason(body)}`, event.at),
  "conversation.snoozed": (event, body) => line("snooze", html`<b>${body.by}</b> ${_("put this aside until {time}.", { time: when(body.until) })}`, event.at),
  "conversation.closed": (event, body) => line("check", html`<b>${body.by}</b> ${_("closed this conversation.")} ${body.outcome ?? ""}`, event.at),
  "conversation.reopened": (event, body) => line("refresh", html`<b>${body.by}</b> ${_("opened this conversation again.")} ${body.reason ?? ""}`, event.at),
  "handoff.claimed": (event, body) => line("user", html`<b>${body.by}</b> ${_("looks after this conversation now.")}`, event.at),
  "handoff.offered": (event, body) => line("swap", html`<b>${_("{by} asked {to} to take over.", { by: body.by, to: body.to_name })}</b>${reason(body)}`, event.at),
  "handoff.accepted": (event, body) => line("swap", html`<b>${_("{from} passed this to {to}.", { from: body.from_name || _("A colleague"), to: body.by })}</b> ${_("Our promises stay.")}`, event.at),
  "handoff.declined": (event, body) => line("swap", html`<b>${body.by}</b> ${_("did not take over.")}${reason(body)}`, event.at),
  "handoff.released": (event, body) => line("users", html`<b>${body.by}</b> ${_("gave this back to the team.")}${reason(body)}`, event.at),
  "commitment.made": (event, body) => promise(event, html`<b>${_("{name} promised:", { name: body.by })}</b> ${body.text}, ${_("by {day}", { day: dueDay(body.due) })}.`),
  "commitment.kept": (event, body) => promise(event, html`<b>${_("Promise kept")}</b> ${_("by {name}.", { name: body.by })} ${body.proof ?? ""}`),
  "commitment.withdrawn": (event, body) => promise(event, html`<b>${_("{name} withdrew a promise.", { name: body.by })}</b>${reason(body)}`),
  "commitment.replaced": (event, body) => promise(event, html`<b>${_("{name} replaced a promise:", { name: body.by })}</b> ${body.text}, ${_("by {day}", { day: dueDay(body.due) })}.${reason(body)}`),
  "mail.delayed": (event, body) => line("refresh", html`<b>${_("Delayed:")}</b> ${_("the mail to {to} was not taken yet; it is tried again.", { to: body.to })} <q class="faint">${body.said}</q>`, event.at),
  "lines.mailed": (event, body, { mailed }) =>
    line("mail", html`${_n("{n} unseen line went by e-mail", "{n} unseen lines went by e-mail", body.lines.length)} ${_("to {to}.", { to: body.to })} ${delivery(mailed[event.position]?.word ?? "queued", mailed[event.position]?.steps)} ${trouble(mailed[event.position])}`, event.at),
  ...Object.fromEntries(Object.entries(REPORTED).map(([kind, told]) => [kind, (event, body) => reported(event, told(body))])),
  "transcript.taken": (event, body) => line("download", html`<b>${body.by || _("Somebody")}</b> ${_("saved the transcript ({format}).", { format: body.format })}`, event.at),
};

/** Whether an event is drawn as an item of its own. */
export const drawn = (event) => LOOKS[event.kind] !== hidden;

const PINS = 2;

/** The promises that are still open, above the thread; the menu reaches those that have no room there. */
export function pins(summary, { keep, withdraw }) {
  const open = openPromises(summary);
  const shown = open.slice(0, PINS).map(
    (one) => html`<div class="pin ${late(one.due) ? "late" : ""}">
      ${icon("knot")}
      <div><b>${one.text} ${_("by {day}", { day: dueDay(one.due) })}</b><small>${_("Promised by {name}.", { name: one.by })} <span class="wideonly">${_("The customer and everybody who takes over can see it.")} <button class="aslink" @click=${() => withdraw(one)}>${_("Withdraw")}</button></span></small></div>
      <span class="row"><span class="chip promise due">${due(one.due)}</span><button class="btn" @click=${() => keep(one)}>${_("Mark kept")}</button></span>
    </div>`,
  );
  const rest = open.length - shown.length;
  return rest ? [...shown, html`<p class="xs muted">${_n("and {n} more promise", "and {n} more promises", rest)}</p>`] : shown;
}
