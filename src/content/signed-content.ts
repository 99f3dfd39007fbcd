/** One value in BER: its tag, and where its content is. */
interface BerValue {
  readonly tag: number;
  readonly from: number;
  /** `undefined`: up to the end-of-contents that closes it (X.690 §8.1.3.6). */
  readonly to: number | undefined;
}

const SEQUENCE = 0x30;
const OBJECT_ID = 0x06;
const OCTETS = 0x04;
const OCTETS_IN_PIECES = 0x24;
/** The explicit tag of the content in ContentInfo and EncapsulatedContentInfo. */
const CONTENT = 0xa0;
const END_OF_CONTENTS = 0;
const SIGNED_DATA = Buffer.from("2a864886f70d010702", "hex");
/** Values inside one another; signed data has its content eight deep. */
const DEPTH_MAX = 40;

/**
 * The content that S/MIME has in its signed form (CMS SignedData, RFC 5652 §5.1, §5.2): an entity
 * as it was before it was signed. `"detached"` when only the signature is there, `undefined` when
 * these bytes are no signed data or are damaged. Signatures are not checked. Never throws.
 */
export function readSignedContent(bytes: Buffer): Buffer | "detached" | undefined {
  const info = valueAt(bytes, 0);
  if (info?.tag !== SEQUENCE) return undefined;
  const type = valueAt(bytes, info.from);
  if (type?.tag !== OBJECT_ID || type.to === undefined) return undefined;
  if (!bytes.subarray(type.from, type.to).equals(SIGNED_DATA)) return undefined;
  const signedData = within(bytes, type.to, CONTENT);
  if (signedData?.tag !== SEQUENCE) return undefined;
  // Version and digest algorithms come first.
  const version = endOf(bytes, signedData.from, 0);
  const algorithms = version === undefined ? undefined : endOf(bytes, version, 0);
  const encapsulated = algorithms === undefined ? undefined : valueAt(bytes, algorithms);
  if (encapsulated?.tag !== SEQUENCE) return undefined;
  const afterType = endOf(bytes, encapsulated.from, 0);
  if (afterType === undefined) return undefined;
  if (afterType === encapsulated.to) return "detached";
  const content = within(bytes, afterType, CONTENT);
  return content === undefined ? "detached" : octetsOf(bytes, content);
}

/** The value in the one at `at` when that has the tag. */
function within(bytes: Buffer, at: number, tag: number): BerValue | undefined {
  const outer = valueAt(bytes, at);
  return outer?.tag === tag ? valueAt(bytes, outer.from) : undefined;
}

function octetsOf(bytes: Buffer, value: BerValue): Buffer | undefined {
  if (value.tag === OCTETS) return bytes.subarray(value.from, value.to);
  if (value.tag !== OCTETS_IN_PIECES) return undefined;
  const pieces: Buffer[] = [];
  for (let at = value.from; at < (value.to ?? bytes.length); ) {
    const piece = valueAt(bytes, at);
    if (piece?.tag !== OCTETS || piece.to === undefined) break;
    pieces.push(bytes.subarray(piece.from, piece.to));
    at = piece.to;
  }
  return Buffer.concat(pieces);
}

/** Reads tag and length (X.690 §8.1); tags past 30 are none of those that stand here. */
function valueAt(bytes: Buffer, at: number): BerValue | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  if (first === 0x80) return { tag, from: at + 2, to: undefined };
  const size = first & 0x7f;
  if (first < 0x80) return fitting(bytes, { tag, from: at + 2, to: at + 2 + first });
  if (size > 4 || at + 2 + size > bytes.length) return undefined;
  const from = at + 2 + size;
  return fitting(bytes, { tag, from, to: from + bytes.readUIntBE(at + 2, size) });
}

function fitting(bytes: Buffer, value: BerValue & { readonly to: number }): BerValue | undefined {
  return value.to <= bytes.length ? value : undefined;
}

/** Where the value at `at` ends, its end-of-contents included. */
function endOf(bytes: Buffer, at: number, depth: number): number | undefined {
  const value = valueAt(bytes, at);
  if (value === undefined || depth > DEPTH_MAX) return undefined;
  if (value.to !== undefined) return value.to;
  let next = value.from;
  while (bytes[next] !== END_OF_CONTENTS) {
    const end = endOf(bytes, next, depth + 1);
    if (end === undefined) return undefined;
    next = end;
  }
  return next + 2;
}
