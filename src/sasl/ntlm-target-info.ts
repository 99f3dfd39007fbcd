import { encodeUtf16 } from "./ntlm-hash.ts";

/** Kinds of pairs that we write or look for (MS-NLMP §2.2.2.1). */
export const AV = {
  end: 0,
  computerName: 1,
  domainName: 2,
  dnsComputerName: 3,
  dnsDomainName: 4,
  flags: 6,
  timestamp: 7,
  targetName: 9,
  channelBindings: 10,
} as const;

/** In the pair `flags`: the message has a MIC. */
const FLAG_MIC = 2;
const HEAD_BYTES = 4;
/** 1601 to 1970, in which FILETIME counts and we do not. */
const FILETIME_EPOCH_MS = 11_644_473_600_000n;

/** One fact of the server, or what the client says of the channel. */
export interface AvPair {
  readonly id: number;
  readonly value: Buffer;
}

/** Reads pairs up to their end; what follows is padding. `undefined`: one is cut short. */
export function parseTargetInfo(bytes: Buffer): readonly AvPair[] | undefined {
  const pairs: AvPair[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + HEAD_BYTES > bytes.length) return undefined;
    const id = bytes.readUInt16LE(at);
    if (id === AV.end) return pairs;
    const end = at + HEAD_BYTES + bytes.readUInt16LE(at + 2);
    if (end > bytes.length) return undefined;
    pairs.push({ id, value: bytes.subarray(at + HEAD_BYTES, end) });
    at = end;
  }
  // Without an end only when there are none at all: a challenge may leave them out.
  return pairs.length === 0 ? pairs : undefined;
}

/** Writes pairs and their end. */
export function formatTargetInfo(pairs: readonly AvPair[]): Buffer {
  return Buffer.concat([...pairs, { id: AV.end, value: Buffer.alloc(0) }].map(formatPair));
}

function formatPair({ id, value }: AvPair): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16LE(id);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** The first pair of a kind. */
export function findPair(pairs: readonly AvPair[], id: number): Buffer | undefined {
  return pairs.find((pair) => pair.id === id)?.value;
}

/** Whether the client says that its message has a MIC (MS-NLMP §3.2.5.2.2). */
export function saysMic(pairs: readonly AvPair[]): boolean {
  const flags = findPair(pairs, AV.flags);
  return flags !== undefined && flags.length === 4 && (flags.readUInt32LE() & FLAG_MIC) !== 0;
}

/** What the server tells of itself in its challenge. */
export function describeServer(server: {
  readonly domainName: string;
  readonly computerName: string;
  readonly hostName: string;
  readonly nowMs: number;
}): readonly AvPair[] {
  const { domainName, computerName, hostName, nowMs } = server;
  const dot = hostName.indexOf(".");
  const domain = dot < 0 ? [] : [textPair(AV.dnsDomainName, hostName.slice(dot + 1))];
  return [
    textPair(AV.domainName, domainName),
    textPair(AV.computerName, computerName),
    ...domain,
    textPair(AV.dnsComputerName, hostName),
    { id: AV.timestamp, value: formatFileTime(nowMs) },
  ];
}

/**
 * The server's pairs as the client sends them back, with what the client adds (MS-NLMP
 * §3.1.5.1.2): the channel (zeros: none), the service that it wants and whether there is a MIC.
 */
export function answerServer(
  serverPairs: readonly AvPair[],
  client: {
    readonly channelBindings: Buffer;
    readonly targetName: string;
    readonly hasMic: boolean;
  },
): readonly AvPair[] {
  const ours: readonly number[] = [AV.flags, AV.targetName, AV.channelBindings];
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(FLAG_MIC);
  return [
    ...serverPairs.filter(({ id }) => !ours.includes(id)),
    ...(client.hasMic ? [{ id: AV.flags, value: flags }] : []),
    { id: AV.channelBindings, value: client.channelBindings },
    textPair(AV.targetName, client.targetName),
  ];
}

function textPair(id: number, text: string): AvPair {
  return { id, value: encodeUtf16(text) };
}

/** A point in time as NTLM has it: 100 ns since 1601, 8 bytes. */
export function formatFileTime(epochMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(Math.trunc(epochMs)) + FILETIME_EPOCH_MS) * 10_000n);
  return bytes;
}
