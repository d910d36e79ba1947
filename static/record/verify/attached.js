/**
 * The one file that is attached to a PDF (ISO 32000-2, 7.11.4), unpacked. A PDF is read as strictly as we write it (7.5.4): one table of
 * objects, nothing added later, as chat/transcripts/verifier.py does. Else programs would find different files in it.
 */
import { Broken, Unreadable } from "./found.js";

const END = /startxref\s+([0-9]{1,15})\s+%%EOF\s*$/;
const TABLE = /xref\s+0 ([0-9]{1,9}) ?\r?\n/y;
const ROW = /([0-9]{10}) [0-9]{5} ([nf])[ \r][\r\n]/y;
const WORD = /\\[^]|[()%]|<<|>>|<[^<>]*>|stream\r?\n|\/?[^\s()<>[\]{}/%\\]+|[[\]]/g;
const ENCODED = "#(?:4[0-9A-F]|5[0-9A]|6[0-9A-F]|7[0-9A])";
const SUSPECT = new RegExp(`/(?:[ER]F|ObjStm|XRef|[^\\s()<>[\\]{}/%]{0,32}${ENCODED})`, "gi");
const DISGUISED = new RegExp(`^/.*${ENCODED}`, "is");
const ATTACHED = /^\/EF << \/F ([0-9]{1,9}) 0 R (?:\/UF ([0-9]{1,9}) 0 R )?>>/;
const LENGTH = /\/Length ([0-9]{1,12})(?! [0-9]+ R)/;
const AFTER = /\r?\n?endstream\s+endobj/y;

/** The attached file as a stream of octets. Throws Broken or Unreadable. */
export async function attached(octets) {
  const paper = new Paper(new TextDecoder("latin1").decode(octets));
  const holders = paper.suspects().filter((words) => words.includes("/EF"));
  if (!holders.length) throw new Unreadable("This PDF has no transcript attached.");
  const [holder] = holders;
  const first = holder.indexOf("/EF");
  if (holders.length > 1 || holder.lastIndexOf("/EF") !== first || holder.includes("/RF")) {
    throw bad("it has more than one file attached, so that it is not sure which one a reader sees");
  }
  const [, number, again] = ATTACHED.exec(holder.slice(first).join(" ")) ?? [];
  if (!number || (again ?? number) !== number) throw bad("it is not sure which attached file a reader sees");
  const { words, at } = paper.object(Number(number));
  const about = words.join(" ");
  const length = LENGTH.exec(about);
  const packed = words.includes("/Filter");
  if (!length || !at || words.includes("/F") || words.includes("/DecodeParms") || packed > about.includes("/Filter /FlateDecode")) {
    throw bad("the attached file is not packed as we pack it");
  }
  const end = at + Number(length[1]);
  if (!matched(AFTER, paper.text, end)) throw bad("the attached file does not end where it should");
  const content = new Blob([octets.subarray(at, end)]);
  if (!packed) return content.stream();
  try {
    return (await new Response(content.stream().pipeThrough(new DecompressionStream("deflate"))).blob()).stream();
  } catch {
    throw bad("the attached file cannot be unpacked");
  }
}

/** The objects of a PDF, by the one table at its end. */
class Paper {
  #at = [];
  #starts;

  constructor(text) {
    this.text = text;
    const last = Math.max(0, text.length - 64);
    const end = END.exec(text.slice(last));
    const table = end && matched(TABLE, text, Number(end[1]));
    if (!table) throw new Unreadable("This PDF is not as we write it, so that programs may read it in different ways.");
    const rows = Number(end[1]) + table[0].length;
    const count = Number(table[1]);
    if (/\/Prev|\/XRef|#/.test(text.slice(rows + 20 * count, last + end.index))) throw bad("something was added to it after it was made");
    for (let number = 0; number < count; number += 1) {
      const row = matched(ROW, text, rows + 20 * number);
      if (!row) throw bad("its table of objects cannot be read");
      const at = row[2] === "n" ? Number(row[1]) : 0;
      this.#at.push(at);
      if (row[2] === "n" && !new RegExp(`^${number} 0 obj\\b`).test(text.slice(at, at + 24))) throw bad("its objects are not where its table says");
    }
    this.#starts = [...new Set([...this.#at, Number(end[1])])].filter(Boolean).sort((one, other) => one - other);
  }

  /** The words of an object without its texts, and where its stream begins; 0 if it has none. */
  object(number) {
    const at = this.#at[number];
    if (!at) throw bad("an object in it is missing");
    const words = [];
    let deep = 0;
    for (const { 0: word, index } of this.text.slice(at, this.#starts[this.#place(at) + 1]).matchAll(WORD)) {
      deep += { "(": 1, ")": -1 }[word] ?? 0;
      if (deep < 0 || (!deep && word === "%")) throw bad("an object in it can be read in different ways");
      if (!deep && word.startsWith("stream")) return { words, at: at + index + word.length };
      if (!deep) words.push(word);
    }
    return { words, at: 0 };
  }

  /** The words of each object that may name an attached file, or hide others. */
  suspects() {
    const places = new Set([...this.text.matchAll(SUSPECT)].map(({ index }) => this.#starts[this.#place(index)]));
    const found = this.#at.flatMap((at, number) => (at && places.has(at) ? [this.object(number).words] : []));
    if (found.flat().some((word) => word === "/ObjStm" || word === "/XRef" || DISGUISED.test(word))) {
      throw bad("objects in it are packed or disguised, so that programs may read it in different ways");
    }
    return found;
  }

  /** Which of the starts is the last at or before a place; -1 for none. */
  #place(at) {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function matched(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const bad = (problem) => new Broken("the PDF", problem);
