/**
 * The keyboard map. Single keys are off inside fields and dialogs, and can be switched off altogether (WCAG 2.1.4).
 */
import { composing } from "../core/a11y.js";
import { store } from "./desk.js";
import { back, go, pathOf } from "./route.js";
import { undoLast } from "./views/held.js";
import { singleKeys } from "./views/keys.js";
import { doByKey } from "./views/more.js";
import { QUEUES } from "./views/queues.js";

const GOES = { i: "mine", w: "waiting", p: "promises" };
const GO_WITHIN = 1500;
let goAt = 0;

const rows = () => [...document.querySelectorAll(".list [data-row]")];

/** The next row gets the focus; Enter then follows its link. */
function step(by) {
  const all = rows();
  if (!all.length) return;
  const now = all.indexOf(document.activeElement);
  const from = now >= 0 ? now : all.findIndex((row) => row.dataset.row === store.state.open);
  const next = all[Math.min(all.length - 1, Math.max(0, from + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function turn(by) {
  const at = QUEUES.findIndex((one) => one.name === store.state.place);
  go(pathOf.queue(QUEUES[(at + by + QUEUES.length) % QUEUES.length].name));
}

const write = (way) => () => document.querySelector("tl-reply")?.dispatchEvent(new CustomEvent("way", { detail: way }));
const sheet = (name) => () => store.dispatch({ type: "sheet", sheet: { name } });

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  u: () => {
    if (matchMedia("(max-width: 720px)").matches) return back();
    (rows().find((row) => row.dataset.row === store.state.open) ?? rows()[0])?.focus();
  },
  r: write("chat"),
  m: write("email"),
  n: write("note"),
  s: () => document.querySelector("tl-side [data-format]")?.focus(),
  i: () => store.dispatch({ type: "besideShown", shown: !store.state.besideShown }),
  "/": sheet("palette"),
  "?": sheet("keys"),
  "[": () => turn(-1),
  "]": () => turn(1),
  g: () => (goAt = Date.now()),
};

function inField(target) {
  return Boolean(target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], dialog"));
}

/** Where something is written, the browser's own undo comes first. */
const written = (target) => inField(target) && Boolean(target.value);

function pressed(event) {
  if (composing(event) || event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return sheet("palette")();
  }
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z" && !written(event.target) && undoLast()) return event.preventDefault();
  if (event.key === "Escape" && event.target.matches?.("textarea, input")) return event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || !singleKeys() || inField(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (Date.now() - goAt < GO_WITHIN && GOES[key]) {
    goAt = 0;
    event.preventDefault();
    return go(pathOf.queue(GOES[key]));
  }
  const run = KEYS[key];
  if (run) {
    event.preventDefault();
    run();
  } else if (key.length === 1 && doByKey(key.toUpperCase())) event.preventDefault();
}

export function listen() {
  document.addEventListener("keydown", pressed);
}
