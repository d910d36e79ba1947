/**
 * The one dialog of the inbox: shows the sheet that the state names, takes what was filled in, and gives the focus back.
 */
import { openDialog } from "../../core/a11y.js";
import { Element, define, html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { act, store } from "../desk.js";
import { openThread } from "../state.js";
import { SHEETS } from "./forms.js";
import { icon } from "./marks.js";
import "./palette.js";

class Sheets extends Element {
  #shown = null;
  #problem = "";

  arrive() {
    this.follow(store);
  }

  view() {
    const { sheet } = store.state;
    const about = sheet && SHEETS[sheet.name];
    return html`<dialog class="dialog ${about?.tone ?? ""}" aria-labelledby="sheet-title" @close=${() => this.#closed()} @keydown=${(event) => event.stopPropagation()}>${about ? this.#inside(about, sheet) : nothing}</dialog>`;
  }

  #inside(about, sheet) {
    const context = { ...sheet, summary: openThread(store.state).state, again: () => this.update(), close: () => this.#dialog.close() };
    if (about.whole) return about.whole(context);
    return html`<form class="sheet" @submit=${(event) => this.#submit(event, about, context)} @input=${() => about.live && this.update()}>
      <header>${icon(about.icon)}<h2 id="sheet-title">${about.title(context)}</h2><button class="btn icon quiet" type="button" aria-label=${_("Cancel")} @click=${() => this.#dialog.close()}>${icon("x")}</button></header>
      <div class="body">${about.body(context)} ${this.#problem ? html`<p class="wrong sm" role="alert">${this.#problem}</p>` : nothing}</div>
      <footer><span class="hint grow">${about.hint ? about.hint(context) : nothing}</span><button class="btn" type="button" @click=${() => this.#dialog.close()}>${_("Cancel")}</button><button class="btn primary" type="submit">${_(about.button ?? context.action.label)}</button></footer>
    </form>`;
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  drawn() {
    const { sheet } = store.state;
    if (sheet && sheet !== this.#shown) {
      this.#shown = sheet;
      this.#problem = "";
      if (!this.#dialog.open) openDialog(this.#dialog);
      (this.querySelector("[autofocus], .body :is(input, textarea, select)") ?? this.querySelector("button"))?.focus();
      SHEETS[sheet.name].opened?.(() => this.update());
    }
    if (!sheet && this.#dialog.open) this.#dialog.close();
  }

  #submit(event, about, context) {
    event.preventDefault();
    const fields = new FormData(event.target);
    const value = (name) => String(fields.get(name) ?? "").trim();
    const problem = about.missing?.(value, fields) ?? "";
    if (problem) {
      this.#problem = problem;
      return this.update();
    }
    const { action, form } = about.filled(value, fields, context);
    act(action, form);
    this.#dialog.close();
  }

  #closed() {
    // The browser tells of a closing later than it closes: a menu's choice may have put the next sheet there meanwhile.
    if (this.#dialog.open || store.state.sheet !== this.#shown) return;
    this.#shown = null;
    this.#problem = "";
    store.dispatch({ type: "sheet", sheet: null });
  }
}

define("tl-sheets", Sheets);
