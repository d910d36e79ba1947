/** The one file that is attached to a PDF (ISO 32000-2, 7.11.4), unpacked. Knows as much of PDF as that needs. */
import { Broken, Unreadable } from "./found.js";

const BEFORE = 4096;
const STREAM = />>\s*stream\r?\n/g;

/** The attached file as a stream of octets. Throws Broken or Unreadable. */
export async function attached(octets) {
  const text = new TextDecoder("latin1").decode(octets);
  const found = [];
  for (const start of text.matchAll(STREAM)) {
    const before = text.slice(Math.max(0, start.index - BEFORE), start.index);
    const entry = before.slice(before.lastIndexOf(" obj") + 1).replace(/#([0-9A-Fa-f]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
    if (/\/EmbeddedFile(?![A-Za-z])/.test(entry)) found.push({ at: start.index + start[0].length, entry });
  }
  if (!found.length) throw new Unreadable("This PDF has no transcript attached.");
  if (found.length > 1) throw new Broken("the PDF", "it has more than one file attached, so that it is not sure which one a reader sees");
  const [{ at, entry }] = found;
  const length = /\/Length (\d+)(?!\d| \d+ R)/.exec(entry);
  const end = length ? at + Number(length[1]) : text.indexOf("endstream", at);
  if (end < at || !/^\r?\n?endstream/.test(text.slice(end, end + 12))) throw new Broken("the PDF", "the attached file does not end where it should");
  const packed = new Blob([octets.subarray(at, end)]);
  if (!entry.includes("/FlateDecode")) return packed.stream();
  try {
    return (await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate"))).blob()).stream();
  } catch {
    throw new Broken("the PDF", "the attached file cannot be unpacked");
  }
}
