/**
 * The test mail of the set-up page: shows each step when it is known. Without script the page comes back with all of them at the end.
 */
const form = document.getElementById("try");
const list = document.getElementById("steps");
const waiting = document.getElementById("waiting");
const ICONS = { well: "i-check", trouble: "i-alert", note: "i-globe" };

function element(name, className, text) {
  return Object.assign(document.createElement(name), { className, ...(text === undefined ? {} : { textContent: text }) });
}

function show({ state, sentence, cure, line }) {
  const item = element("li", `is-${state}`);
  const icon = element("i", `i ${ICONS[state] ?? "i-globe"}`);
  icon.ariaHidden = "true";
  const words = element("div", "grow");
  words.append(element("p", "", sentence));
  if (cure) words.append(element("p", "cure", cure));
  if (line) {
    const record = element("pre", "dns", line);
    record.tabIndex = 0;
    record.ariaLabel = "Line for your DNS";
    words.append(record);
  }
  item.append(icon, words);
  list.append(item);
}

async function* lines(body) {
  let rest = "";
  for await (const chunk of chunks(body.pipeThrough(new TextDecoderStream()))) {
    const whole = (rest + chunk).split("\n");
    rest = whole.pop();
    yield* whole.filter(Boolean);
  }
}

async function* chunks(stream) {
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}

async function run() {
  const button = form.querySelector("button");
  const began = Date.now();
  const tell = () => {
    waiting.textContent = `Waiting for it to come back: ${Math.round((Date.now() - began) / 1000)} s`;
  };
  const clock = setInterval(tell, 1000);
  button.disabled = true;
  list.replaceChildren();
  tell();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/x-ndjson" } });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    for await (const line of lines(answer.body)) show(JSON.parse(line));
    waiting.textContent = "";
  } catch (problem) {
    waiting.textContent = "";
    show({ state: "trouble", sentence: "The test was cut short.", cure: `${problem.message} Try again.` });
  } finally {
    clearInterval(clock);
    button.disabled = false;
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
