import { buildMessage, isNtlmMessage, readField } from "./ntlm-fields.ts";
import { hasFlag, NTLM_FLAG } from "./ntlm-flags.ts";
import { encodeUtf16, type NtlmIdentity } from "./ntlm-hash.ts";
import { type AvPair, formatTargetInfo, parseTargetInfo } from "./ntlm-target-info.ts";
import { isIdentity } from "./sasl-text.ts";

/** Layout of the three messages (MS-NLMP §2.2.1); a version of 8 bytes is always left room for. */
const NEGOTIATE = { type: 1, bytesMin: 16, flagsAt: 12, fixedBytes: 40 } as const;
const CHALLENGE = {
  type: 2,
  bytesMin: 32,
  targetNameAt: 12,
  flagsAt: 20,
  challengeAt: 24,
  targetInfoAt: 40,
  targetInfoEnd: 48,
  versionAt: 48,
  fixedBytes: 56,
} as const;
const AUTHENTICATE = {
  type: 3,
  bytesMin: 64,
  lmAt: 12,
  ntAt: 20,
  domainAt: 28,
  userAt: 36,
  workstationAt: 44,
  sessionKeyAt: 52,
  flagsAt: 60,
  versionAt: 64,
  micAt: 72,
  micEnd: 88,
} as const;
const CHALLENGE_BYTES = 8;
const MIC_BYTES = 16;

/** The client's offer (§2.2.1.1): its flags; `undefined`: it is none. Names in it mean nothing. */
export function parseNegotiate(bytes: Buffer): number | undefined {
  if (!isNtlmMessage(bytes, NEGOTIATE)) return undefined;
  return bytes.readUInt32LE(NEGOTIATE.flagsAt);
}

/** Writes the client's offer, without names and version. */
export function formatNegotiate(flags: number): Buffer {
  const message = buildMessage(NEGOTIATE.type, { fixedBytes: NEGOTIATE.fixedBytes, fields: [] });
  message.writeUInt32LE(flags, NEGOTIATE.flagsAt);
  return message;
}

/** The server's challenge (§2.2.1.2). */
export interface NtlmChallenge {
  readonly flags: number;
  /** 8 bytes that nobody could foresee. */
  readonly serverChallenge: Buffer;
  /** NetBIOS name of domain or server. */
  readonly targetName: string;
  readonly targetInfo: readonly AvPair[];
  /** 8 bytes; zeros when left out. */
  readonly version?: Uint8Array;
}

/** Reads a challenge; `undefined`: it is none. Old servers leave the target information out. */
export function parseChallenge(bytes: Buffer): Omit<NtlmChallenge, "targetName"> | undefined {
  if (!isNtlmMessage(bytes, CHALLENGE)) return undefined;
  const flags = bytes.readUInt32LE(CHALLENGE.flagsAt);
  const info =
    hasFlag(flags, NTLM_FLAG.targetInfo) && bytes.length >= CHALLENGE.targetInfoEnd
      ? readField(bytes, { at: CHALLENGE.targetInfoAt, payloadAt: CHALLENGE.targetInfoEnd })
      : Buffer.alloc(0);
  const targetInfo = info && parseTargetInfo(info);
  if (targetInfo === undefined) return undefined;
  const at = CHALLENGE.challengeAt;
  return { flags, serverChallenge: bytes.subarray(at, at + CHALLENGE_BYTES), targetInfo };
}

/** Writes a challenge. */
export function formatChallenge(challenge: NtlmChallenge): Buffer {
  const { flags, serverChallenge, targetName, targetInfo, version } = challenge;
  const name = encodeText(targetName, flags);
  const message = buildMessage(CHALLENGE.type, {
    fixedBytes: CHALLENGE.fixedBytes,
    fields: [
      [CHALLENGE.targetNameAt, name],
      [CHALLENGE.targetInfoAt, formatTargetInfo(targetInfo)],
    ],
  });
  message.writeUInt32LE(flags, CHALLENGE.flagsAt);
  message.set(serverChallenge, CHALLENGE.challengeAt);
  if (version !== undefined) message.set(version, CHALLENGE.versionAt);
  return message;
}

