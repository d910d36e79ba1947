/**
 * Checks one saved file in this browser: a transcript as JSON, JSON Lines or PDF, or a full record (zip) with its signature. It sends
 * nothing anywhere. The same checks, in the same words, as chat/transcripts/verifier.py. Knows no page.
 */
import { attached } from "./attached.js";
import { Chain, isMap } from "./chain.js";
import { base64, hex, runningSha256, sha256 } from "./digest.js";
import { Broken, Unreadable, Unsigned } from "./found.js";
import { headNote, inclusion, isInclusion, keysIn } from "./notes.js";
import { NotJson, parsed, Values } from "./values.js";
import { content, members, text } from "./zip.js";

const FORMAT = "throughline-transcript";
const NOTHING = "This is nothing that can be checked here: a transcript as JSON, JSON Lines or PDF, or a full record.";
const RECORDS = ["transcript.json", "transcript.jsonl", "transcript.pdf"];
const MANIFEST = "manifest.json";
const CONTENTS = "conversations.json";
const COVERED = ["format", "version", "conversation", "upto", "seal", "proof", "entries"];
const WHOLE = "Nothing here was changed since it was sealed";
const PAPER = "The transcript attached to it was not changed since it was sealed";
const PARTLY = "The transcripts as data in it, and the files that were sent, were not changed since they were sealed";
const SEALED = ["transcript.json", "transcript.jsonl", "proof/head.note", "proof/keys.json"];
const OF_ENTRIES = /^(attachments|recordings|mails)\//;
const SENT = /^(?:attachments|recordings)\/(\d{1,9})-(\d{1,9})(?:-|$)|^mails\/(\d{1,9})-(?:received|sent)\.eml$/;
const SHORT = 20;
const AT_ONCE = 8 * 1024 * 1024;
const LONGEST_PAPER = 256 * 1024 * 1024;
const LONGEST_MANIFEST = 64 * 1024 * 1024;

/** What was found, in sentences, the first for all. `tell(octets)` is called on the way. Throws Broken, Unreadable or Unsigned. */
export async function check(file, { signature = "", trust, tell = () => {} }) {
  const start = await file.slice(0, 4).text();
  if (start === "PK\u0003\u0004") return archive(file, signature, trust, tell);
  const paper = start === "%PDF";
  const stream = paper ? await attached(new Uint8Array(await file.arrayBuffer())) : file.stream();
  const { head, chain } = await record(stream, tell);
  await headNote(head.proof, chain, carriedBy(head), trust);
  const pages = paper ? ["Checked is the transcript that is attached to the PDF. Its printed pages are not sealed."] : [];
  return [paper ? PAPER : WHOLE, ...told(head, chain), ...pages, ...trust.lines];
}

const carriedBy = (head) => (Array.isArray(head.proof?.keys) ? head.proof.keys.filter((key) => typeof key === "string") : []);

/** Reads and checks a transcript as JSON or JSON Lines. */
export async function record(stream, tell = () => {}) {
  const reader = stream.getReader();
  const head = Object.create(null);
  const chain = new Chain();
  const values = new Values(async () => {
    const { value, done } = await reader.read();
    if (value) tell(value.length);
    return done ? null : value;
  });
  try {
    await read(values, head, chain);
  } catch (problem) {
    if (problem instanceof Broken || problem instanceof Unreadable) throw problem;
    if (![FORMAT, `${FORMAT}-lines`].includes(head.format)) throw new Unreadable(NOTHING);
    throw new Broken(`entry ${chain.position + 1}`, `from here on the file cannot be read: ${problem.message}`);
  }
  chain.finish(head);
  return { head, chain };
}

async function read(values, head, chain) {
  let entries = false;
  await values.take("{");
  do {
    const name = await values.value({ exact: false });
    await values.take(":");
    if (typeof name !== "string" || name in head || (entries && name === "entries")) throw new NotJson(`'${name}' stands there twice`);
    if (name === "entries") {
      entries = true;
      await readList(values, chain);
    } else head[name] = await values.value({ exact: false });
  } while ((await values.take(",", "}")) === ",");
  if (head.format !== (entries ? FORMAT : `${FORMAT}-lines`) || head.version !== 1) {
    throw new Unreadable(`This is no transcript that this page knows (format ${head.format}, version ${head.version}).`);
  }
  if (!entries) await readLines(values, head, chain);
  if (await values.next()) throw new Broken("the end", "something stands behind it");
}

async function readList(values, chain) {
  await values.take("[");
  if ((await values.next()) === "]") return values.take("]");
  do await chain.take(await values.value({ exact: true }));
  while ((await values.take(",", "]")) === ",");
  return "]";
}

async function readLines(values, head, chain) {
  while (await values.next()) {
    const line = await values.value({ exact: true });
    if (!isMap(line) || !("end" in line)) {
      await chain.take(line);
      continue;
    }
    for (const name of Object.keys(line).filter((one) => one !== "end")) {
      if (name in head && head[name] !== line[name]) throw new Broken("the last line", `its '${name}' is not that of the head`);
      head[name] = line[name];
    }
    return;
  }
  throw new Broken(`entry ${chain.position}`, "the file ends after it, without its last line");
}

