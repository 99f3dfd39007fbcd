import { hasFlag, NTLM_FLAG } from "./ntlm-flags.ts";
import { desl, hmacMd5, mixedChallenge, type NtlmIdentity, ntlmV2Key } from "./ntlm-hash.ts";
import type { NtlmAuthenticate } from "./ntlm-message.ts";
import { type AvPair, formatTargetInfo, parseTargetInfo } from "./ntlm-target-info.ts";
import { rc4 } from "./rc4.ts";
import { equalInConstantTime } from "./sasl-text.ts";

const PROOF_BYTES = 16;
/** What is before the pairs in v2's blob: version, time, client's challenge (MS-NLMP §2.2.2.7). */
const BLOB_HEAD_BYTES = 28;
const BLOB_TAIL_BYTES = 4;
const V1_BYTES = 24;
const CLIENT_CHALLENGE_BYTES = 8;

/** What an answer proves its user with. */
export type NtlmProof =
  | { readonly kind: "v1" }
  | { readonly kind: "v2"; readonly pairs: readonly AvPair[] }
  | { readonly kind: "none" };

/** Which version an answer is of; `undefined`: its blob is none. */
export function readProof({ ntResponse }: NtlmAuthenticate): NtlmProof | undefined {
  if (ntResponse.length === V1_BYTES) return { kind: "v1" };
  // LAN Manager's response alone proves nothing that we would believe.
  if (ntResponse.length === 0) return { kind: "none" };
  const blob = ntResponse.subarray(PROOF_BYTES);
  if (blob.length < BLOB_HEAD_BYTES || blob[0] !== 1 || blob[1] !== 1) return undefined;
  const pairs = parseTargetInfo(blob.subarray(BLOB_HEAD_BYTES));
  return pairs && { kind: "v2", pairs };
}

/** Whether one who knows the hash has answered the challenge with v2 (MS-NLMP §3.3.2). */
export function provesV2(
  answer: NtlmAuthenticate,
  { hash, serverChallenge }: { readonly hash: Uint8Array; readonly serverChallenge: Uint8Array },
): boolean {
  const key = ntlmV2Key(hash, answer);
  const proof = answer.ntResponse.subarray(0, PROOF_BYTES);
  const blob = answer.ntResponse.subarray(PROOF_BYTES);
  return equalInConstantTime(proof, hmacMd5(key, serverChallenge, blob));
}

/** Whether one who knows the hash has answered the challenge with v1 (MS-NLMP §3.3.1). */
export function provesV1(
  answer: NtlmAuthenticate,
  { hash, serverChallenge }: { readonly hash: Uint8Array; readonly serverChallenge: Uint8Array },
): boolean {
  const isExtended =
    hasFlag(answer.flags, NTLM_FLAG.extendedSessionSecurity) &&
    answer.lmResponse.length === V1_BYTES;
  const block = isExtended
    ? mixedChallenge(serverChallenge, answer.lmResponse.subarray(0, CLIENT_CHALLENGE_BYTES))
    : serverChallenge;
  return equalInConstantTime(answer.ntResponse, desl(hash, block));
}

/** The client's answer by v2. */
export interface V2Answer {
  readonly ntResponse: Buffer;
  /** For servers that are too old to send a timestamp. */
  readonly lmResponse: Buffer;
  /** SessionBaseKey, which v2 exchanges keys by as it is. */
  readonly sessionBaseKey: Buffer;
}

/** Answers a challenge by v2 (MS-NLMP §3.3.2). */
export function answerV2(
  client: NtlmIdentity & { readonly hash: Uint8Array; readonly clientChallenge: Uint8Array },
  server: {
    readonly serverChallenge: Uint8Array;
    /** FILETIME, the server's where it has sent one. */
    readonly timestamp: Uint8Array;
    readonly pairs: readonly AvPair[];
  },
): V2Answer {
  const key = ntlmV2Key(client.hash, client);
  const blob = Buffer.concat([
    Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0),
    server.timestamp,
    client.clientChallenge,
    Buffer.alloc(4),
    formatTargetInfo(server.pairs),
    Buffer.alloc(BLOB_TAIL_BYTES),
  ]);
  const proof = hmacMd5(key, server.serverChallenge, blob);
  const lmProof = hmacMd5(key, server.serverChallenge, client.clientChallenge);
  return {
    ntResponse: Buffer.concat([proof, blob]),
    lmResponse: Buffer.concat([lmProof, client.clientChallenge]),
    sessionBaseKey: hmacMd5(key, proof),
  };
}

/** SessionBaseKey of a v2 answer, as the server works it out. */
export function sessionBaseKeyV2(answer: NtlmAuthenticate, hash: Uint8Array): Buffer {
  return hmacMd5(ntlmV2Key(hash, answer), answer.ntResponse.subarray(0, PROOF_BYTES));
}

/** ExportedSessionKey: the client's own choice, where keys are exchanged (MS-NLMP §3.1.5.1.2). */
export function exportedSessionKey(answer: NtlmAuthenticate, sessionBaseKey: Buffer): Buffer {
  const isExchanged =
    hasFlag(answer.flags, NTLM_FLAG.keyExchange) && answer.sessionKey.length === PROOF_BYTES;
  return isExchanged ? rc4(sessionBaseKey, answer.sessionKey) : sessionBaseKey;
}
