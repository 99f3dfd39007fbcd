/** Every message begins with it and its type (MS-NLMP §2.2). */
const SIGNATURE = Buffer.from("NTLMSSP\0", "latin1");
const TYPE_AT = 8;

/** Whether these bytes are a message of that type with at least its fixed part. */
export function isNtlmMessage(
  bytes: Buffer,
  want: { readonly type: number; readonly bytesMin: number },
): boolean {
  if (bytes.length < want.bytesMin) return false;
  const signature = bytes.subarray(0, SIGNATURE.length);
  return signature.equals(SIGNATURE) && bytes.readUInt32LE(TYPE_AT) === want.type;
}

/**
 * The part of the payload that the field at `at` points to. `undefined`: it is not wholly inside
 * the message, or inside its fixed part. An empty one may point anywhere.
 */
export function readField(
  bytes: Buffer,
  where: { readonly at: number; readonly payloadAt: number },
): Buffer | undefined {
  const length = bytes.readUInt16LE(where.at);
  if (length === 0) return Buffer.alloc(0);
  const offset = bytes.readUInt32LE(where.at + 4);
  if (offset < where.payloadAt || offset + length > bytes.length) return undefined;
  return bytes.subarray(offset, offset + length);
}

/** A new message of a type: its fixed part zero, then the payload, to which the fields point. */
export function buildMessage(
  type: number,
  parts: {
    readonly fixedBytes: number;
    /** Field's place → its bytes, in the order of the payload. */
    readonly fields: readonly (readonly [at: number, bytes: Uint8Array])[];
  },
): Buffer {
  const message = Buffer.concat([
    Buffer.alloc(parts.fixedBytes),
    ...parts.fields.map(([, bytes]) => bytes),
  ]);
  message.set(SIGNATURE);
  message.writeUInt32LE(type, TYPE_AT);
  let offset = parts.fixedBytes;
  for (const [at, bytes] of parts.fields) {
    message.writeUInt16LE(bytes.length, at);
    message.writeUInt16LE(bytes.length, at + 2);
    message.writeUInt32LE(offset, at + 4);
    offset += bytes.length;
  }
  return message;
}
