/**
 * What slides over a conversation: continuing by e-mail, a link to it, and who can see it. Real dialogs, so that the focus stays inside and comes
 * back.
 */
import { announce, openDialog } from "../../core/a11y.js";
import { define, Element, html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { thread } from "../state.js";
import { icon } from "./parts.js";

class Sheet extends Element {
  live = null;
  conversation = "";

  get dialog() {
    return this.querySelector("dialog");
  }

  drawn() {
    if (!this.dialog || this.dialog.open) return;
    this.dialog.addEventListener("close", () => this.live.menu(""), { once: true });
    openDialog(this.dialog);
  }

  leave = () => this.dialog.close();
}

class EmailSheet extends Sheet {
  #problem = "";
  #busy = false;

  view() {
    const now = thread(this.live.store.state, this.conversation);
    const lead = now.assignee
      ? _("{name}'s next reply comes by e-mail.", { name: now.assignee })
      : _("The next reply comes by e-mail.");
    return html`<dialog class="w-sheet" aria-labelledby="email-title">
      <form class="col" method="dialog" novalidate @submit=${this.#submit}>
        <div class="row"><span class="node mailnode">${icon("mail")}</span><h3 id="email-title">${_("Continue by e-mail")}</h3></div>
        <p class="sm muted">${lead} ${_("Answer from your mailbox and it lands right here, in this conversation. Chat again whenever you like.")}</p>
        <div class="field">
          <label for="send-to">${_("Send to")}</label>
          <input class="input tall" id="send-to" name="address" type="email" required autocomplete="email" maxlength="254" autofocus
            aria-invalid=${this.#problem ? "true" : "false"} aria-describedby="send-to-error" .value=${now.address}>
          <span class="state bad" id="send-to-error" ?hidden=${!this.#problem}>${this.#problem}</span>
        </div>
        <label class="choice"><input type="checkbox" name="history" checked><span>${_("Put what we said so far into the e-mail")}
          <small class="hint">${_("Once you have answered from this address: until then it gets new answers only.")}</small></span></label>
        <div class="row">
          <button class="btn primary big grow" ?disabled=${this.#busy}>${_("Move to e-mail")}</button>
          <button class="btn big" type="button" @click=${this.leave}>${_("Stay here")}</button>
        </div>
      </form>
    </dialog>`;
  }

  #submit = async (event) => {
    event.preventDefault();
    const { address, history } = event.currentTarget.elements;
    if (!address.validity.valid) return this.#fail(_("This does not look like an e-mail address."), address);
    this.#busy = true;
    this.update();
    try {
      await this.live.move(this.conversation, address.value.trim(), history.checked);
      announce(_("Continued by e-mail."));
      this.leave();
    } catch (error) {
      this.#fail(error.message || _("Not moved. Nothing is lost; try again."), address);
    }
    this.#busy = false;
    this.update();
  };

  #fail(problem, field) {
    this.#problem = problem;
    field.focus();
    this.update();
  }
}

class WhoSheet extends Sheet {
  view() {
    const { site } = this.live.store.state;
    return html`<dialog class="w-sheet" aria-labelledby="who-title">
      <div class="row"><span class="node">${icon("eye")}</span><h3 id="who-title">${_("Who can see this?")}</h3></div>
      <p class="sm">${_("You, and the people who answer for {site}. Each time one of them opens this conversation, it is written into its record.", { site: site.name })}</p>
      <p class="sm muted">${_("Nobody can change or remove what was said without a trace. On this device, whoever uses this browser can read it too.")}</p>
      <button class="btn big wide" type="button" autofocus @click=${this.leave}>${_("Back to the conversation")}</button>
    </dialog>`;
  }
}

class LinkSheet extends Sheet {
  #made = null;
  #problem = "";

  arrive() {
    this.live.link(this.conversation).then(
      (made) => (this.#made = made),
      (error) => (this.#problem = error.message || _("No link was made. Nothing is lost; try again.")),
    ).finally(() => this.update());
  }

  view() {
    const made = this.#made;
    const address = made ? new URL(made.url, location.origin).href : "";
    return html`<dialog class="w-sheet" aria-labelledby="link-title">
      <div class="row"><span class="node">${icon("link")}</span><h3 id="link-title">${_("A link to this conversation")}</h3></div>
      ${this.#problem ? html`<p class="state bad" role="alert">${icon("alert")}${this.#problem}</p>` : nothing}
      ${made
        ? html`<p class="sm">${_("It opens your record in any browser: read it, save it, go on in it. Whoever has it can read along; you can cancel it there.")}</p>
          <input class="input tall" readonly aria-label=${_("Your link")} .value=${address} @focus=${(event) => event.target.select()}>`
        : html`<p class="sm muted" role="status">${this.#problem ? nothing : _("It is being made.")}</p>`}
      <div class="row">
        <button class="btn primary big grow" type="button" autofocus ?disabled=${!made} @click=${this.#copy}>${_("Copy")}</button>
        ${made ? html`<a class="btn big" href=${address} target="_blank" rel="noopener">${_("Open my record")}</a>` : nothing}
        <button class="btn big" type="button" @click=${this.leave}>${_("Close")}</button>
      </div>
    </dialog>`;
  }

  /** Inside a foreign page the clipboard may be closed to us: then the marked text is copied the old way. */
  #copy = async () => {
    const field = this.querySelector("input");
    field.select();
    const done = await navigator.clipboard.writeText(field.value).then(() => true, () => document.execCommand("copy"));
    announce(done ? _("The link is copied.") : _("The link is marked. Copy it with your keyboard."));
    if (done) this.leave();
  };
}

define("tl-email-sheet", EmailSheet);
define("tl-link-sheet", LinkSheet);
define("tl-who-sheet", WhoSheet);

/** The sheet that is open, if one is. */
export function sheet(live, menu, conversation) {
  if (menu === "email") return html`<tl-email-sheet .live=${live} .conversation=${conversation}></tl-email-sheet>`;
  if (menu === "link") return html`<tl-link-sheet .live=${live} .conversation=${conversation}></tl-link-sheet>`;
  if (menu === "who") return html`<tl-who-sheet .live=${live} .conversation=${conversation}></tl-who-sheet>`;
  return nothing;
}
