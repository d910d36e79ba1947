/**
 * The sheets that fill in an action: hand over, promise, decide, close and the like. What the customer will read is shown before it is sent.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { dueDay, endOfDay, now, when } from "../../core/time.js";
import { me } from "../desk.js";
import { openPromises } from "../state.js";
import { dateField, fromFields, icon } from "./marks.js";
import { keys } from "./keys.js";
import { more } from "./more.js";
import { palette } from "./palette.js";
import { plain } from "./plain.js";

const DAY = 86_400_000_000;
const REASONS = ["Needs approval.", "This needs somebody who knows it better.", "My shift ends.", "You asked for another person."];

let colleagues = [];

async function loadColleagues(again) {
  const answer = await fetch("/inbox/colleagues").catch(() => null);
  if (answer?.ok) colleagues = (await answer.json()).team;
  again();
}

const customer = (summary) => summary?.customer?.name || _("The customer");
const needed = html`<span class="faint">${_("(required)")}</span>`;
const typed = (name) => document.querySelector(`dialog [name=${name}]`)?.value ?? "";

function preview(summary, words) {
  return html`<div class="banner round preview"><div class="xs faint">${_("{name} will read", { name: customer(summary) })}</div>${words}</div>`;
}

function fill(name, words, again) {
  const field = document.querySelector(`dialog [name=${name}]`);
  field.value = words;
  field.focus();
  again();
}

function area(name, label, { required = true, rows = 2, value = "", help = "", max = 500 } = {}) {
  return html`<div class="field"><label for="f-${name}">${_(label)} ${required ? needed : nothing}</label><textarea class="input" id="f-${name}" name=${name} rows=${rows} maxlength=${max} ?required=${required} .defaultValue=${value}></textarea>${help ? html`<p class="hint">${_(help)}</p>` : nothing}</div>`;
}

function moving(summary) {
  const promises = openPromises(summary);
  if (!promises.length) return nothing;
  return html`<div class="pin">${icon("knot")}<div><b>${_("Our open promises stay and move along")}</b><small>${promises.map((one) => `${one.text} ${_("by {day}", { day: dueDay(one.due) })}`).join("; ")}</small></div></div>`;
}

/** Which promise is meant: the one whose pin was pressed, or the only open one, or a choice. */
function which(summary, promise) {
  const open = promise ? [promise] : openPromises(summary);
  const words = (one) => `${one.text} ${_("by {day}", { day: dueDay(one.due) })}`;
  if (open.length === 1) return html`<p><b>${words(open[0])}</b></p><input type="hidden" name="promise" .value=${String(open[0].position)} />`;
  return html`<div class="field"><label for="f-promise">${_("Which promise")} ${needed}</label><select class="input" id="f-promise" name="promise" required>${open.map((one) => html`<option value=${one.position}>${words(one)}</option>`)}</select></div>`;
}

