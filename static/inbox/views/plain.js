/**
 * The form of an action that has no view of its own, drawn from the fields that the server names. Knows no action.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";

const INPUTS = {
  text: (field) => html`<textarea class="input one" id="f-${field.name}" name=${field.name} rows="1" maxlength="20000" ?required=${field.required}></textarea>`,
  list: (field) => html`<textarea class="input" id="f-${field.name}" name=${field.name} rows="3" ?required=${field.required}></textarea><p class="hint">${_("One a line.")}</p>`,
  number: (field) => html`<input class="input" id="f-${field.name}" name=${field.name} type="number" step="1" ?required=${field.required} />`,
  flag: (field) => html`<select class="input" id="f-${field.name}" name=${field.name}><option value="">${_("No")}</option><option value="yes">${_("Yes")}</option></select>`,
  choice: (field) =>
    html`<select class="input" id="f-${field.name}" name=${field.name} ?required=${field.required}>
      <option value=""></option>${field.choices.map((one) => html`<option value=${one}>${_(field.words?.[one] ?? one)}</option>`)}
    </select>`,
};

const VALUES = {
  text: (words) => words,
  choice: (words) => words,
  number: Number,
  flag: Boolean,
  list: (words) => words.split("\n").map((one) => one.trim()).filter(Boolean),
};

const label = (field) => html`<label for="f-${field.name}">${_(field.label)} ${field.required ? html`<span class="faint">${_("(required)")}</span>` : nothing}</label>`;

const drawable = (action) => action.fields.filter((field) => INPUTS[field.type]);

export const plain = {
  icon: "bolt",
  title: ({ action }) => _(action.label),
  body: ({ action }) => drawable(action).map((field) => html`<div class="field">${label(field)}${INPUTS[field.type](field)}</div>`),
  /** What was left empty is left out, unless it is required: then the server says what is missing. */
  filled: (value, _fields, { action }) => {
    const given = drawable(action).filter((field) => field.required || value(field.name));
    return { action: action.name, form: Object.fromEntries(given.map((field) => [field.name, VALUES[field.type](value(field.name))])) };
  },
};
