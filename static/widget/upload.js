/**
 * Sends a file to the server before the message that names it. XMLHttpRequest, because fetch tells nothing of its progress.
 */
import { _ } from "../core/i18n.js";

export const LARGEST = 25 * 1024 * 1024;

/** A size as people read it: 1.8 MB */
export function size(octets) {
  if (octets < 1000) return `${octets} B`;
  if (octets < 1e6) return `${Math.round(octets / 1000)} KB`;
  return `${(octets / 1e6).toFixed(octets < 1e7 ? 1 : 0)} MB`;
}

/**
 * @returns {Promise<string>} the upload's id. Fails with `code` set if trying again will not help.
 */
export function upload(file, { conversation, visitor, progress }) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("conversation", conversation);
    form.append("file", file, file.name);
    request.open("POST", "/files");
    request.setRequestHeader("X-Visitor", visitor);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300) return done(request.response.upload);
      const passing = request.status >= 500 || request.status === 429;
      failed(problem(passing ? "" : "upload", request.response?.message || _("The file was not taken.")));
    };
    request.onerror = request.onabort = () => failed(problem("", _("No connection.")));
    request.send(form);
  });
}

function problem(code, message) {
  return Object.assign(new Error(message), { code });
}
