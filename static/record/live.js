/**
 * The live part of a record: new entries come in as the server draws them, a message goes out without leaving the page.
 * Without this script the form still sends and the page still shows everything.
 */
import { LiveSocket } from "../core/socket.js";

const PAUSES = [1, 2, 4, 8, 15, 30];
const thread = document.getElementById("thread");
const form = document.getElementById("say");
const words = document.getElementById("say-state");
const { conversation, site } = thread.dataset;
let position = Number(thread.dataset.position);
let fetching = null;
let again = false;

document.documentElement.style.setProperty("--hue", document.querySelector("[data-hue]").dataset.hue);

const socket = new LiveSocket("/live/widget", () => ({ site, visitor: "" }));
socket.watch(conversation, position);
socket.addEventListener("event", ({ detail }) => detail.position > position && grow());
socket.addEventListener("live", () => report());
socket.addEventListener("typing", ({ detail }) => tell(detail.on && detail.side === "agents" ? `${detail.name} is writing.` : ""));
socket.start();
document.addEventListener("visibilitychange", report);

/** Adds what is new. Entries of one burst are fetched together. */
async function grow() {
  if (!thread.dataset.live) return;
  again = true;
  if (fetching) return;
  while (again) {
    again = false;
    fetching = add().catch(() => setTimeout(grow, 3000));
    await fetching;
  }
  fetching = null;
}

async function add() {
  const answer = await fetch(`/r/${conversation}/entries?after=${position}`);
  if (!answer.ok) return;
  position = Math.max(position, Number(answer.headers.get("X-Position")));
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  for (const day of part.content.querySelectorAll(".dayset")) {
    const last = thread.lastElementChild;
    if (last?.dataset.day === day.dataset.day) last.querySelector("ol").append(...day.querySelectorAll("ol > li"));
    else thread.append(day);
  }
  again ||= Boolean(answer.headers.get("X-More"));
  lookAtLast();
}

/** Seen means: the tab is visible and the last line in view. */
let inView = 0;
const eye = new IntersectionObserver((found) => {
  for (const each of found) if (each.isIntersecting) inView = Math.max(inView, Number(each.target.dataset.position));
  report();
});

function lookAtLast() {
  eye.disconnect();
  // Who saw or took what need not be seen: each report of it would be the next entry.
  const last = [...thread.querySelectorAll("li[data-position]:not(.is-trace)")].at(-1);
  if (last) eye.observe(last);
}

let reported = 0;
function report() {
  if (document.visibilityState !== "visible" || inView <= reported) return;
  if (socket.send({ t: "seen", conversation, position: inView })) reported = inView;
}

function tell(text) {
  words.textContent = text;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(form);
  form.elements.text.readOnly = true;
  send(data, 0);
});

form.elements.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches) {
    event.preventDefault();
    form.requestSubmit();
  }
});

/** The same key each time, so that trying again never doubles the message. */
async function send(data, tries) {
  tell("Sending.");
  let answer = null;
  try {
    answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "record" } });
  } catch {
    answer = null;
  }
  if (answer?.status === 204) {
    form.reset();
    form.elements.key.value = `say:${crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`}`;
    form.elements.text.readOnly = false;
    tell("Stored.");
    grow();
  } else if (answer && answer.status !== 503) {
    form.elements.text.readOnly = false;
    tell(`Not sent. It is kept here. ${answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text() : ""}`);
  } else {
    const pause = PAUSES[Math.min(tries, PAUSES.length - 1)];
    tell(`Waiting to be sent. Tried again in ${pause} s.`);
    setTimeout(() => send(data, tries + 1), pause * 1000);
  }
}

lookAtLast();
