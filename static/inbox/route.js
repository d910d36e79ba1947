/**
 * Every pane has an address: a queue, a conversation, its record, the list of queues. Back and forward work, on a phone too.
 */
import { loadBeside, store, tell, typing, watch, ask } from "./desk.js";

const QUEUES = ["mine", "promises", "snoozed", "waiting", "unassigned", "open", "bounced", "closed"];

export function placeOf(path) {
  const [, , first = "", second = "", third = ""] = path.split("/");
  if (first === "c" && /^\d+$/.test(second)) return { place: "", open: second, pane: third === "record" ? "side" : "thread" };
  if (first === "queues") return { place: "", open: "", pane: "nav" };
  return { place: QUEUES.includes(first) ? first : "mine", open: "", pane: "list" };
}

export const pathOf = {
  queue: (name) => `/inbox/${name}/`,
  queues: () => "/inbox/queues/",
  conversation: (id) => `/inbox/c/${id}/`,
  record: (id) => `/inbox/c/${id}/record/`,
};

const wide = () => matchMedia("(min-width: 721px)").matches;

export function go(path, { replace = false } = {}) {
  if (path !== location.pathname) history[replace ? "replaceState" : "pushState"]({ deeper: !replace }, "", path);
  arrive();
}

/** One pane back: what the browser's own button does, and the same when the page was opened by its address. */
export function back() {
  const { open, pane, place } = store.state;
  if (history.state?.deeper) return history.back();
  go(pane === "side" ? pathOf.conversation(open) : pathOf.queue(place), { replace: true });
}

function arrive() {
  const { open: before, place: from } = store.state;
  const there = placeOf(location.pathname);
  if (before && before !== there.open) typing(false);
  // On a desk, choosing another queue leaves the open conversation where it is.
  const open = there.open || (wide() ? before : "");
  store.dispatch({ type: "went", ...there, open });
  if (store.state.place !== from || !store.state.lists[store.state.place]) ask(store.state.place);
  if (open && open !== before) {
    watch(open);
    loadBeside(open);
  }
}

/** Links of our own pages are taken here, unless the reader wants a new tab. */
function follow(event) {
  const link = event.target.closest?.("a[href^='/inbox/']");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
}

export function begin() {
  document.addEventListener("click", follow);
  addEventListener("popstate", arrive);
  arrive();
}

export async function find(words, below = "") {
  const answer = await fetch(`/inbox/jump?${new URLSearchParams({ q: words, below })}`).catch(() => null);
  if (!answer?.ok) return tell("The search did not answer. Try again."), { found: [], older: "" };
  return answer.json();
}
