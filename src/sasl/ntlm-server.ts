import { judgeChannel } from "./ntlm-channel-binding.ts";
import { commonFlags, hasFlag, joinFlags, NTLM_FLAG } from "./ntlm-flags.ts";
import { hmacMd5 } from "./ntlm-hash.ts";
import {
  formatChallenge,
  type NtlmAuthenticate,
  parseAuthenticate,
  parseNegotiate,
  takeMic,
} from "./ntlm-message.ts";
import {
  exportedSessionKey,
  provesV1,
  provesV2,
  readProof,
  sessionBaseKeyV2,
} from "./ntlm-response.ts";
import { AV, type AvPair, describeServer, findPair, saysMic } from "./ntlm-target-info.ts";
import { equalInConstantTime } from "./sasl-text.ts";
import {
  conclude,
  firstMessage,
  malformed,
  refused,
  type ServerEnd,
  type ServerStart,
  type ServerTalk,
  unavailable,
} from "./server-talk.ts";

const CHALLENGE_BYTES = 8;
/** Nobody's: an unknown user is checked against it, so that he takes as long as a known one. */
const NO_HASH = Buffer.alloc(16);
/** What we grant when the client asks for it; nothing is signed or sealed after the logon. */
const GRANTED = joinFlags(
  NTLM_FLAG.requestTarget,
  NTLM_FLAG.sign,
  NTLM_FLAG.seal,
  NTLM_FLAG.alwaysSign,
  NTLM_FLAG.extendedSessionSecurity,
  NTLM_FLAG.encryption128,
  NTLM_FLAG.keyExchange,
  NTLM_FLAG.encryption56,
);

/** The three messages as they passed, which a MIC is made over. */
interface Transcript {
  readonly negotiate: Buffer;
  readonly challenge: Buffer;
  readonly serverChallenge: Buffer;
  readonly authenticate: Buffer;
}

/** NTLM, as SMTP carries it (MS-NLMP §3.2, MS-SMTPNTLM §3.2): v2, and v1 where that is allowed. */
export async function* talkNtlm<Account>(start: ServerStart<Account>): ServerTalk<Account> {
  const negotiate = Buffer.from(yield* firstMessage(start.initialResponse));
  const offered = parseNegotiate(negotiate);
  const flags = offered === undefined ? undefined : chooseFlags(offered);
  if (flags === undefined) return malformed("NTLM: not a negotiate message");
  const serverChallenge = Buffer.from(start.randomBytes(CHALLENGE_BYTES));
  const { domainName, computerName } = start.backend.ntlm;
  const server = { domainName, computerName, hostName: start.hostName, nowMs: start.nowMs() };
  const challenge = formatChallenge({
    flags,
    serverChallenge,
    targetName: domainName,
    targetInfo: describeServer(server),
  });
  const authenticate = Buffer.from(yield challenge);
  const answer = parseAuthenticate(authenticate);
  if (answer === undefined) return malformed("NTLM: not an authenticate message");
  return checkAnswer(start, answer, { negotiate, challenge, serverChallenge, authenticate });
}

function chooseFlags(offered: number): number | undefined {
  const text = hasFlag(offered, NTLM_FLAG.unicode) ? NTLM_FLAG.unicode : NTLM_FLAG.oem;
  if (!hasFlag(offered, text)) return undefined;
  const ours = joinFlags(NTLM_FLAG.ntlm, NTLM_FLAG.targetInfo, NTLM_FLAG.targetTypeDomain);
  return joinFlags(text, ours, commonFlags(offered, GRANTED));
}

async function checkAnswer<Account>(
  start: ServerStart<Account>,
  answer: NtlmAuthenticate,
  transcript: Transcript,
): Promise<ServerEnd<Account>> {
  const { backend } = start;
  const { user, domain } = answer;
  const proof = readProof(answer);
  if (proof === undefined) return malformed("NTLM: not a response");
  if (user === "" || hasFlag(answer.flags, NTLM_FLAG.anonymous)) {
    return refused(user, "anonymous");
  }
  if (proof.kind === "none") return refused(user, "only a response of LAN Manager, or none");
  if (proof.kind === "v1" && !backend.ntlm.v1Allowed) {
    return refused(user, "NTLM v1, which is not allowed here");
  }
  const hashes = await backend.findNtHashes(user, domain);
  if (hashes === "temporary") return unavailable("NTLM: no hash to be had now");
  const proves = proof.kind === "v1" ? provesV1 : provesV2;
  const { serverChallenge } = transcript;
  const fits = (hash: Uint8Array): boolean => proves(answer, { hash, serverChallenge });
  const hashIndex = (hashes.length === 0 ? [NO_HASH] : hashes).findIndex(fits);
  const hash = hashes[hashIndex];
  if (hash === undefined) return refused(user, "wrong password or unknown user");

  const pairs = proof.kind === "v2" ? proof.pairs : [];
  if (!isUntouched(pairs, { answer, hash, transcript })) {
    return refused(user, "a message was changed on its way");
  }
  const wrong = judgeChannel(findPair(pairs, AV.channelBindings), {
    policy: backend.channelBindingPolicy,
    serverEndPoint: start.binding("tls-server-end-point"),
  });
  if (wrong !== undefined) return refused(user, wrong);
  const by = { mechanism: "NTLM", hashIndex, domain } as const;
  return conclude(await backend.admitProved(user, "", by), user);
}

/** Whether the MIC fits, where there is one: the pair that says so is part of the proof. */
function isUntouched(
  pairs: readonly AvPair[],
  {
    answer,
    hash,
    transcript,
  }: {
    readonly answer: NtlmAuthenticate;
    readonly hash: Uint8Array;
    readonly transcript: Transcript;
  },
): boolean {
  if (!saysMic(pairs)) return true;
  const taken = takeMic(transcript.authenticate);
  if (taken === undefined) return false;
  const key = exportedSessionKey(answer, sessionBaseKeyV2(answer, hash));
  const { negotiate, challenge } = transcript;
  return equalInConstantTime(taken.mic, hmacMd5(key, negotiate, challenge, taken.unsigned));
}
