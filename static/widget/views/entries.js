/**
 * How each kind of event looks in the customer's thread. A kind that is not listed shows its sentence; quiet ones show nothing.
 */
import { html, nothing } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { day, dueDay, full, iso, when } from "../../core/time.js";
import { channelOf } from "../channels.js";
import { isOwn, quiet, seenAt, speaks, toOthers } from "../thread.js";
import { size } from "../upload.js";
import { avatar, icon, state } from "./parts.js";

/** The item of one event; `nothing` if the customer needs not see it. */
export function entry(event, thread) {
  if (quiet(event) || toOthers(event, thread)) return nothing;
  const draw = Object.hasOwn(KINDS, event.kind) ? KINDS[event.kind] : plain;
  return draw(event, thread);
}

/** What the customer wrote and the server has not confirmed yet. */
export function waiting(item, live, offline) {
  const { text = "" } = item.form;
  return html`<li class="me ${item.state === "stored" ? "" : "wait"}">
    <span class="sr">${_("You")}</span>
    ${text ? html`<div class="bub">${text}</div>` : nothing}
    ${item.files.map(({ name, size: octets }) => file("image", name, size(octets)))}
    ${progress(item, live, offline)}
  </li>`;
}

function progress(item, live, offline) {
  if (item.state === "stored") return state("check", _("Stored {time}", { time: when(item.at) }));
  if (item.state === "failed") {
    return html`<span class="state bad">${icon("alert")}${_("Not sent.")} ${item.message || ""}
      <button class="link" type="button" @click=${() => live.outbox.retry(item.key)}>${_("Try again")}</button>
      <button class="link" type="button" @click=${() => live.outbox.cancel(item.key)}>${_("Remove")}</button></span>`;
  }
  if (item.state === "waiting" || offline) return state("clock", _("Waiting to be sent"));
  const part = item.progress ? ` ${Math.round(item.progress * 100)} %` : "";
  return state("send", _("Sending") + part);
}

const KINDS = {
  "conversation.opened": () => nothing,
  "message.said": said,
  "conversation.moved": (event) => {
    const { mark, moved } = channelOf(event);
    const why = event.body.reason ? _("Reason: {reason}", { reason: event.body.reason }) : "";
    return knot(event, mark, moved(), [why, when(event.at), _("The chat stays open.")]);
  },
  "conversation.closed": (event) => knot(event, "check", _("{name} closed this conversation.", { name: author(event) }), [event.body.outcome]),
  "conversation.reopened": (event) => knot(event, "refresh", _("{name} opened it again.", { name: author(event) }), [event.body.reason]),
  "customer.introduced": (event) => knot(event, "user", _("You told us how to reach you."), [event.body.shown_name, event.body.address]),
  "address.confirmed": (event) => knot(event, "shield", _("Your address is confirmed."), [event.body.address]),
  "handoff.claimed": (event) => knot(event, "user", _("{name} looks after you now.", { name: author(event) })),
  "handoff.offered": (event) =>
    handoff(event, _("{name} asked {to} to take over", { name: author(event), to: event.body.to_name }), event.body.reason),
  "handoff.accepted": (event) => {
    const { by, from_name: from } = event.body;
    const what = from ? _("{from} passed you to {name}", { from, name: by }) : _("{name} took over", { name: by });
    return handoff(event, what, "", _("{name} can read everything; our promise to you stays.", { name: by }));
  },
  "handoff.declined": (event) => handoff(event, _("{name} could not take over", { name: author(event) }), event.body.reason),
  "handoff.released": (event) => handoff(event, _("{name} gave this back to the team", { name: author(event) }), event.body.reason),
  "commitment.made": (event) => promise(event, _("{name} made a promise.", { name: author(event) })),
  "commitment.replaced": (event) => promise(event, _("{name} replaced a promise.", { name: author(event) })),
  "commitment.kept": (event) => knot(event, "knot", _("Promise kept."), [event.body.proof], "promise"),
  "commitment.withdrawn": (event) => knot(event, "knot", _("{name} withdrew a promise.", { name: author(event) }), [event.body.reason], "promise"),
  "decision.issued": decision,
  "lines.mailed": (event) => {
    const n = event.body.lines?.length ?? 0;
    const what = _n("{n} line you had not seen went by e-mail.", "{n} lines you had not seen went by e-mail.", n);
    return knot({ ...event, channel: "email" }, "mail", what, [event.body.to, when(event.at)]);
  },
  "retention.noticed": (event) =>
    knot(event, "clock", _("Kept until {day}.", { day: day(event.body.until) }), [_("Then what was said here is removed for good: save it, or have it kept longer on the page of its record.")]),
  "mail.bounced": (event) => html`<li class="mail"><span class="node">${icon("mail")}</span>
    <div class="ev bad"><b>${_("An e-mail to you did not arrive.")}</b> ${event.body.said} ${_("It stands here in full.")}</div></li>`,
};

