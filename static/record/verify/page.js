/**
 * The page: takes files by choice or drop, pairs archives with their signatures, checks one after the other, shows what was found.
 * Fetches the list of this site's keys and nothing else; knows no format.
 */
import { check } from "./check.js";
import { Broken, Unreadable, Unsigned } from "./found.js";
import { keysIn, readKey, Signed } from "./notes.js";

const KEYS = "/.well-known/throughline-keys.json";
const MOST_OFTEN = 200;
const form = document.getElementById("check");
const input = document.getElementById("files");
const drop = document.getElementById("drop");
const known = document.getElementById("key");
const progress = document.getElementById("progress");
const results = document.getElementById("results");
let waiting = Promise.resolve();
let last = [];

input.addEventListener("change", () => {
  take([...input.files]);
  input.value = "";
});
form.addEventListener("submit", (event) => event.preventDefault());
known.addEventListener("change", () => last.length && take(last));

for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (event) => event.relatedTarget === null && drop.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take([...event.dataTransfer.files]);
});

function take(files) {
  if (!files.length) return;
  last = files;
  waiting = waiting.then(() => all(files));
}

async function all(files) {
  const [signatures, records] = [files.filter(isSignature), files.filter((file) => !isSignature(file))];
  const published = await publishedKeys();
  const found = [];
  for (const file of records) {
    const beside = signatures.find((one) => one.name === `${file.name}.sig`) ?? (records.length === 1 ? signatures[0] : undefined);
    found.push(await one(file, beside, published));
  }
  if (!records.length) found.push(shown("unread", files[0].name, "A signature alone says nothing", ["Choose the archive together with its signature."]));
  progress.textContent = "";
  results.replaceChildren(...found);
  results.firstElementChild?.focus();
}

const isSignature = (file) => file.name.toLowerCase().endsWith(".sig");

async function one(file, beside, published) {
  try {
    const given = await Promise.all(keysIn(known.value).map(readKey));
    if (known.value.trim() && !given.length) throw new Unreadable("What you wrote as keys holds none; one looks like name+id+key.");
    const trust = new Signed({ given, published });
    const [words, ...lines] = await check(file, { signature: beside ? await beside.slice(0, 65536).text() : "", trust, tell: counted(file.name) });
    const doubts = trust.vouched ? [] : trust.lines;
    return shown("", file.name, words, lines, doubts);
  } catch (problem) {
    if (problem instanceof Broken) return shown("broken", file.name, "This is not as it was sealed", [`${capital(problem.where)}: ${problem.problem}.`]);
    if (problem instanceof Unsigned) return shown("unread", file.name, `Checked in part: its signature, ${file.name}.sig, is not here`, problem.lines, problem.lines.slice(-1));
    const why = problem instanceof Unreadable ? problem.message : `It cannot be read: ${problem.message}`;
    return shown("unread", file.name, "This cannot be checked", [why]);
  }
}

function counted(name) {
  let octets = 0;
  let told = 0;
  progress.textContent = `Checking ${name}.`;
  return (more) => {
    octets += more;
    const now = performance.now();
    if (now - told < MOST_OFTEN) return;
    told = now;
    progress.textContent = `Checking ${name}: ${(octets / 1e6).toFixed(1)} MB read.`;
  };
}

/** The keys that this site publishes now; none where it cannot be reached: the check does not need them. */
async function publishedKeys() {
  try {
    const answer = await fetch(KEYS, { credentials: "omit" });
    return answer.ok ? await Promise.all(keysIn(await answer.text()).map(readKey)) : [];
  } catch {
    return [];
  }
}

/** One result. All that stands in a file is shown as text. */
function shown(look, name, words, lines, doubts = []) {
  const box = part("section", `seal ${look}`);
  box.tabIndex = -1;
  const mark = part("span", "sealmark");
  mark.append(part("i", `i ${look ? "i-alert" : "i-shield"}`));
  mark.setAttribute("aria-hidden", "true");
  const told = part("div");
  const list = part("ul");
  list.append(...lines.map((line) => part("li", doubts.includes(line) ? "doubt" : "", line)));
  told.append(part("b", "", words), part("div", "sm name", name), list, part("div", "sm muted", "Checked by your browser, on this device."));
  box.append(mark, told);
  box.setAttribute("role", look ? "alert" : "status");
  return box;
}

function part(kind, look = "", text = "") {
  const node = document.createElement(kind);
  if (look) node.className = look.trim();
  if (text) node.textContent = legible(text);
  return node;
}

/** Signs that act on a screen, or turn the direction of what follows, are shown by their number. */
function legible(text) {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`);
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
