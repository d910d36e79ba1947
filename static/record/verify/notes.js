/**
 * Signed notes (https://c2sp.org/signed-note) and whom to believe: keys that the reader knows from elsewhere, or else those that the
 * file carries, which only show that their holder signed. Knows no file.
 */
import { base64, hex, joined, sha256, signed, unbase64, unhex, utf8 } from "./digest.js";
import { Broken, Unreadable } from "./found.js";

const LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)$/;
const CONTROL = /[\x00-\x09\x0b-\x1f]/;
const MOST_LINES = 64;
const INCLUSION = "c2sp.org/tlog-proof@v1\n";

/** All that looks like a verifier key in a text: a file of keys, a page, a note to oneself. */
export const keysIn = (text) => text.match(/[^\s+"'<>]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{1,64}={0,2}/g) ?? [];

/** A verifier key, `name+id+base64(0x01 public key)`. Throws Unreadable. */
export async function readKey(text) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? [];
  const octets = unbase64(encoded ?? "");
  const right = octets.length === 33 && octets[0] === 1 && hex((await sha256(joined(utf8(`${name}\n`), octets))).slice(0, 4)) === id;
  if (!right) throw new Unreadable(`${text.slice(0, 100)} is no key; one looks like name+id+key.`);
  return { name, id, publicKey: octets.slice(1), words: `${name}+${id}` };
}

/** What was found about signatures: `given` are the keys that the reader gave, `published` those that this site publishes now. */
export class Signed {
  lines = [];
  /** Whether every signature that was looked at is by a key from outside the file. */
  vouched = true;
  any = false;

  constructor({ given = [], published = [] } = {}) {
    this.given = given;
    this.published = published;
  }

  /** The note's three lines must be `wanted`: what follows the name of its key (a pattern), a number, base64. Throws Broken. */
  async check(what, note, carried, [about, number, last]) {
    const keys = this.given.length ? this.given : await Promise.all(carried.map(readKey));
    const [text, signers] = await opened(what, note, keys);
    for (const key of signers) {
      const [first, second, third, ...more] = text.split("\n");
      const right = first.startsWith(`${key.name}/`) && about.test(first.slice(key.name.length + 1));
      if (!right || second !== number || third !== last || more.join() !== "") {
        throw new Broken(what, "what was signed is not this: it is another conversation, position, size or digest");
      }
      this.any = true;
      this.lines.push(`${what[0].toUpperCase()}${what.slice(1)} is good: ${key.words}, ${this.#whose(key)}`);
    }
  }

  absent(what) {
    if (this.given.length) throw new Broken(what, "there is none, so nothing shows that a key that you gave signed this");
    this.vouched = false;
    this.lines.push(`There is no ${what.replace(/^the /, "")}: whoever gave you this file could have made it up from its first entry.`);
  }

  /** Something was not checked. */
  doubt(words) {
    this.vouched = false;
    this.lines.push(words);
  }

  #whose(key) {
    if (this.given.length) return "a key that you gave.";
    if (this.published.some((one) => one.words === key.words && hex(one.publicKey) === hex(key.publicKey))) {
      return `a key that ${globalThis.location?.host} publishes as its own.`;
    }
    this.vouched = false;
    return "a key out of the file itself: it shows who signed only if you know this key from elsewhere.";
  }
}

async function opened(what, note, keys) {
  const end = note.lastIndexOf("\n\n");
  const block = note.slice(end + 2);
  const rows = block.slice(0, -1).split("\n").map((row) => LINE.exec(row));
  if (end < 0 || !block.endsWith("\n") || rows.includes(null) || rows.length > MOST_LINES || CONTROL.test(note)) {
    throw new Broken(what, "it is no signed note");
  }
  const text = note.slice(0, end + 1);
  const signers = [];
  for (const [, name, encoded] of rows) {
    const octets = unbase64(encoded);
    for (const key of keys.filter((one) => one.name === name && one.id === hex(octets.slice(0, 4)))) {
      if (!(await signed(key.publicKey, octets.slice(4), utf8(text)))) throw new Broken(what, `${key.words} did not sign this text`);
      signers.push(key);
    }
  }
  if (!signers.length) {
    const believed = keys.map((key) => key.words).join(", ") || "there are none";
    throw new Broken(what, `it was made by none of the keys that are believed here: ${believed}`);
  }
  return [text, signers];
}

/** The signature of the last seal. */
export async function headNote(proof, chain, carried, trust) {
  if (!proof?.note) return trust.absent("the signature of the last seal");
  const wanted = [new RegExp(`^conversation/${chain.conversation}$`), String(chain.position), base64(unhex(chain.seal))];
  return trust.check("the signature of the last seal", String(proof.note), carried, wanted);
}

export const isInclusion = (text) => text.startsWith(INCLUSION);

/** The conversation stood in a signed list of all conversations (https://c2sp.org/tlog-proof, RFC 6962 section 2.1.1). */
export async function inclusion(what, proof, chain, carried, trust) {
  const end = proof.indexOf("\n\n");
  const [extra, place, ...path] = proof.slice(0, end).split("\n").slice(1);
  const note = proof.slice(end + 2);
  const leaf = unbase64((extra ?? "").replace(/^extra /, ""));
  let index = Number(/^index ([0-9]{1,15})$/.exec(place ?? "")?.[1] ?? NaN);
  const size = Number(/^[^\n]*\n([0-9]{1,15})\n/.exec(note)?.[1] ?? NaN);
  if (leaf.length !== 48 || !(index < size)) throw new Broken(what, "it cannot be read");
  const view = new DataView(leaf.buffer, leaf.byteOffset);
  const position = Number(view.getBigUint64(8));
  if (String(view.getBigUint64(0)) !== chain.conversation || hex(leaf.slice(16)) !== chain.seals[position - 1]) {
    throw new Broken(what, "it is about another conversation, or about another seal at this position");
  }
  let node = await sha256(joined(new Uint8Array([0]), leaf));
  let last = size - 1;
  for (const beside of path.map(unbase64)) {
    if (beside.length !== 32 || !last) throw new Broken(what, "its path does not lead to the root");
    const pair = index % 2 || index === last ? [beside, node] : [node, beside];
    node = await sha256(joined(new Uint8Array([1]), ...pair));
    while (index === last && index && index % 2 === 0) [index, last] = [index / 2, Math.floor(last / 2)];
    [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
  }
  if (last || index) throw new Broken(what, "its path does not lead to the root");
  const words = `the checkpoint over all conversations (${size}), this one up to entry ${position},`;
  await trust.check(words, note, carried, [/^checkpoint$/, String(size), base64(node)]);
}
