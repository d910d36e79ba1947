/**
 * The transcript as plain text from what is on this device: for the moments when the server cannot be reached. It says that it is
 * no sealed transcript.
 */
import { _ } from "../core/i18n.js";
import { full } from "../core/time.js";
import { quiet } from "./thread.js";

export function textOf(thread, unsent, site, row) {
  const title = [site.name, row?.case, row?.subject].filter(Boolean).join(", ");
  const made = _("Made on this device, {time}, from what it held. The sealed transcript can be saved when the connection is back.", { time: full(Date.now() * 1000) });
  const lines = thread.entries.filter((event) => !quiet(event)).map(lineOf);
  const waiting = unsent.filter((item) => item.form.text).map((item) => `${_("Not sent yet")}: ${item.form.text}`);
  return [title, made, "", ...lines, ...waiting, ""].join("\n");
}

function lineOf(event) {
  const { text, attachments = [] } = event.body;
  const said = [event.sentence, text].filter(Boolean).join("\n");
  const files = attachments.map(({ name, size }) => `\n    [${name}, ${size}]`).join("");
  return `${full(event.at)}  ${event.channel}\n  ${said.replaceAll("\n", "\n  ")}${files}\n`;
}

/** Hands a file to the browser to keep. */
export function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

export function saveText(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  save(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
