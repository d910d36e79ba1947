/**
 * The set-up page's two conveniences: copying the snippet, and waiting for the proof that the chat was seen. Without script
 * the page works all the same.
 */
const EVERY = 4000;

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.querySelector("span").textContent = "Copied";
  });
}

const proof = document.getElementById("proof");

function ago(at) {
  const seconds = Math.max(1, Math.round(Date.now() / 1000 - at / 1_000_000));
  if (seconds < 120) return `${seconds} seconds ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes ago`;
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(at / 1000);
}

function show({ on, at }) {
  if (!at) return;
  proof.classList.add("ok");
  const icon = Object.assign(document.createElement("i"), { className: "i i-check", ariaHidden: "true" });
  const words = Object.assign(document.createElement("span"), { className: "grow" });
  const strong = Object.assign(document.createElement("b"), { textContent: `Seen on ${on || "your site"}` });
  words.append(strong, ` ${ago(at)}. It works.`);
  proof.replaceChildren(icon, words);
}

if (proof) {
  show({ on: proof.dataset.on, at: Number(proof.dataset.at) });
  setInterval(async () => {
    if (document.visibilityState !== "visible") return;
    const answer = await fetch(proof.dataset.seen).catch(() => null);
    if (answer?.ok) show(await answer.json());
  }, EVERY);
}
