/**
 * The sheet that shows every key, and switches the single ones off for people whom they disturb.
 */
import { html } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { icon } from "./marks.js";

const OFF = "throughline-single-keys-off";

const KEYS = [
  ["Next / previous", "J", "K"],
  ["Open / back", "⏎", "U"],
  ["Reply / e-mail / note", "R", "M", "N"],
  ["Send", "Ctrl", "⏎"],
  ["Take back what was sent", "Ctrl", "Z"],
  ["Promise", "P"],
  ["Hand over", "H"],
  ["Decide", "D"],
  ["Close / reopen", "E"],
  ["Snooze", "Z"],
  ["Assign to me", "A"],
  ["Save transcript", "S"],
  ["Side panel", "I"],
  ["Search", "/"],
  ["Palette", "Ctrl", "K"],
  ["Previous / next queue", "[", "]"],
  ["Go to inbox / waiting / promises", "G", "I W P"],
  ["This help", "?"],
];

export const singleKeys = () => localStorage.getItem(OFF) !== "1";

export const keys = {
  whole: ({ close, again }) => html`
    <header><h2 id="sheet-title">${_("Keyboard")}</h2><button class="btn icon quiet" type="button" aria-label=${_("Close this help")} @click=${close}>${icon("x")}</button></header>
    <div class="body keys sm">${KEYS.map(([words, ...caps]) => html`<div class="row"><span class="grow">${_(words)}</span>${caps.map((cap) => html`<kbd>${cap}</kbd>`)}</div>`)}</div>
    <footer><span class="hint grow">${_("Single keys work outside of fields.")}</span><label class="sm row"><input type="checkbox" .checked=${singleKeys()} @change=${({ target }) => {
      localStorage.setItem(OFF, target.checked ? "0" : "1");
      again();
    }} />${_("Single keys on")}</label></footer>`,
};
