import { fault, ok, type Result } from "../base/result.ts";

/** One message of the milter protocol: a letter, and what belongs to it. */
export interface MilterPacket {
  readonly code: string;
  readonly data: Uint8Array;
}

/** What a milter may ask for at the end of a message (SMFIF_*), as far as we grant it: all. */
export const MILTER_ACTION = {
  addHeaders: 0x001,
  changeBody: 0x002,
  addRecipient: 0x004,
  deleteRecipient: 0x008,
  changeHeaders: 0x010,
  quarantine: 0x020,
  changeFrom: 0x040,
  addRecipientWithParameters: 0x080,
  setMacroList: 0x100,
} as const;

/** Steps that a milter may do without, and what we know besides (SMFIP_*). */
export const MILTER_PROTOCOL = {
  noConnect: 0x00_0001,
  noHelo: 0x00_0002,
  noMail: 0x00_0004,
  noRcpt: 0x00_0008,
  noBody: 0x00_0010,
  noHeaders: 0x00_0020,
  noEndOfHeaders: 0x00_0040,
  noReplyHeader: 0x00_0080,
  noUnknown: 0x00_0100,
  noData: 0x00_0200,
  /** It may say that it has seen enough of the body. */
  skip: 0x00_0400,
  /** It wants to hear of recipients that we refuse. */
  rejectedRcpt: 0x00_0800,
  noReplyConnect: 0x00_1000,
  noReplyHelo: 0x00_2000,
  noReplyMail: 0x00_4000,
  noReplyRcpt: 0x00_8000,
  noReplyData: 0x01_0000,
  noReplyUnknown: 0x02_0000,
  noReplyEndOfHeaders: 0x04_0000,
  noReplyBody: 0x08_0000,
  /** Values of header fields come and go with the space behind the colon. */
  leadingSpace: 0x10_0000,
} as const;

/** The largest piece of a body that one packet may carry. */
export const MILTER_BODY_BYTES_MAX = 65_535;

/** A packet as it is sent: its length, the letter, and each piece, as it is. */
export function formatMilterPacket(
  code: string,
  ...pieces: readonly (Uint8Array | string)[]
): Uint8Array {
  const data = pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(data.reduce((bytes, { length }) => bytes + length, 1));
  head.write(code, 4, "latin1");
  return Buffer.concat([head, ...data]);
}

/** Text that ends in NUL; one within it would be the end for the other side, and is taken out. */
export function nulEnded(text: string): Uint8Array {
  return Buffer.from(`${text.replaceAll("\0", "")}\0`);
}

/** A number in four octets. */
export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** More than any header field or piece of a body that a milter may send. */
const PACKET_BYTES_MAX = 262_144;

/** Cuts what a milter sends into packets of at most 256 KiB. */
export class MilterPacketReader {
  #held: Uint8Array[] = [];
  #bytes = 0;

  /** Packets that are whole by now; after a fault nothing more can be read. */
  push(bytes: Uint8Array): Result<readonly MilterPacket[], string> {
    this.#held.push(Uint8Array.from(bytes));
    this.#bytes += bytes.length;
    const packets: MilterPacket[] = [];
    for (;;) {
      const length = this.#packetLength();
      if (length === undefined) return ok(packets);
      if (length < 1 || length > PACKET_BYTES_MAX) return fault("a packet of an impossible length");
      if (this.#bytes < length + 4) return ok(packets);
      const packet = this.#take(length + 4);
      packets.push({
        code: String.fromCharCode(packet[4] ?? 0),
        data: packet.subarray(5),
      });
    }
  }

  #packetLength(): number | undefined {
    if (this.#bytes < 4) return undefined;
    const [first] = this.#held;
    // Joined only while the length itself is in pieces: what follows it is joined once, when whole.
    const head = first !== undefined && first.length >= 4 ? first : Buffer.concat(this.#held);
    if (head !== first) this.#held = [head];
    return Buffer.from(head.buffer, head.byteOffset, 4).readUInt32BE();
  }

  #take(length: number): Uint8Array {
    const [first] = this.#held;
    const all = first !== undefined && first.length >= length ? first : Buffer.concat(this.#held);
    const others = all === first ? this.#held.slice(1) : [];
    const rest = all.subarray(length);
    this.#held = rest.length === 0 ? others : [rest, ...others];
    this.#bytes -= length;
    return all.subarray(0, length);
  }
}
