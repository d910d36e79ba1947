/**
 * How it was proven who wrote a mail: the codes that an event keeps (chat/events/authorship.py), and their words.
 */
import { _ } from "../core/i18n.js";

const SENTENCES = {
  signed: "Signed by {about}",
  sent: "Sent by a server of {about}",
  failed: "Failed the sender's own policy ({about}): it may be from somebody else",
  passed_on: "Changed on the way; passed on by {about}, which found it in order",
  other: "Signed by {about}, which is not the sender's own domain",
  unchecked: "Could not be checked when it came",
  unproven: "Could not be verified: it may be from somebody else",
};
const TONES = { signed: "good", sent: "good", failed: "bad" };

/** What an event keeps, as `{words, tone, results}` with pairs like ["dkim", "pass"]; null where it keeps nothing. */
export function authorship(proof) {
  const [head, ...rest] = (proof || "").split(" ");
  const [code, about = ""] = head.split("=", 2);
  if (!SENTENCES[code]) return null;
  const results = rest.filter((part) => part.includes("=")).map((part) => part.split("=", 2));
  return { words: _(SENTENCES[code], { about }), tone: TONES[code] ?? "plain", results, front: rest.includes("front") };
}
