/**
 * Saving what the server has sealed: a transcript comes at once, an archive is waited for, and the words on top say how far it is.
 */
import { announce } from "../core/a11y.js";
import { _ } from "../core/i18n.js";
import { save } from "./textfile.js";
import { size } from "./upload.js";

const AGAIN = 700;

export async function sealed(live, conversation, format, archive) {
  live.menu("");
  try {
    const taken = await live.take(conversation, format);
    if (archive) await whole(live, taken);
    else {
      save(taken.url, "");
      announce(_("The transcript is being saved."));
    }
  } catch (error) {
    live.tell("");
    live.trouble(error.message || _("The transcript could not be made. Nothing is lost; try again."));
  }
}

/** The panel may be closed meanwhile: the server goes on, and so does this. */
async function whole(live, { url, state, signature }) {
  live.tell(_("Your full record is being prepared."));
  for (;;) {
    const now = await howFar(state);
    if (now.state === "failed") throw new Error(now.problem);
    if (now.state === "ready") {
      live.tell(_("Your full record, {size}, is being saved.", { size: size(now.done) }), { href: signature, words: _("Keep its signature beside it") });
      return save(url, "");
    }
    if (now.done) live.tell(_("Your full record: {done} of about {all}.", { done: size(now.done), all: size(now.expected) }));
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}

async function howFar(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) throw new Error("");
  return answer.json();
}

/** Has a link to the record mailed. */
export async function mailed(live, conversation) {
  live.menu("");
  try {
    await live.mailLink(conversation);
    live.tell(_("A link to your record is on its way to your mailbox."));
  } catch (error) {
    live.trouble(error.message || _("It was not sent. Nothing is lost; try again."));
  }
}