const author = (event) => event.body.by || (event.side === "customer" ? _("You") : _("The team"));

const look = (event) => channelOf(event).look;

/** Agents' lines carry their position: once in view, they are reported as seen. */
const watched = (event) => (speaks(event) ? event.position : nothing);

function said(event, thread) {
  return isOwn(event, thread) ? mine(event, thread) : theirs(event, thread);
}

const mine = (event, thread) => html`<li class="me ${look(event)}">
  <span class="sr">${_("You")}, ${when(event.at)}</span>
  ${words(event)} ${files(event)} ${ownState(event, thread)}
</li>`;

function ownState(event, thread) {
  const { mark, own } = channelOf(event);
  if (own(event.at)) return state(mark, own(event.at));
  const seen = seenAt(thread, event.position);
  if (seen) return state("checks", _("Seen {time}", { time: when(seen) }), "seen");
  return state("check", _("Stored {time}", { time: when(event.at) }));
}

const theirs = (event, thread) => html`<li class=${look(event)} data-position=${watched(event)}>
  ${avatar(author(event))}
  <div class="who2"><b>${author(event)}</b> ${channelOf(event).by()} ${clockOf(event)}</div>
  ${words(event)} ${files(event)} ${mailState(thread.delivery[event.position])}
</li>`;

const clockOf = ({ at }) => html`<time datetime=${iso(at)} title=${full(at)}>${when(at)}</time>`;

function words({ body, crossed_out: gone = [] }) {
  if (gone.includes("text")) return html`<div class="ev">${_("This text was erased for privacy.")}</div>`;
  return html`${body.text ? html`<div class="bub">${body.text}</div>` : nothing}
    ${body.quoted ? html`<details class="ev"><summary>${_("Quoted text")}</summary><div class="quote">${body.quoted}</div></details>` : nothing}`;
}

const files = ({ conversation, position, body }) =>
  (body.attachments ?? []).map(({ name, media_type: type, size: octets, index, url }) =>
    file(type.startsWith("image/") ? "image" : "file", name, _("{size}, stored", { size: size(octets) }), url ?? `/files/${conversation}/${position}/${index}`));

function file(mark, name, line, address) {
  const inner = html`<span class="th">${icon(mark)}</span><span>${name}<small>${line}</small></span>`;
  return address ? html`<a class="attach" href=${address} target="_blank" rel="noopener" download=${name}>${inner}</a>` : html`<span class="attach">${inner}</span>`;
}

/** Honest about mail: a server's 250 says that the server has it, no more. */
function mailState(word) {
  const states = {
    queued: () => state("clock", _("Goes by e-mail")),
    sent: () => state("mail", _("Sent by e-mail")),
    accepted: () => state("check", _("Accepted by your mail server"), "ok"),
    delayed: () => state("clock", _("E-mail delayed; we try again")),
    bounced: () => state("alert", _("The e-mail did not arrive"), "bad"),
  };
  return states[word]?.() ?? nothing;
}

const knot = (event, mark, what, rest = [], colour = "") => html`<li class=${look(event)} data-position=${watched(event)}>
  <span class="node ${colour}">${icon(mark)}</span>
  <div class="ev"><b>${what}</b> ${rest.filter(Boolean).join(", ")}</div>
</li>`;

const handoff = (event, what, reason, rest = "") => html`<li class=${look(event)}>
  <span class="node">${icon("swap")}</span>
  <div class="handoff">${icon("swap")}<div><b>${what}</b>
    <span class="muted">${reason ? _("Reason: {reason}", { reason }) : ""} ${rest}</span></div></div>
</li>`;

const promise = (event, what) => html`<li class=${look(event)} id="entry-${event.position}" data-position=${watched(event)}>
  <span class="node promise">${icon("knot")}</span>
  <div class="ev"><b>${what}</b> ${event.body.text}, ${_("by {day}", { day: dueDay(event.body.due) })}. ${_("It stays on top until it is kept.")}</div>
</li>`;

function decision(event) {
  const { by, role, text, reasons, remedies = [] } = event.body;
  return html`<li data-position=${watched(event)}>
    <span class="node full ink">${icon("scale")}</span>
    <article class="decision" aria-labelledby="decision-${event.position}">
      <header id="decision-${event.position}">${icon("scale")}${_("Final decision, {day}", { day: day(event.at) })}</header>
      <div><p><b>${text}</b></p>
        <dl>
          ${reasons ? html`<div><dt>${_("Why")}</dt><dd>${reasons}</dd></div>` : nothing}
          ${remedies.length ? html`<div><dt>${_("If you disagree")}</dt><dd><ol>${remedies.map((one) => html`<li>${one}</li>`)}</ol></dd></div>` : nothing}
        </dl>
        <p class="xs faint">${_("Decided by {name}", { name: [by, role].filter(Boolean).join(", ") })}</p>
      </div>
    </article>
  </li>`;
}

const plain = (event) => knot(event, "history", event.sentence);
