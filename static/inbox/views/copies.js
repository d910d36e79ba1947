/**
 * Who gets an e-mail besides the customer: the people in copy, each to be chosen anew for every answer. Knows no reply box.
 */
import { html, nothing } from "../../core/element.js";
import { _, _n } from "../../core/i18n.js";
import { icon } from "./marks.js";

/** People besides the customer who can be written to. */
const people = (summary) => Object.values(summary?.others ?? {}).filter((one) => one.address);

/** The refs among those chosen that still take part. */
export const addressed = (summary, chosen = []) => people(summary).map((one) => one.ref).filter((ref) => chosen.includes(ref));

/** A row of switches; `choose` gets the refs that are on. */
export function copies(summary, chosen = [], choose) {
  const all = people(summary);
  if (!all.length) return nothing;
  const on = addressed(summary, chosen);
  const flip = (ref) => choose(on.includes(ref) ? on.filter((one) => one !== ref) : [...on, ref]);
  return html`<div class="copies" role="group" aria-label=${_("Who else gets this")}>
    ${icon("users")}<span class="faint">${_("Also to")}</span>
    ${all.map((one) => html`<label class="chip ${on.includes(one.ref) ? "on" : ""}" title=${one.address}>
      <input type="checkbox" .checked=${on.includes(one.ref)} @change=${() => flip(one.ref)} />${one.name || one.address}${one.unasked ? html` <span class="wrong" title=${_("Wrote into this conversation; nobody put them in copy.")}>${icon("alert")}<span class="sr">${_("not vouched for")}</span></span>` : nothing}
    </label>`)}
    ${on.length ? html`<span class="faint">${_n("They get this answer alone: nothing from before, no link.", "They get this answer alone: nothing from before, no link.", on.length)}</span>` : nothing}
  </div>`;
}
