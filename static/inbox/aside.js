/**
 * The keys of the page with mail to look at: from mail to mail, and what to do with one. Without it every button works as it is.
 */
const mails = () => [...document.querySelectorAll("#aside article")];
const current = () => document.activeElement?.closest("#aside article");

function go(step) {
  const all = mails();
  const at = all.indexOf(current());
  all[Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
}

const press = (what) => (current() ?? mails()[0])?.querySelector(what)?.click();

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  n: () => press('[value="new"]'),
  x: () => press('[value="leave"]'),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  // Enter on a button or a link is its own.
  const does = event.key === "Enter" ? event.target.matches("article") && (() => press(".primary")) : KEYS[event.key.toLowerCase()];
  if (!does) return;
  event.preventDefault();
  does();
});

mails()[0]?.focus({ preventScroll: true });
