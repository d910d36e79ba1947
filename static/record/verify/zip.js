/**
 * A zip file, read in place (APPNOTE.TXT 6.3): its members lie one behind the other and their directory follows, or it is refused, because
 * programs read what lies elsewhere in different ways. Knows nothing of what the members are.
 */
import { Broken } from "./found.js";

const STORED = 0;
const DEFLATED = 8;
const FULL = 0xffffffff;
/** Sizes of 64 bits, times and owners (4.5, 4.6): other extra fields give a member another name or content. */
const EXTRAS = [1, 0x5455, 0x7875];
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The members of a file in the order of its directory: `{name, size, packed, method, crc, at}`. Throws Broken. */
export async function members(file) {
  const { at, length, count, end } = await ending(file);
  const directory = await octets(file, at, length);
  const found = [];
  let here = 0;
  while (here < directory.byteLength) {
    const [member, next] = listed(directory, here);
    found.push(member);
    here = next;
  }
  if (found.length !== count || at + length !== end) throw bad("its directory cannot be read");
  await onlyMembers(file, found, at);
  return found;
}

/** What a member holds, as a stream. */
export function content(file, member) {
  const packed = file.slice(member.start, member.start + member.packed).stream();
  return member.method === STORED ? packed : packed.pipeThrough(new DecompressionStream("deflate-raw"));
}

/** A member that is read as a whole, with its CRC looked at. Throws Broken. */
export async function text(file, member, most = 1024 * 1024) {
  if (member.size > most) throw new Broken(member.name, "it is too long");
  try {
    const whole = new Uint8Array(await new Response(content(file, member)).arrayBuffer());
    if (whole.length === member.size && crc32(whole) === member.crc) return decoder.decode(whole);
  } catch {
    // said below
  }
  throw new Broken(member.name, "it cannot be unpacked");
}

async function ending(file) {
  const last = await octets(file, file.size - 22, 22);
  if (last.byteLength < 22 || last.getUint32(0, true) !== 0x06054b50 || last.getUint16(20, true)) throw bad("something stands behind it, or it is cut off");
  const found = { count: last.getUint16(10, true), length: last.getUint32(12, true), at: last.getUint32(16, true), end: file.size - 22 };
  if (found.count !== 0xffff && found.length !== FULL && found.at !== FULL) return found;
  const locator = await octets(file, file.size - 42, 20);
  if (locator.byteLength < 20 || locator.getUint32(0, true) !== 0x07064b50) return found;
  const end = Number(locator.getBigUint64(8, true));
  const far = await octets(file, end, 56);
  if (far.byteLength < 56 || far.getUint32(0, true) !== 0x06064b50 || end + 56 !== file.size - 42) throw bad("its directory cannot be read");
  return { count: Number(far.getBigUint64(32, true)), length: Number(far.getBigUint64(40, true)), at: Number(far.getBigUint64(48, true)), end };
}

function listed(view, at) {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw bad("its directory cannot be read");
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
  const end = at + 46 + nameLength + extraLength + commentLength;
  if (end > view.byteLength) throw bad("its directory cannot be read");
  const member = {
    name: named(view, at + 46, nameLength),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    kind: view.getUint32(at + 38, true) >>> 28,
    at: view.getUint32(at + 42, true),
  };
  farSizes(member, view, at + 46 + nameLength, extraLength);
  return [member, end];
}

function named(view, at, length) {
  try {
    return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
  } catch {
    throw bad("a name in it is not UTF-8");
  }
}

/** Sizes and places that need 64 bits stand in an extra field (4.5.3). */
function farSizes(member, view, at, length) {
  for (let here = at; here + 4 <= at + length; here += 4 + view.getUint16(here + 2, true)) {
    if (!EXTRAS.includes(view.getUint16(here, true))) throw otherwise(member.name);
    if (view.getUint16(here, true) !== 1) continue;
    let place = here + 4;
    for (const name of ["size", "packed", "at"]) {
      if (member[name] !== FULL || place + 8 > at + length) continue;
      member[name] = Number(view.getBigUint64(place, true));
      place += 8;
    }
  }
}

async function onlyMembers(file, found, directory) {
  let end = 0;
  const names = new Set();
  for (const member of [...found].sort((one, other) => one.at - other.at)) {
    const { name } = member;
    if (member.at !== end) throw new Broken(end ? name : "the archive", "something stands before it that its directory does not list");
    const out = name.startsWith("/") || name.includes("\\") || name.split("/").includes("..") || name.endsWith("/") || member.kind === 10;
    if (names.has(name) || out) throw new Broken(name, "it stands there twice, or its name leads out of the archive, or it is no plain file");
    if (member.flags & 8) throw new Broken(name, "its size stands behind it, where programs look for it in different ways");
    if (member.flags & 1 || ![STORED, DEFLATED].includes(member.method)) throw new Broken(name, "it cannot be unpacked");
    names.add(name);
    const local = await octets(file, end, 30);
    if (local.byteLength < 30 || local.getUint32(0, true) !== 0x04034b50) throw new Broken(name, "it is not where the directory says");
    const length = local.getUint16(26, true);
    const own = await octets(file, end + 30, length + local.getUint16(28, true));
    if (own.byteLength < length || named(own, 0, length) !== name) throw otherwise(name);
    const said = { flags: local.getUint16(6, true), method: local.getUint16(8, true), crc: local.getUint32(14, true), at: 0 };
    const sizes = { packed: local.getUint32(18, true), size: local.getUint32(22, true) };
    const before = { name, ...said, ...sizes };
    farSizes(before, own, length, own.byteLength - length);
    if (["flags", "method", "crc", "packed", "size"].some((part) => before[part] !== member[part])) throw otherwise(name);
    member.start = end + 30 + own.byteLength;
    end = member.start + member.packed;
  }
  if (end !== directory) throw bad("something stands behind its members");
}

async function octets(file, at, length) {
  return new DataView(at < 0 ? new ArrayBuffer(0) : await file.slice(at, at + length).arrayBuffer());
}

const otherwise = (name) => new Broken(name, "what stands before it is not what the directory of the archive says of it");

const bad = (problem) => new Broken("the archive", problem);

const CRC = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(whole) {
  let value = FULL;
  for (const octet of whole) value = CRC[(value ^ octet) & 255] ^ (value >>> 8);
  return (value ^ FULL) >>> 0;
}