async function archive(file, signature, trust, tell) {
  const found = await members(file);
  const folders = found.map(({ name }) => /^([^/]*\/)?manifest\.json$/.exec(name)).filter(Boolean).map((match) => match[1] ?? "");
  const loose = found.map(({ name }) => name).filter((name) => !folders.some((folder) => name.startsWith(folder)));
  const astray = loose.find((name) => name.includes("/"));
  if (!folders.length) throw new Unreadable("This archive is no full record: it has no manifest.");
  if (astray) throw new Broken(astray, "it belongs to none of the records in the archive");
  const lines = [];
  const keys = [];
  const unsealed = [];
  let about = /^everything\/[0-9]+$/;
  for (const folder of folders) {
    const one = await fullRecord(file, folder, found, trust, tell);
    lines.push(...one.lines);
    keys.push(...one.keys);
    unsealed.push(...one.unsealed);
    if (folder === "") about = new RegExp(`^full-record/${one.conversation}$`);
  }
  if (folders.includes("") && folders.length > 1) throw new Broken(MANIFEST, "there is a record within the record");
  if (!folders.includes("")) await contents(file, found.find(({ name }) => name === CONTENTS), folders);
  if (loose.length) lines.push(`Beside the records, and not sealed: ${loose.sort().join(", ")}.`);
  if (!signature) return partly([...lines, ...trust.lines], unsealed, trust);
  await trust.check("the signature of the whole archive", signature, keys, [about, String(file.size), base64((await digested(file.stream(), tell)).octets)]);
  return [WHOLE, ...lines, ...trust.lines];
}

/** What is said of an archive without its signature. Throws Unsigned if the reader gave keys, which should have signed it. */
function partly(lines, unsealed, trust) {
  const open = "what is only for reading in it was NOT checked, and could have been changed together with the manifest";
  const words = `There is no signature of the whole archive: ${open}: ${named(unsealed)}.`;
  trust.doubt(words);
  if (trust.given.length) throw new Unsigned([...lines, words]);
  return [PARTLY, ...lines, words];
}

/** An archive of several records lists them, so that none can be taken out unseen. */
async function contents(file, member, folders) {
  let listed;
  try {
    listed = parsed(await text(file, member, LONGEST_MANIFEST)).conversations.filter((one) => "folder" in one).map((one) => `${one.folder}/`);
  } catch {
    throw new Broken(CONTENTS, "it cannot be read");
  }
  if (listed.sort().join("\n") !== [...folders].sort().join("\n")) throw new Broken(CONTENTS, "the records that it lists are not those in the archive");
}

async function fullRecord(file, folder, found, trust, tell) {
  const own = new Map(found.filter(({ name }) => name.startsWith(folder)).map((member) => [member.name.slice(folder.length), member]));
  const manifest = await readManifest(file, own.get(MANIFEST));
  own.delete(MANIFEST);
  const listed = await agreed(file, folder, own, manifest, tell);
  let first = null;
  for (const name of RECORDS.filter((one) => own.has(one))) {
    const one = await inside(file, folder + name, own.get(name), manifest, tell);
    first ??= one;
  }
  if (!first) throw new Broken(folder + MANIFEST, "it lists no transcript that can be checked");
  const { head, chain } = first;
  attachments(folder, listed, chain);
  const published = own.has("proof/keys.json") ? keysIn(await text(file, own.get("proof/keys.json"))) : [];
  const keys = [...new Set([...published, ...carriedBy(head)])];
  const note = own.has("proof/head.note") ? await text(file, own.get("proof/head.note")) : head.proof?.note;
  await headNote({ note }, chain, keys, trust);
  for (const [name, member] of own) {
    if (!name.startsWith("proof/") || member.size > 1024 * 1024) continue;
    const proof = await text(file, member);
    if (isInclusion(proof)) await inclusion(folder + name, proof, chain, keys, trust);
  }
  const lines = [...told(head, chain), `${own.size} files are those that the manifest lists, and the files that were sent are those that were sealed.`];
  for (const [name, entry] of listed) if ("missing" in entry) lines.push(`Missing: ${name}. ${entry.missing}`);
  const unsealed = [...own.keys()].filter((name) => !SEALED.includes(name) && !OF_ENTRIES.test(name)).sort();
  const pages = (name) => (name === "transcript.pdf" ? " (its pages)" : "");
  return { lines, keys, conversation: chain.conversation, unsealed: unsealed.map((name) => folder + name + pages(name)) };
}

async function readManifest(file, member) {
  let manifest = null;
  try {
    manifest = parsed(await text(file, member, LONGEST_MANIFEST));
    if (!Array.isArray(manifest.files) || !manifest.files.every(isListed)) manifest = null;
  } catch {
    manifest = null;
  }
  if (!manifest) throw new Broken(member.name, "it cannot be read");
  if (manifest.format !== "throughline-full-record" || manifest.version !== 1) throw new Unreadable("This archive is no full record that this page knows.");
  return manifest;
}

