const HEADER_BYTES = 8;
const CONTAINER = 0xf;
/** Text of slides and notes in UTF-16, and in Latin 1 (MS-PPT §2.9.41, §2.9.42). */
const TEXT_CHARACTERS = 4000;
const TEXT_BYTES = 4008;

/** The text of a presentation as PowerPoint wrote it from 1997 to 2003, up to a length. */
export function readPowerPointText(stream: Buffer, lengthMax: number): string {
  const texts: string[] = [];
  let length = 0;
  for (let at = 0; at + HEADER_BYTES <= stream.length && length < lengthMax; ) {
    const version = stream.readUInt16LE(at) & 0xf;
    const type = stream.readUInt16LE(at + 2);
    const from = at + HEADER_BYTES;
    // Records in a container are read as if they stood beside it: all are in one row then.
    if (version === CONTAINER) {
      at = from;
      continue;
    }
    const to = Math.min(from + stream.readUInt32LE(at + 4), stream.length);
    if (type === TEXT_CHARACTERS || type === TEXT_BYTES) {
      const encoding = type === TEXT_BYTES ? "latin1" : "utf16le";
      const text = stream.toString(encoding, from, Math.min(to, from + 2 * lengthMax));
      texts.push(text.replace(/[\r\v]/g, "\n"));
      length += text.length;
    }
    at = to;
  }
  return texts.join("\n").slice(0, lengthMax).toWellFormed();
}
