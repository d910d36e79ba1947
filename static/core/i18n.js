/**
 * Texts in the reader's language. The English text is the key; a catalogue in `<script type="application/json" id="texts">`
 * replaces it. Knows no page.
 */
let catalogue = read();

function read() {
  const node = document.getElementById("texts");
  try {
    return node ? JSON.parse(node.textContent || "{}") : {};
  } catch {
    return {};
  }
}

/** Replaces the catalogue: for pages that fetch it. A plural's value is a list of forms: `["{n} Person", "{n} Personen"]`. */
export function useTexts(texts) {
  catalogue = texts;
}

/** The language of the page, as Intl wants it. Plain "en" reads as British English: 24 hours, day before month. */
export function locale() {
  const lang = document.documentElement.lang || "en";
  return lang === "en" ? "en-GB" : lang;
}

/** A text with its `{names}` filled in. */
export function _(text, values) {
  const found = catalogue[text];
  return fill(typeof found === "string" ? found : text, values);
}

/** A text that counts: `_n("{n} person is here", "{n} people are here", 2)`. */
export function _n(one, many, n, values) {
  const forms = Array.isArray(catalogue[one]) ? catalogue[one] : [one, many];
  const category = new Intl.PluralRules(locale()).select(n);
  const index = category === "one" ? 0 : Math.min(forms.length - 1, 1);
  return fill(forms[index], { n, ...values });
}

function fill(text, values) {
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole)) : text;
}
