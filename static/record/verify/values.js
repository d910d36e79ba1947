/**
 * One JSON value after another out of a stream of octets, read strictly: UTF-8, no name twice, no number that is not exact.
 * `JSON.parse` would keep the last of two equal names and show nothing of the first. Knows no transcript.
 */
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const CONTROL = /[\u0000-\u001f]/;
const SPACE = /[ \t\r\n]*/y;
const WORDS = { t: ["true", true], f: ["false", false], n: ["null", null] };
const DEEPEST = 200;
const LONGEST = 256 * 1024 * 1024;

export class NotJson extends Error {}

/** The value goes on behind what was read. */
class Cut extends Error {}

export class Values {
  #reader;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #text = "";
  #at = 0;
  #ended = false;

  /** `read` gives the next octets, and null at the end. */
  constructor(read) {
    this.#reader = read;
  }

  /** The next character that is no white space; empty at the end. */
  async next() {
    for (;;) {
      SPACE.lastIndex = this.#at;
      SPACE.exec(this.#text);
      this.#at = SPACE.lastIndex;
      if (this.#at < this.#text.length || !(await this.#more())) return this.#text.charAt(this.#at);
    }
  }

  async take(...wanted) {
    const found = await this.next();
    if (!wanted.includes(found) || !found) throw new NotJson(found ? `'${found}' stands where ${wanted.join(" or ")} should` : "it ends too early");
    this.#at += 1;
    return found;
  }

  /** With `exact`, only what can be sealed: whole numbers. */
  async value({ exact }) {
    await this.next();
    for (;;) {
      const parser = new Parser(this.#text, this.#at, exact);
      try {
        const found = parser.value(0);
        if (parser.at < this.#text.length || !(await this.#more())) {
          this.#at = parser.at;
          return found;
        }
      } catch (problem) {
        if (!(problem instanceof Cut)) throw problem;
        if (!(await this.#more())) throw new NotJson("it ends too early");
      }
    }
  }

  /** Reads on, by as much as waits already: so that a long value is not begun again too often. */
  async #more() {
    const parts = [this.#text.slice(this.#at)];
    const before = parts[0].length;
    let length = before;
    while (length <= 2 * before && !this.#ended) {
      const octets = await this.#reader();
      this.#ended = octets === null;
      let piece;
      try {
        piece = this.#decoder.decode(octets ?? new Uint8Array(), { stream: !this.#ended });
      } catch {
        throw new NotJson("it is not UTF-8");
      }
      parts.push(piece);
      length += piece.length;
    }
    this.#text = parts.join("");
    this.#at = 0;
    if (length > LONGEST) throw new NotJson("it is too long");
    return length > before;
  }
}

/** All of a text as one value. */
export function parsed(text, { exact } = { exact: false }) {
  const parser = new Parser(text, 0, exact);
  try {
    const found = parser.value(0);
    parser.space();
    if (parser.at === text.length) return found;
  } catch (problem) {
    if (!(problem instanceof Cut)) throw problem;
  }
  throw new NotJson("it is not one value");
}

class Parser {
  constructor(text, at, exact) {
    this.text = text;
    this.at = at;
    this.exact = exact;
  }

  value(depth) {
    if (depth > DEEPEST) throw new NotJson("it is too deep");
    this.space();
    const first = this.text.charAt(this.at);
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#list(depth);
    if (first === '"') return this.#string();
    return first in WORDS ? this.#word(...WORDS[first]) : this.#number();
  }

  space() {
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
  }

  #object(depth) {
    const found = Object.create(null);
    this.at += 1;
    if (this.#peek() === "}") return this.#done(found);
    for (;;) {
      if (this.#peek() !== '"') throw new NotJson("a name is missing");
      const name = this.#string();
      if (name in found) throw new NotJson(`the name '${name}' stands there twice`);
      this.#take(":");
      found[name] = this.value(depth + 1);
      if (this.#take(",", "}") === "}") return found;
    }
  }

  #list(depth) {
    const found = [];
    this.at += 1;
    if (this.#peek() === "]") return this.#done(found);
    for (;;) {
      found.push(this.value(depth + 1));
      if (this.#take(",", "]") === "]") return found;
    }
  }

  #done(found) {
    this.at += 1;
    return found;
  }

  #peek() {
    this.space();
    if (this.at >= this.text.length) throw new Cut();
    return this.text.charAt(this.at);
  }

  #take(...wanted) {
    const found = this.#peek();
    if (!wanted.includes(found)) throw new NotJson(`'${found}' stands where ${wanted.join(" or ")} should`);
    this.at += 1;
    return found;
  }

  #string() {
    let end = this.at;
    do {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) throw new Cut();
    } while (this.#escaped(end));
    const written = this.text.slice(this.at, end + 1);
    this.at = end + 1;
    if (!written.includes("\\") && !CONTROL.test(written)) return written.slice(1, -1);
    try {
      const found = JSON.parse(written);
      if (!/\p{Surrogate}/u.test(found)) return found;
    } catch {
      // said below
    }
    throw new NotJson("a text is not written as JSON has it");
  }

  #escaped(quote) {
    let before = quote;
    while (this.text.charCodeAt(before - 1) === 92) before -= 1;
    return (quote - before) % 2 === 1;
  }

  #word(word, value) {
    const found = this.text.slice(this.at, this.at + word.length);
    if (found.length < word.length && word.startsWith(found)) throw new Cut();
    if (found !== word) throw new NotJson(`'${found}' is no value`);
    this.at += word.length;
    return value;
  }

  #number() {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (!found) {
      if (this.text.length - this.at < 2) throw new Cut();
      throw new NotJson(`'${this.text.slice(this.at, this.at + 12)}' is no value`);
    }
    const value = Number(found[0]);
    if (this.exact && (found[1] || found[2] || !Number.isSafeInteger(value))) throw new NotJson(`${found[0].slice(0, 40)} cannot be sealed`);
    this.at += found[0].length;
    return value;
  }
}
