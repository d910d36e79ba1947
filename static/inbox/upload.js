/**
 * Sends a file before the message that names it, with its progress. An error with a `code` is for good; one without may be tried again.
 */
import { _ } from "../core/i18n.js";

const FOR_GOOD = { 413: "too-large", 403: "forbidden", 404: "not-found", 400: "form", 415: "form" };

function token() {
  return document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
}

/** Gives the upload's id. */
export function upload(file, conversation, progress) {
  const form = new FormData();
  form.append("conversation", conversation);
  form.append("file", file, file.name);
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/files");
    request.setRequestHeader("X-CSRFToken", token());
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 300) return done(JSON.parse(request.responseText).upload);
      const words = said(request.responseText) || _("{name} was not taken.", { name: file.name });
      failed(Object.assign(new Error(words), { code: FOR_GOOD[request.status] ?? "" }));
    };
    request.onerror = () => failed(new Error(_("The connection was cut.")));
    request.send(form);
  });
}

function said(text) {
  try {
    return JSON.parse(text).message ?? "";
  } catch {
    return "";
  }
}
