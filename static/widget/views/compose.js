/**
 * The reply box: a text that grows, files to go with it, and a draft that survives everything. Knows no connection: what is sent
 * goes to the outbox.
 */
import { composing, touch } from "../../core/a11y.js";
import { define, Element, html, nothing } from "../../core/element.js";
import { _ } from "../../core/i18n.js";
import { recall, remember } from "../memory.js";
import { LARGEST, size } from "../upload.js";
import { icon } from "./parts.js";

const LONGEST = 10_000;

class Compose extends Element {
  live = null;
  conversation = "";
  placeholder = "";
  #files = [];

  get #draft() {
    return `draft:${this.conversation}`;
  }

  get #box() {
    return this.querySelector("textarea");
  }

  focus() {
    this.#box?.focus();
  }

  view() {
    const text = this.#box ? this.#box.value : recall(this.#draft);
    const ready = (text.trim() || this.#files.length) && this.#files.every((file) => file.size <= LARGEST);
    return html`${this.#files.map((file) => this.#chosen(file))}
      <form class="compose" @submit=${this.#submit} @dragover=${(event) => event.preventDefault()} @drop=${this.#drop}>
        <textarea class="txt" rows="1" maxlength=${LONGEST} aria-label=${_("Message")} placeholder=${this.placeholder} enterkeyhint=${touch() ? "enter" : "send"}
          .value=${text} @input=${this.#typed} @keydown=${this.#key} @paste=${this.#paste}></textarea>
        <div class="acts">
          <button class="tap" type="button" aria-label=${_("Attach a file")} @click=${() => this.querySelector("input").click()}>${icon("clip")}</button>
          <input type="file" multiple hidden @change=${this.#picked}>
          <button class="tap go" aria-label=${_("Send")} ?disabled=${!ready}>${icon("arrow-up")}</button>
        </div>
      </form>`;
  }

  #chosen(file) {
    const large = file.size > LARGEST;
    return html`<div class="chosen">
      <span class="attach"><span class="th">${icon(file.type.startsWith("image/") ? "image" : "file")}</span><span>${file.name}<small>${size(file.size)}</small></span></span>
      <span class="state ${large ? "bad" : ""}">${large ? html`${icon("alert")}${_("Too large (limit {limit}).", { limit: "25 MB" })}` : nothing}
        <button class="link" type="button" aria-label=${_("Remove {name}", { name: file.name })} @click=${() => this.#remove(file)}>${_("Remove")}</button></span>
    </div>`;
  }

  #typed = (event) => {
    remember(this.#draft, event.target.value);
    if (event.target.value) this.live.typing(this.conversation);
    this.update();
  };

  #key = (event) => {
    if (event.key !== "Enter" || event.shiftKey || composing(event) || touch()) return;
    event.preventDefault();
    this.#send();
  };

  #submit = (event) => {
    event.preventDefault();
    this.#send();
    this.focus();
  };

  #send() {
    const text = this.#box.value.trim();
    if ((!text && !this.#files.length) || this.#files.some((file) => file.size > LARGEST)) return;
    this.live.say(this.conversation, text, this.#files);
    this.#files = [];
    this.#box.value = "";
    remember(this.#draft, "");
    this.update();
  }

  #add(files) {
    this.#files = [...this.#files, ...files];
    this.update();
  }

  #remove(file) {
    this.#files = this.#files.filter((one) => one !== file);
    this.update();
    this.focus();
  }

  #picked = (event) => {
    this.#add(event.target.files);
    event.target.value = "";
  };

  #drop = (event) => {
    event.preventDefault();
    this.#add(event.dataTransfer.files);
  };

  #paste = (event) => {
    if (event.clipboardData.files.length) this.#add(event.clipboardData.files);
  };
}

define("tl-compose", Compose);
