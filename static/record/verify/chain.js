/**
 * The chain of seals of one conversation, as chat/transcripts/verifier.py checks it: all that an entry shows must be what was sealed,
 * nothing more, nothing less. Knows no file.
 */
import { hex, joined, sha256, unhex, utf8 } from "./digest.js";
import { Broken, Unreadable } from "./found.js";
import { NotJson, parsed } from "./values.js";

const FIELD = utf8("throughline/1/field\0");
const BODY = utf8("throughline/1/body\0");
const SEAL = utf8("throughline/1/seal\0");
const HEADER = ["actor", "at", "audience", "channel", "conversation", "disclose", "key", "kind", "kind_version", "position", "prev", "site", "v"];
const SHOWN = ["position", "at", "kind", "kind_version", "actor", "channel", "audience"];
const LEFT_OUT = new Set(["position", "at", "time", "utc", "left_out", "header", "digests", "seal"]);
const OPEN = new Set([...LEFT_OUT, ...SHOWN, "sentence", "body", "crossed_out", "fields"].filter((name) => name !== "left_out"));
/** The kinds of entries that say what was crossed out. */
const CROSSING = ["privacy.crossed_out", "erasure.carried_out", "retention.carried_out"];
/** The kinds of entries, with their version, that are for the team and yet stand open where their header says so. */
const DISCLOSABLE = ["note.added 1"];
const SENTENCE = "_sentence";
const NO_SENTENCE = "This entry is crossed out.";
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d))?)$/;

