/**
 * The two menus of a conversation: saving it, and everything else the customer may do with it. Real menus: arrow keys move, Escape
 * goes back to the button.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { appearance, nextAppearance } from "../appearance.js";
import { recall, remember } from "../memory.js";
import { pending, thread } from "../state.js";
import { mailed, sealed } from "../saving.js";
import { saveText, textOf } from "../textfile.js";
import { icon } from "./parts.js";

/** Place in a format as the server lists it: name, icon, label, how its files are known, whether it is an archive. */
const ARCHIVE = 4;

export function saveMenu(live, state, conversation) {
  const online = state.connection.state === "live" && !conversation.startsWith("new:");
  const formats = online ? state.site.formats : [];
  const { address, confirmed } = thread(state, conversation);
  const one = ([name, mark, label, hint, archive]) => item(mark, _(label), label === hint ? "" : hint, () => sealed(live, conversation, name, archive));
  return html`<div class="menu w-pop" role="menu" aria-label=${_("Save transcript")}>
    <div class="over">${_("Save what was said so far")}</div>
    ${formats.filter((one) => !one[ARCHIVE]).map(one)}
    ${online && confirmed ? item("mail", _("Send to my e-mail"), address.replace(/@.*/, "@"), () => mailed(live, conversation)) : nothing}
    ${online ? item("link", _("Copy a link"), _("opens it anywhere"), () => live.menu("link")) : nothing}
    ${online ? html`<hr>` : nothing}
    ${formats.filter((one) => one[ARCHIVE]).map(one)}
    ${online ? nothing : item("list", _("Plain text"), _("from this device"), () => device(live, state, conversation))}
  </div>`;
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
    ${stored ? item("shield", _("Open my record"), "", open("link")) : nothing}
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
