/**
 * Small drawings that every view of the widget uses. They know the design, not the conversation.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { hueClass, initials } from "../../core/people.js";

export const icon = (name) => html`<i class="i i-${name}" aria-hidden="true"></i>`;

export const avatar = (name) => html`<span class="ava ${hueClass(name)}" aria-hidden="true">${initials(name)}</span>`;

export const shopmark = (name) => html`<span class="shopmark" aria-hidden="true">${initials(name)[0]}</span>`;

export const state = (mark, words, look = "") => html`<span class="state ${look}">${icon(mark)}${words}</span>`;

export const closeButton = (live, look = "tap") => html`<button
  class=${look} type="button" aria-label=${_("Close chat (the conversation is kept)")} @click=${() => live.frame.tell("close")}
>${icon("x")}</button>`;

/** The bar on top: back, who, menu, close. */
export const head = ({ live, mark, title, line, more }) => html`<header class="w-head">
  <button class="tap back" type="button" aria-label=${_("Back to all conversations")} @click=${() => live.show("home")}>${icon("chev-left")}</button>
  ${mark}
  <div class="who"><h2 tabindex="-1">${title}</h2><span>${line}</span></div>
  ${more ?? nothing} ${live.standalone ? nothing : closeButton(live)}
</header>`;