/** The client's answer (§2.2.1.3). */
export interface NtlmAuthenticate extends NtlmIdentity {
  readonly flags: number;
  readonly lmResponse: Buffer;
  readonly ntResponse: Buffer;
  readonly workstation: string;
  /** Encrypted; empty without key exchange. */
  readonly sessionKey: Buffer;
}

/** Reads an answer; `undefined`: it is none, points outside itself or names nobody properly. */
export function parseAuthenticate(bytes: Buffer): NtlmAuthenticate | undefined {
  if (!isNtlmMessage(bytes, AUTHENTICATE)) return undefined;
  const flags = bytes.readUInt32LE(AUTHENTICATE.flagsAt);
  const field = (at: number): Buffer | undefined =>
    readField(bytes, { at, payloadAt: AUTHENTICATE.bytesMin });
  const text = (at: number): string | undefined => decodeText(field(at), flags);
  const lmResponse = field(AUTHENTICATE.lmAt);
  const ntResponse = field(AUTHENTICATE.ntAt);
  const sessionKey = field(AUTHENTICATE.sessionKeyAt);
  const domain = text(AUTHENTICATE.domainAt);
  const user = text(AUTHENTICATE.userAt);
  const workstation = text(AUTHENTICATE.workstationAt);
  if (lmResponse === undefined || ntResponse === undefined || sessionKey === undefined) {
    return undefined;
  }
  if (domain === undefined || user === undefined || workstation === undefined) return undefined;
  return { flags, lmResponse, ntResponse, sessionKey, domain, user, workstation };
}

/** Writes an answer; with room for a MIC, zeros for now, when `hasMic` says so. */
export function formatAuthenticate(
  answer: NtlmAuthenticate,
  options: { readonly hasMic: boolean; readonly version?: Uint8Array },
): Buffer {
  const { flags } = answer;
  const message = buildMessage(AUTHENTICATE.type, {
    fixedBytes: options.hasMic ? AUTHENTICATE.micEnd : AUTHENTICATE.micAt,
    fields: [
      [AUTHENTICATE.domainAt, encodeText(answer.domain, flags)],
      [AUTHENTICATE.userAt, encodeText(answer.user, flags)],
      [AUTHENTICATE.workstationAt, encodeText(answer.workstation, flags)],
      [AUTHENTICATE.lmAt, answer.lmResponse],
      [AUTHENTICATE.ntAt, answer.ntResponse],
      [AUTHENTICATE.sessionKeyAt, answer.sessionKey],
    ],
  });
  message.writeUInt32LE(flags, AUTHENTICATE.flagsAt);
  if (options.version !== undefined) message.set(options.version, AUTHENTICATE.versionAt);
  return message;
}

/**
 * The MIC of an answer, and the answer with zeros in its place, which the MIC is made over.
 * `undefined`: the message is too short for one.
 */
export function takeMic(
  bytes: Buffer,
): { readonly mic: Buffer; readonly unsigned: Buffer } | undefined {
  if (bytes.length < AUTHENTICATE.micEnd) return undefined;
  const mic = Buffer.from(bytes.subarray(AUTHENTICATE.micAt, AUTHENTICATE.micEnd));
  return { mic, unsigned: withMic(bytes, Buffer.alloc(MIC_BYTES)) };
}

/** The answer with that MIC in place. */
export function withMic(bytes: Buffer, mic: Uint8Array): Buffer {
  const signed = Buffer.from(bytes);
  signed.set(mic, AUTHENTICATE.micAt);
  return signed;
}

/** Code pages are the client's own secret; Latin-1 is the nearest to all of them. */
function encodeText(text: string, flags: number): Buffer {
  return hasFlag(flags, NTLM_FLAG.unicode) ? encodeUtf16(text) : Buffer.from(text, "latin1");
}

function decodeText(bytes: Buffer | undefined, flags: number): string | undefined {
  if (bytes === undefined) return undefined;
  const isUnicode = hasFlag(flags, NTLM_FLAG.unicode);
  if (isUnicode && bytes.length % 2 !== 0) return undefined;
  const text = bytes.toString(isUnicode ? "utf16le" : "latin1");
  return isIdentity(text) ? text : undefined;
}
