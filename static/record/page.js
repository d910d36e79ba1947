/**
 * What makes the page of a record handier: a long record's seals are checked apart, archives are prepared without leaving the page.
 * Each of it also works without script.
 */
import { offerCopies } from "./copy.js";
import { fillZone, tellZone } from "./zone.js";

const AGAIN = 1500;
const { conversation } = document.getElementById("thread").dataset;
const words = document.getElementById("save-state");

tellZone();
for (const form of document.querySelectorAll("form.saves, form.everything")) fillZone(form);
for (const form of document.querySelectorAll("form.archive")) form.addEventListener("submit", prepare);
if (document.getElementById("seal").dataset.state === "checking") check();

/** Asks until the server has looked: it checks but a few long records at a time. */
async function check() {
  const answer = await fetch(`/r/${conversation}/seal`).catch(() => null);
  if (answer?.ok) {
    const part = document.createElement("template");
    part.innerHTML = await answer.text();
    const seal = part.content.querySelector("#seal");
    document.getElementById("seal").replaceWith(seal);
    offerCopies(seal);
    if (seal.dataset.state !== "checking") return;
  }
  setTimeout(check, AGAIN);
}

async function prepare(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("button");
  button.disabled = true;
  tell("It is being prepared.");
  try {
    const asked = await json(form.action, { method: "POST", body: new FormData(form) });
    hand(await ready(asked.state));
  } catch (problem) {
    tell(`Not saved. ${problem.message}`);
  }
  button.disabled = false;
}

/** Waits until the file stands on the server's disk. */
async function ready(address) {
  for (;;) {
    const now = await json(address);
    if (now.state === "ready") return now;
    if (now.state === "failed") throw new Error(now.problem);
    tell(now.state === "waiting" ? "Others come first. It begins by itself." : `Being prepared: ${size(now.done)} of about ${size(now.expected)}.`);
    await new Promise((done) => setTimeout(done, AGAIN / 3));
  }
}

function hand({ done, download, signature }) {
  tell(`Ready: ${size(done)}. `);
  const link = document.createElement("a");
  Object.assign(link, { href: signature, download: "", textContent: "Keep the signature over the whole file beside it." });
  words.append(link);
  const file = document.createElement("a");
  Object.assign(file, { href: download, download: "" });
  file.click();
}

async function json(address, asked = {}) {
  const answer = await fetch(address, { ...asked, headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer) throw new Error("There is no connection. Try again.");
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error((await answer.text()).slice(0, 300));
  return answer.json();
}

const size = (octets) => (octets < 1e6 ? `${Math.round(octets / 1000)} KB` : `${(octets / 1e6).toFixed(1)} MB`);

function tell(text) {
  words.textContent = text;
}
