/**
 * A mail as it was sent, below its entry: in a frame that runs nothing and loads nothing from elsewhere until somebody presses for it.
 */
import { html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { icon } from "./marks.js";

export function asSent(event, body) {
  if (!body.original) return nothing;
  const address = `/as-sent/${event.conversation}/${event.position}/`;
  return html`<details class="q sent" @toggle=${(toggled) => opened(toggled.currentTarget, `${address}page`)}>
    <summary>${_("As sent")}</summary>
    <iframe title=${_("The mail as it was sent")} sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"></iframe>
    <div class="row wrap xs">
      <button class="btn quiet sm" title=${_("Their server learns that this mail is being read")} @click=${(pressed) => withPictures(pressed.currentTarget, `${address}page`)}>${icon("image")}${_("Show remote images")}</button>
      <a class="btn quiet sm" href=${address} target="_blank" rel="noopener">${_("In a window of its own")}</a>
    </div>
  </details>`;
}

/** Nothing is asked of the server before somebody opens the fold. */
function opened(details, address) {
  const frame = details.querySelector("iframe");
  if (details.open && !frame.getAttribute("src")) frame.src = address;
}

function withPictures(button, address) {
  const details = button.closest("details");
  details.querySelector("iframe").src = `${address}?pictures`;
  button.hidden = true;
}