export const SHEETS = {
  palette,
  keys,
  more,
  plain,

  hand_off: {
    icon: "swap",
    title: () => _("Hand over"),
    button: "Hand over",
    live: true,
    opened: loadColleagues,
    body: ({ summary, again }) => {
      const to = colleagues.find((one) => one.ref === typed("to"));
      const reason = typed("reason");
      return html`
        <div class="field"><label for="f-to">${_("To")}</label><select class="input" id="f-to" name="to" required autofocus>
          <option value="">${_("Choose a colleague")}</option>
          ${colleagues.map((one) => html`<option value=${one.ref}>${one.name}, ${_("{n} open", { n: one.open })}${one.away ? `, ${_("away")}` : ""}</option>`)}
        </select></div>
        ${area("reason", "Reason")}
        <div class="row wrap">${REASONS.map((words) => html`<button type="button" class="chip out" @click=${() => fill("reason", _(words), again)}>${_(words)}</button>`)}</div>
        ${preview(summary, html`<b>${_("{by} asked {to} to take over.", { by: me.name, to: to?.name ?? "…" })}</b> ${_("Reason:")} ${reason || "…"}`)}
        ${moving(summary)}`;
    },
    hint: () => _("It stays yours until your colleague takes it."),
    missing: (value) => (value("to") ? "" : _("Choose who is asked.")),
    filled: (value) => ({ action: "hand_off", form: { to: value("to"), reason: value("reason") } }),
  },

  decline: {
    icon: "swap",
    title: () => _("Not me"),
    button: "Decline",
    body: () => area("reason", "Reason", { required: false, help: "Your colleague and the customer read it." }),
    filled: (value) => ({ action: "decline", form: { reason: value("reason") } }),
  },

  promise: {
    icon: "knot",
    title: () => _("Promise"),
    button: "Promise it",
    live: true,
    body: ({ summary, text = "" }) => html`
      ${area("text", "What is promised", { value: text.slice(0, 180) })}
      <div class="field"><label for="f-due">${_("By")} ${needed}</label><input class="input" id="f-due" type="date" name="due" required min=${dateField(now())} .defaultValue=${dateField(now() + 2 * DAY)} /></div>
      ${preview(summary, html`<b>${typed("text") || text || "…"}</b> ${_("by {day}", { day: dueDay(endOfDay(typed("due") || dateField(now() + 2 * DAY))) })}`)}`,
    hint: () => _("It stays on top for both sides until it is kept. It can be withdrawn or replaced, not deleted."),
    filled: (value) => ({ action: "promise", form: { text: value("text"), due: endOfDay(value("due")) } }),
  },

  keep: {
    icon: "check",
    title: () => _("Promise kept"),
    button: "Mark kept",
    body: ({ summary, promise }) => html`${which(summary, promise)} ${area("proof", "What shows it", { required: false, help: "A bank reference or a parcel number, for example. The customer reads it." })}`,
    filled: (value) => ({ action: "keep", form: { promise: Number(value("promise")), proof: value("proof") } }),
  },

  withdraw: {
    icon: "knot",
    title: () => _("Withdraw promise"),
    button: "Withdraw",
    live: true,
    body: ({ summary, promise }) => html`
      ${which(summary, promise)} ${area("reason", "Reason")}
      ${preview(summary, html`<b>${_("{name} withdrew a promise.", { name: me.name })}</b> ${_("Reason:")} ${typed("reason") || "…"}`)}`,
    hint: () => _("The promise stays in the record, with its end and the reason."),
    filled: (value) => ({ action: "withdraw", form: { promise: Number(value("promise")), reason: value("reason") } }),
  },

  decide: {
    icon: "scale",
    title: () => _("Final decision"),
    button: "Issue",
    live: true,
    body: ({ summary }) => html`
      ${area("text", "In one sentence")} ${area("reasons", "Reasons", { rows: 3, max: 4000, help: "Name the rule it rests on." })}
      ${area("remedies", "What the customer can do next", { rows: 3, max: 2000, value: _("Ask for a review by somebody else.") + "\n" + _("Your legal rights are not limited by this."), help: "One way a line, at least one." })}
      ${preview(summary, html`<b>${typed("text") || "…"}</b> ${_("Reasons:")} ${typed("reasons") || "…"}`)}`,
    hint: () => _("It becomes part of the record and cannot be edited, only followed by another."),
    missing: (value) => (value("remedies") ? "" : _("Name at least one way.")),
    filled: (value) => ({ action: "decide", form: { text: value("text"), reasons: value("reasons"), remedies: value("remedies").split("\n").map((one) => one.trim()).filter(Boolean) } }),
  },

  close: {
    icon: "check",
    title: () => _("Close"),
    button: "Close",
    live: true,
    body: ({ summary }) => html`
      ${area("outcome", "How it ended")}
      ${openPromises(summary).length ? html`<div class="banner warn round">${icon("knot")}<span class="grow">${_("A promise is still open. Closing does not end it.")}</span></div>` : nothing}
      ${preview(summary, html`<b>${_("{name} closed this conversation.", { name: me.name })}</b> ${typed("outcome") || "…"}`)}`,
    hint: () => _("Either side can open it again."),
    filled: (value) => ({ action: "close", form: { outcome: value("outcome") } }),
  },

  reopen: {
    icon: "refresh",
    title: () => _("Open again"),
    button: "Reopen",
    body: () => area("reason", "Reason", { required: false, help: "The customer reads it." }),
    filled: (value) => ({ action: "reopen", form: { reason: value("reason") } }),
  },

  move: {
    icon: "mail",
    title: () => _("Continue by e-mail"),
    button: "Continue by e-mail",
    live: true,
    body: ({ summary }) => html`
      <div class="field"><label for="f-address">${_("E-mail address")} ${needed}</label><input class="input" id="f-address" type="email" name="address" required .defaultValue=${summary?.customer?.address ?? ""} /></div>
      ${area("reason", "Reason")}
      ${preview(summary, html`<b>${_("{name} continues this by e-mail.", { name: me.name })}</b> ${_("Reason:")} ${typed("reason") || "…"} ${_("The chat stays open.")}`)}`,
    filled: (value) => ({ action: "move", form: { address: value("address"), reason: value("reason"), history: false } }),
  },

  snooze: {
    icon: "snooze",
    title: () => _("Put aside"),
    button: "Put aside",
    body: () => {
      const choices = until();
      return html`<fieldset class="col"><legend class="sr">${_("Until")}</legend>
        ${choices.map((one, index) => html`<label class="choice"><input type="radio" name="until" value=${one.at} ?checked=${index === 0} /><span>${_(one.words)} <span class="faint">${when(one.at)}</span></span></label>`)}
        <div class="field"><label for="f-day">${_("Or on a day")}</label><input class="input" id="f-day" type="date" name="day" min=${dateField(now() + DAY)} /></div></fieldset>`;
    },
    hint: () => _("It comes back by itself, or as soon as the customer writes."),
    filled: (value) => ({ action: "snooze", form: { until: value("day") ? fromFields(value("day"), "09:00") : Number(value("until")) } }),
  },
};

/** Later today, tomorrow at nine, Monday at nine. */
function until() {
  const morning = (days) => fromFields(dateField(now() + days * DAY), "09:00");
  const monday = ((8 - new Date().getDay()) % 7) || 7;
  const choices = [
    { words: "In 3 hours", at: now() + DAY / 8 },
    { words: "Tomorrow morning", at: morning(1) },
    { words: "Next Monday", at: morning(monday) },
  ];
  return choices.filter((one, index) => choices.findIndex((other) => other.at === one.at) === index);
}
