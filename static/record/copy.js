/**
 * Buttons that copy: `<button data-copy="id" hidden>` copies the text of the element with that id. Without script they stay hidden.
 */
export function offerCopies(root = document) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const words = button.lastChild;
  const before = words.textContent;
  words.textContent = (await copied(source)) ? "Copied" : "Marked: copy it with your keyboard";
  setTimeout(() => (words.textContent = before), 4000);
}

/** Where the clipboard is not to be had, the text is marked, so that a key suffices. */
async function copied(source) {
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}

offerCopies();
