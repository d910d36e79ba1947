/**
 * SHA-256 and Ed25519 as the browser has them; the vendored code where it has not (an older browser, a page without https).
 * Knows octets and nothing of what they mean.
 */
import * as ed25519 from "../../vendor/noble/ed25519.js";
import { sha256 as sha256js, sha512 as sha512js } from "../../vendor/noble/sha2.js";

const subtle = globalThis.crypto?.subtle;
const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

export function hex(octets) {
  let text = "";
  for (const octet of octets) text += HEX[octet];
  return text;
}

/** The octets of hexadecimal text in its one spelling; null for anything else. */
export function unhex(text) {
  if (typeof text !== "string" || text.length % 2 || /[^0-9a-f]/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

export function base64(octets) {
  return btoa(String.fromCharCode(...octets));
}

/** Base64 in its one spelling; no octets for anything else. */
export function unbase64(text) {
  try {
    const octets = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return base64(octets) === text ? octets : new Uint8Array();
  } catch {
    return new Uint8Array();
  }
}

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A call of WebCrypto costs more than the digest of a short text: a long record is checked in a third of the time. */
const SHORT = 4096;

export async function sha256(octets) {
  return subtle && octets.length > SHORT ? new Uint8Array(await subtle.digest("SHA-256", octets)) : sha256js(octets);
}

/** SHA-256 of what is too long to be held at once: `update(octets)`, then `digest()`. The browser has none that runs along. */
export const runningSha256 = () => sha256js.create();

/** Does a signature belong to a text (RFC 8032)? */
export async function signed(publicKey, signature, text) {
  if (subtle) {
    try {
      const key = await subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
      return await subtle.verify({ name: "Ed25519" }, key, signature, text);
    } catch {
      // This browser does not know Ed25519, or not this key: the code below answers either way.
    }
  }
  return signedHere(publicKey, signature, text);
}

/** The same without the browser's own cryptography. */
export function signedHere(publicKey, signature, text) {
  try {
    ed25519.hashes.sha512 = sha512js;
    return ed25519.verify(signature, text, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
