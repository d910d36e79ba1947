/**
 * What other mail servers report about our mails, in words: why one did not arrive, who called it spam, when nothing more is sent.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";

/** Why a mail did not arrive, by the code in its event. */
const CAUSES = {
  unknown: "nobody has this address",
  "no-host": "there is no such mail domain",
  moved: "its owner has moved",
  "no-mail": "this domain takes no mail",
  full: "the mailbox is full",
  "too-big": "the mail was too large",
  disabled: "the mailbox is locked",
  sender: "their server did not like our address",
  refused: "their server takes no mail from us, or not now",
  content: "it was taken for spam or for something harmful",
  expired: "their server could not be reached in time",
  system: "a fault on the way",
};

const PAUSES = {
  hard: "nobody is there, as two mails have shown",
  soft: "mails have not arrived for days",
  complaint: "a mail was called spam there",
};

const AUTOMATIC = {
  auto_reply: "An automatic reply came in.",
  challenge: "A filter asks us to prove who we are.",
  receipt: "A receipt says that our mail was shown.",
  report: "A mail server reports something.",
  list: "A mail of a list came in.",
  loop: "A mail of ours came back.",
};

/** Why nothing is sent to an address for now; empty if mail goes there. */
export const pauseWords = (why) => (why ? _(PAUSES[why] ?? why) : "");

const quoted = (said) => (said ? html` <q class="faint">${said}</q>` : nothing);

const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1)}.`;

const chance = (body) => (body.hard ? _("Another try is in vain.") : _("The address may be right."));

/** Below our own message: why it did not arrive, in their words. */
export function trouble(mailed) {
  if (!mailed || !["gone", "bounced", "complained"].includes(mailed.word)) return nothing;
  return html`<p class="xs muted">${mailed.cause ? html`${sentence(_(CAUSES[mailed.cause] ?? mailed.cause))} ` : nothing}${quoted(mailed.said)}</p>`;
}

/** The lines of the thread, each as icon, words and tone. */
export const REPORTED = {
  "mail.bounced": (body) => [
    "alert",
    html`<b class="wrong">${_("Bounced:")}</b> ${body.to ? _("the mail to {to} did not arrive.", { to: body.to }) : _("the mail was not sent.")}
      ${body.cause ? html`${_("Why: {cause}.", { cause: _(CAUSES[body.cause] ?? body.cause) })} ${chance(body)}` : nothing}${quoted(body.said)}`,
    "bad",
  ],
  "mail.complained": (body) => ["alert", html`<b class="wrong">${_("Called spam:")}</b> ${_("the mail to {to} was reported by its reader or their provider.", { to: body.to })}${quoted(body.said)}`, "bad"],
  "mail.paused": (body) => ["lock", html`<b>${_("Mail paused:")}</b> ${_("nothing more goes to {to}: {why}.", { to: body.to, why: pauseWords(body.why) })}`, "bad"],
  "mail.resumed": (body) => ["refresh", html`<b>${body.by}</b> ${_("lets mail through to {to} again.", { to: body.to })}`, ""],
  "automatic.received": (body) => [
    "bot",
    html`${_(AUTOMATIC[body.what] ?? "An automatic mail came in.")} ${_("Nobody answers it.")} <details class="q"><summary>${body.evidence}</summary><div class="words">${body.text}</div></details>`,
    "",
  ],
};
