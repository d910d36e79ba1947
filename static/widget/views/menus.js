/**
 * The two menus of a conversation: saving it, and everything else the customer may do with it. Real menus: arrow keys move, Escape
 * goes back to the button.
 */
import { announce } from "../../core/a11y.js";
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { appearance, nextAppearance } from "../appearance.js";
import { recall, remember } from "../memory.js";
import { pending, thread } from "../state.js";
import { save, saveText, textOf } from "../textfile.js";
import { icon } from "./parts.js";

const FORMATS = [
  ["html", "globe", () => _("Web page"), () => _("HTML, one file")],
  ["text", "list", () => _("Plain text"), () => _("TXT")],
  ["json", "code", () => _("Data"), () => _("JSON, with metadata")],
];

export function saveMenu(live, state, conversation) {
  const online = state.connection.state === "live" && !conversation.startsWith("new:");
  const formats = online ? FORMATS : [];
  return html`<div class="menu w-pop" role="menu" aria-label=${_("Save transcript")}>
    <div class="over">${_("Save what was said so far")}</div>
    ${formats.map(([format, mark, name, line]) => item(mark, name(), line(), () => take(live, conversation, format)))}
    ${online ? nothing : item("list", _("Plain text"), _("from this device"), () => device(live, state, conversation))}
  </div>`;
}

async function take(live, conversation, format) {
  live.menu("");
  try {
    save(await live.take(conversation, format), "");
    announce(_("The transcript is being saved."));
  } catch (error) {
    live.trouble(error.message || _("The transcript could not be made. Nothing is lost; try again."));
  }
}

function device(live, state, conversation) {
  live.menu("");
  const row = state.rows.find((one) => one.conversation === conversation);
  const text = textOf(thread(state, conversation), pending(state, conversation), state.site, row);
  saveText(text, `${row?.case || _("conversation")}.txt`);
}

export function conversationMenu(live, state, conversation) {
  const { closed } = thread(state, conversation);
  const stored = !conversation.startsWith("new:");
  const open = (menu) => () => live.menu(menu);
  const done = (act) => () => {
    live.menu("");
    act();
  };
  return html`<div class="menu w-menu" role="menu" aria-label=${_("Conversation menu")}>
    ${item("download", _("Save transcript"), icon("chev-right"), open("save"))}
    ${item("eye", _("Who can see this?"), "", open("who"))}
    <hr>
    ${stored ? item("mail", _("Continue by e-mail"), "", open("email")) : nothing}
    <hr>
    ${item("bell", _("Sound for new messages"), recall("sound") === "on" ? _("on") : _("off"), done(toggleSound))}
    ${item("moon", _("Appearance"), appearance(), done(nextAppearance))}
    ${stored ? html`<hr>${closing(live, conversation, closed, done)}` : nothing}
  </div>`;
}

const closing = (live, conversation, closed, done) =>
  closed
    ? item("refresh", _("Open it again"), "", done(() => live.reopen(conversation)))
    : item("check", _("My question is answered"), "", done(() => live.close(conversation)));

const item = (mark, name, line, act) => html`<button role="menuitem" type="button" tabindex="-1" @click=${act}>
  ${icon(mark)}${name}${line ? html`<small>${line}</small>` : nothing}
</button>`;

const toggleSound = () => remember("sound", recall("sound") === "on" ? "" : "on");