/** JSON as in RFC 8785, as far as it can be sealed. */
export function canonical(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const pairs = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${pairs.join(",")}}`;
}

export const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

export class Chain {
  position = 0;
  seal = "0".repeat(64);
  at = 0;
  conversation = "";
  site = null;
  seals = [];
  leftOut = [];
  /** Fields that are gone, by position; `said` has, for those of which a later entry tells, the position of that entry. */
  crossedOut = new Map();
  said = new Map();
  /** The sealed SHA-256 of each attachment, by "position-index", and of each mail, by "position-mail". */
  files = new Map();
  /** Attachments that are for everyone: an archive has them, or says why not. */
  owed = new Set();

  /** Takes the next entry. Throws Broken if it does not hold. */
  async take(entry) {
    this.position += 1;
    try {
      await this.#take(entry);
    } catch (problem) {
      if (problem instanceof TypeError || problem instanceof NotJson || problem instanceof RangeError) throw this.#broken(`it cannot be read (${problem.message})`);
      throw problem;
    }
  }

  /** What the file says of itself must be what its entries say. */
  finish(head) {
    if (!this.position) throw new Broken("the file", "it holds no entries");
    if (head.conversation !== this.conversation) throw new Broken("the head", "it names another conversation than the entries");
    if (head.upto !== this.position || head.seal !== this.seal) {
      throw this.#broken(`the file does not end with the entry and the seal that its head names (${head.upto})`);
    }
    if (this.leftOut.length && head.audience !== "everyone") {
      throw new Broken(`entry ${this.leftOut[0]}`, "it is left out of a file that says that it holds everything");
    }
    for (const [position, names] of this.crossedOut) {
      const unsaid = names.find((name) => !this.saysWhy(position, name));
      if (unsaid) throw new Broken(`entry ${position}`, `its field '${unsaid}' was taken out, and no entry says that it was crossed out`);
    }
  }

  /** The entry that tells of a crossing out. */
  saysWhy(position, name) {
    return this.said.get(`${position} ${name === SENTENCE ? "" : name}`);
  }

  async #take(entry) {
    const header = parsed(entry.header, { exact: true });
    const digests = parsed(entry.digests, { exact: true });
    if (canonical(header) !== entry.header || canonical(digests) !== entry.digests) {
      throw this.#broken("its header or its digests are not written as they are sealed");
    }
    if (header.v !== 1) throw new Unreadable(`Entry ${this.position} is sealed in a form (${header.v}) that this page is too old for.`);
    if (Object.keys(header).sort().join() !== HEADER.join() || !/^[0-9]{1,20}$/.test(header.conversation)) throw this.#broken("its header has not the parts of a header");
    if (header.position !== this.position) throw this.#broken(`it is missing; entry ${header.position} stands in its place`);
    if (header.prev !== this.seal) throw this.#broken("it does not follow from the entry before");
    if (this.position === 1) [this.conversation, this.site] = [header.conversation, header.site];
    if (header.conversation !== this.conversation || header.site !== this.site) throw this.#broken("it belongs to another conversation");
    if (!(header.at > this.at)) throw this.#broken("its time is not after that of the entry before");
    const [body, ...fields] = await Promise.all([sha256(joined(BODY, utf8(entry.digests))), ...this.#fieldDigests(entry)]);
    const seal = hex(await sha256(joined(SEAL, utf8(entry.header), body)));
    if (entry.seal !== seal) throw this.#broken("its seal does not follow from its content");
    this.#shown(entry, header);
    if ("left_out" in entry) this.#isLeftOut(entry, header);
    else this.#isOpen(entry, digests, fields);
    this.seal = seal;
    this.seals.push(seal);
    this.at = header.at;
  }

  #fieldDigests(entry) {
    if ("left_out" in entry) return [];
    return Object.keys(entry.fields).sort().filter((name) => entry.fields[name] !== null).map(async (name) => {
      const { salt, value } = entry.fields[name];
      const octets = unhex(salt);
      if (octets?.length !== 16 || typeof value !== "string" || Object.keys(entry.fields[name]).length !== 2) return [name, ""];
      return [name, hex(await sha256(joined(FIELD, octets, utf8(value))))];
    });
  }

  #shown(entry, header) {
    const [known, shown] = "left_out" in entry ? [LEFT_OUT, SHOWN.slice(0, 2)] : [OPEN, SHOWN];
    const unknown = Object.keys(entry).filter((name) => !known.has(name)).sort();
    if (unknown.length) throw this.#broken(`it holds '${unknown[0]}', which was not sealed`);
    const other = shown.find((name) => entry[name] !== header[name]);
    if (other) throw this.#broken(`its '${other}' is not the sealed one`);
    for (const name of ["time", "utc"]) {
      if (name in entry && milliseconds(entry[name]) !== Math.floor(header.at / 1000)) throw this.#broken(`its '${name}' is not the sealed time`);
    }
  }

  #isLeftOut(entry, header) {
    if (header.audience === "everyone") throw this.#broken("it is left out, though its header says that it is for everyone");
    const ground = DISCLOSABLE.includes(`${header.kind} ${header.kind_version}`) ? header.disclose : "team";
    if (entry.left_out !== ground || ground === "yes") {
      throw this.#broken("the ground on which it is left out is not the sealed one");
    }
    this.leftOut.push(this.position);
  }

  #isOpen(entry, digests, found) {
    const names = Object.keys(entry.fields).sort();
    if (names.join("\n") !== Object.keys(digests).sort().join("\n")) throw this.#broken("a field was added or removed");
    const changed = found.find(([name, digest]) => digest !== digests[name]);
    if (changed) throw this.#broken(`the field '${changed[0]}' was changed`);
    const gone = names.filter((name) => entry.fields[name] === null);
    const sealed = found.map(([name]) => `${JSON.stringify(name)}:${entry.fields[name].value}`).join(",");
    const sentence = gone.includes(SENTENCE) ? {} : { [SENTENCE]: entry.sentence };
    if (!isMap(entry.body) || SENTENCE in entry.body || canonical({ ...entry.body, ...sentence }) !== `{${sealed}}`) {
      throw this.#broken("it reads differently from what was sealed");
    }
    if (!names.includes(SENTENCE) || (gone.includes(SENTENCE) && entry.sentence !== NO_SENTENCE)) throw this.#broken("its sentence is not the sealed one");
    if (canonical(entry.crossed_out) !== canonical(gone.filter((name) => name !== SENTENCE))) {
      throw this.#broken("the list of what was crossed out is not that of the fields");
    }
    if (gone.length) this.crossedOut.set(this.position, gone);
    this.#remember(entry.body, entry.kind, entry.audience);
  }

  #remember(body, kind, audience) {
    const crossed = CROSSING.includes(kind) ? [...Object.entries(isMap(body.entries) ? body.entries : {}), [body.of, body.fields]] : [];
    for (const [of, names] of crossed) {
      const position = /^[0-9]+$/.test(String(of)) ? Number(of) : 0;
      if (!this.crossedOut.has(position) || !Array.isArray(names)) continue;
      for (const name of ["", ...names]) this.said.set(`${position} ${name}`, this.position);
    }
    for (const [name, value] of Object.entries(body)) {
      const index = /\.([0-9]+)$/.exec(name)?.[1];
      if (index === undefined || !isMap(value) || !("digest" in value)) continue;
      const place = `${this.position}-${Number(index)}`;
      this.files.set(place, value.digest);
      if (audience === "everyone") this.owed.add(place);
    }
    if ("original" in body) this.files.set(`${this.position}-mail`, body.original);
  }

  #broken(problem) {
    return new Broken(`entry ${this.position}`, problem);
  }
}

function milliseconds(text) {
  const found = TIME.exec(text);
  if (!found) throw new NotJson("not a time");
  const [, year, month, day, hour, minute, second, part, sign, ...offset] = found;
  const away = [3_600_000, 60_000, 1000].reduce((sum, unit, at) => sum + unit * Number(offset[at] ?? 0), 0);
  return Date.UTC(year, month - 1, day, hour, minute, second) + Number(part ?? 0) - (sign === "-" ? -away : away);
}
