/**
 * The agents' inbox: starts the desk, puts the panes on the page and says which one a phone shows.
 */
import { socket, start, store } from "./desk.js";
import { begin } from "./route.js";
import { listen } from "./shortcuts.js";
import "./views/queues.js";
import "./views/list.js";
import "./views/thread.js";
import "./views/side.js";
import "./views/sheets.js";

const app = document.getElementById("app");

function draw(state) {
  app.dataset.pane = state.pane;
  app.classList.toggle("no-side", !state.besideShown || !state.open);
  for (const pane of app.children) pane.classList.toggle("now", pane.dataset.pane === state.pane);
  const thread = state.threads[state.open];
  const subject = thread?.state?.subject || state.rows[state.open]?.subject;
  document.title = `${state.open && subject ? subject : "Inbox"} · Throughline`;
}

store.subscribe(draw);
socket.addEventListener("state", ({ detail }) => {
  // Signed out elsewhere: nothing more will come, and sign-in brings back to this page.
  if (detail.code === 4401 && detail.state === "ended") location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname)}`);
});
begin();
listen();
draw(store.state);
start();