const isListed = (one) => isMap(one) && typeof one.name === "string" && (!("missing" in one) || typeof one.missing === "string");

/** The manifest's files by name, after each was found as it is listed. */
async function agreed(file, folder, own, manifest, tell) {
  const listed = new Map(manifest.files.map((entry) => [entry.name, entry]));
  if (listed.size < manifest.files.length) throw new Broken(folder + MANIFEST, "it lists a file twice");
  for (const name of [...new Set([...own.keys(), ...listed.keys()])].sort()) {
    const entry = listed.get(name) ?? {};
    const member = own.get(name);
    if (Boolean(member) !== "sha256" in entry || "missing" in entry === "sha256" in entry) {
      throw new Broken(folder + name, "the archive and its manifest do not agree whether it is there");
    }
    if (!member) continue;
    const { size, octets } = await unpackedDigest(file, member, tell);
    if (size !== entry.size || hex(octets) !== entry.sha256) {
      throw new Broken(folder + name, "it is not the file that the manifest lists: its size or its SHA-256 is another");
    }
  }
  return listed;
}

async function unpackedDigest(file, member, tell) {
  try {
    return await digested(content(file, member), tell, member.size);
  } catch {
    throw new Broken(member.name, "it cannot be unpacked");
  }
}

async function digested(stream, tell, expected = Infinity) {
  if (expected <= AT_ONCE) {
    const whole = new Uint8Array(await new Response(stream).arrayBuffer());
    tell(whole.length);
    return { size: whole.length, octets: await sha256(whole) };
  }
  const running = runningSha256();
  const reader = stream.getReader();
  let size = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return { size, octets: running.digest() };
    size += value.length;
    if (size > expected) throw new RangeError("longer than it says");
    running.update(value);
    tell(value.length);
  }
}

async function inside(file, name, member, manifest, tell) {
  if (name.endsWith(".pdf") && member.size > LONGEST_PAPER) throw new Unreadable(`${name} is too long to be checked in a browser.`);
  let found;
  try {
    const stream = content(file, member);
    found = await record(name.endsWith(".pdf") ? await attached(new Uint8Array(await new Response(stream).arrayBuffer())) : stream, tell);
  } catch (problem) {
    throw problem instanceof Broken ? new Broken(`${name}, ${problem.where}`, problem.problem) : problem;
  }
  const { head, chain } = found;
  const said = { conversation: chain.conversation, upto: chain.position, seal: chain.seal, audience: head.audience };
  const other = Object.keys(said).find((part) => manifest[part] !== said[part]);
  if (other) throw new Broken(name, `its '${other}' is not that of the manifest`);
  return found;
}

/** Files that were sent are sealed with their entries; the manifest alone would show nothing. */
function attachments(folder, listed, chain) {
  const owed = new Set(chain.owed);
  for (const [name, entry] of listed) {
    const [, position, index, mail] = SENT.exec(name) ?? [];
    const place = mail ? `${Number(mail)}-mail` : `${Number(position)}-${Number(index)}`;
    if (OF_ENTRIES.test(name) && "sha256" in entry && entry.sha256 !== chain.files.get(place)) {
      throw new Broken(folder + name, "no entry has sealed this file");
    }
    owed.delete(place);
  }
  for (const place of owed) {
    const [position, index] = place.split("-");
    throw new Broken(`entry ${position}`, `its file ${Number(index) + 1} is neither in the archive nor listed as missing`);
  }
}

function told(head, chain) {
  const lines = [`${chain.position} entries of conversation ${chain.conversation}, each sealed to the one before; the last seal is ${chain.seal}.`];
  if (chain.leftOut.length) lines.push(`For the team only, here by their seals: entries ${some(chain.leftOut)}.`);
  for (const [position, names] of [...chain.crossedOut].slice(0, SHORT)) {
    const said = [...new Set(names.map((name) => chain.saysWhy(position, name)))].sort((one, other) => one - other);
    const gone = names.filter((name) => name !== "_sentence").join(", ") || "its sentence";
    lines.push(`Crossed out: ${gone} of entry ${position}; entry ${some(said)} says who did it and why.`);
  }
  if (chain.crossedOut.size > SHORT) lines.push(`Crossed out in the same way: ${chain.crossedOut.size - SHORT} entries more.`);
  const labels = Object.keys(head).filter((name) => !COVERED.includes(name)).sort();
  if (labels.length) lines.push(`Not sealed, only written above the entries: ${named(labels)}.`);
  return lines;
}

/** Names, in letters that look like no others. */
function named(names) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return names.map((name) => (/[^\0-\x7f]/.test(name) ? JSON.stringify(name).replace(/[^ -~]/g, escaped) : name)).join(", ");
}

function some(positions) {
  const more = positions.length > SHORT ? ` and ${positions.length - SHORT} more` : "";
  return positions.slice(0, SHORT).join(", ") + more;
}
