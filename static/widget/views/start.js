/**
 * Before the chat: one question is required; a name and an address are offered, with what they are for.
 */
import { html } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { recall, remember } from "../memory.js";
import { head, shopmark } from "./parts.js";
import { presenceLine } from "./presence.js";

const DRAFT = "draft:new";

export function start(live, state) {
  const { site, you } = state;
  const known = Object.values(state.threads).find((thread) => thread.address);
  const send = (event) => {
    event.preventDefault();
    submit(live, event.currentTarget);
  };
  return html`${head({ live, mark: shopmark(site.name), title: _("New conversation"), line: presenceLine(state) })}
    <form class="w-log w-start" novalidate @submit=${send}>
      <div class="field">
        <label for="question">${_("What is it about?")}</label>
        <textarea class="input" id="question" name="text" rows="4" required maxlength="10000" aria-describedby="question-error"
          .value=${recall(DRAFT)} @input=${(event) => remember(DRAFT, event.target.value)}></textarea>
        <span class="state bad" id="question-error" hidden>${_("Please write what it is about.")}</span>
      </div>
      <div class="field">
        <label for="name">${_("Your name")} <span class="faint">${_("(optional)")}</span></label>
        <input class="input tall" id="name" name="name" autocomplete="name" maxlength="120" .value=${you?.name ?? ""}>
      </div>
      <div class="field">
        <label for="address">${_("E-mail")} <span class="faint">${_("(optional)")}</span></label>
        <input class="input tall" id="address" name="address" type="email" autocomplete="email" maxlength="254"
          aria-describedby="address-hint address-error" .value=${known?.address ?? ""}>
        <span class="hint" id="address-hint">${_("If you leave or lose the connection, we carry on here. For nothing else.")}</span>
        <span class="state bad" id="address-error" hidden>${_("This does not look like an e-mail address.")}</span>
      </div>
      <button class="btn primary big wide" type="submit">${_("Start the chat")}</button>
      <p class="hint centre">
        ${_("You can save the whole conversation at any time, during and after it. We keep it for at least {n} days.", { n: site.keep })}
      </p>
      <details class="hint">
        <summary>${_("What is stored?")}</summary>
        ${_("What you and we write here, your name and e-mail if you give them, and the address of this page without its query. No tracking.")}
      </details>
    </form>`;
}

/** The first field that does not hold gets the focus, with its reason beside it. */
function submit(live, form) {
  const { text, name, address } = form.elements;
  const fine = mark(text, text.value.trim() !== "") && mark(address, address.validity.valid);
  if (!fine) return;
  live.open({ text: text.value.trim(), name: name.value.trim(), address: address.value.trim() });
  remember(DRAFT, "");
}

function mark(field, good) {
  field.setAttribute("aria-invalid", String(!good));
  field.form.querySelector(`#${field.id}-error`).hidden = good;
  if (!good) field.focus();
  return good;
}
