import {
  type ClientStart,
  type ClientTalk,
  complete,
  midway,
  ONE_CHALLENGE_TOO_MANY,
  type PasswordCredential,
} from "./client-talk.ts";
import { ntlmChannelBindings } from "./ntlm-channel-binding.ts";
import { commonFlags, hasFlag, joinFlags, NTLM_FLAG } from "./ntlm-flags.ts";
import { hmacMd5, type NtlmIdentity, ntHash } from "./ntlm-hash.ts";
import {
  formatAuthenticate,
  formatNegotiate,
  type NtlmChallenge,
  parseChallenge,
  withMic,
} from "./ntlm-message.ts";
import { answerV2 } from "./ntlm-response.ts";
import { AV, answerServer, findPair, formatFileTime } from "./ntlm-target-info.ts";

const CLIENT_CHALLENGE_BYTES = 8;
const LM_RESPONSE_BYTES = 24;
/** The kind of service in a principal of SMTP (MS-SMTPNTLM). */
const SERVICE = "SMTPSVC";
/** No key exchange: nothing is signed or sealed after the logon. */
const WANTED = joinFlags(
  NTLM_FLAG.unicode,
  NTLM_FLAG.requestTarget,
  NTLM_FLAG.ntlm,
  NTLM_FLAG.alwaysSign,
  NTLM_FLAG.extendedSessionSecurity,
  NTLM_FLAG.targetInfo,
  NTLM_FLAG.encryption128,
  NTLM_FLAG.encryption56,
);

/** NTLM v2, never less (MS-NLMP §3.1.5.1). A user is `user`, `DOMAIN\user` or `user@domain`. */
export async function* askNtlm(credential: PasswordCredential, start: ClientStart): ClientTalk {
  const negotiate = formatNegotiate(WANTED);
  const challengeBytes = Buffer.from(yield midway(negotiate));
  const challenge = parseChallenge(challengeBytes);
  if (challenge === undefined) return "the server's message is no challenge of NTLM";
  if (!hasFlag(challenge.flags, NTLM_FLAG.unicode)) return "the server knows no Unicode";
  yield complete(authenticate(credential, { start, negotiate, challenge, challengeBytes }));
  return ONE_CHALLENGE_TOO_MANY;
}

function authenticate(
  { userName, password }: PasswordCredential,
  exchange: {
    readonly start: ClientStart;
    readonly negotiate: Buffer;
    readonly challenge: Omit<NtlmChallenge, "targetName">;
    readonly challengeBytes: Buffer;
  },
): Buffer {
  const { start, negotiate, challenge, challengeBytes } = exchange;
  const identity = splitUserName(userName);
  const timestamp = findPair(challenge.targetInfo, AV.timestamp);
  // A server that sends the time checks a MIC, and wants no response of the old kind.
  const hasMic = timestamp !== undefined && timestamp.length === 8;
  const clientChallenge = start.randomBytes(CLIENT_CHALLENGE_BYTES);
  const answer = answerV2(
    { ...identity, hash: ntHash(password), clientChallenge },
    {
      serverChallenge: challenge.serverChallenge,
      timestamp: hasMic ? timestamp : formatFileTime(start.nowMs()),
      pairs: answerServer(challenge.targetInfo, {
        channelBindings: ntlmChannelBindings(start.binding("tls-server-end-point")),
        targetName: `${SERVICE}/${start.hostName}`,
        hasMic,
      }),
    },
  );
  const message = formatAuthenticate(
    {
      ...identity,
      flags: commonFlags(WANTED, challenge.flags),
      lmResponse: hasMic ? Buffer.alloc(LM_RESPONSE_BYTES) : answer.lmResponse,
      ntResponse: answer.ntResponse,
      workstation: "",
      sessionKey: Buffer.alloc(0),
    },
    { hasMic },
  );
  if (!hasMic) return message;
  return withMic(message, hmacMd5(answer.sessionBaseKey, negotiate, challengeBytes, message));
}

function splitUserName(userName: string): NtlmIdentity {
  const at = userName.indexOf("\\");
  if (at < 0) return { user: userName, domain: "" };
  return { user: userName.slice(at + 1), domain: userName.slice(0, at) };
}
