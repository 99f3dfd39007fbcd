import { randomBytes } from "node:crypto";
import { assert, unreachable } from "../base/assert.ts";
import { fault, ok } from "../base/result.ts";
import type { ClientCredential, ClientStart, ClientTalk } from "./client-talk.ts";
import type { ClientExchange, ExchangeMeans, MechanismName, SaslChannel } from "./mechanism.ts";
import { askNtlm } from "./ntlm-client.ts";
import { askScram } from "./scram-client.ts";
import { askExternal, askLogin, askOauthBearer, askPlain, askXoauth2 } from "./simple-clients.ts";

/** Bytes of a challenge; a target information of NTLM is the longest. */
const CHALLENGE_BYTES_MAX = 12 * 1024;

/**
 * The client's side of one exchange. The mechanism must fit the credential: a token for OAUTHBEARER
 * and XOAUTH2, a certificate for EXTERNAL, a password for the others but GSSAPI, which has none.
 */
export function createClientExchange(
  mechanism: MechanismName,
  credential: ClientCredential,
  channel: SaslChannel,
  means: ExchangeMeans,
): ClientExchange {
  const talk = startTalk(mechanism, credential, {
    binding: channel.binding,
    offersPlus: channel.offersPlus,
    hostName: channel.hostName,
    nowMs: () => means.clock.nowMs(),
    randomBytes: means.randomBytes ?? randomBytes,
  });
  let isComplete = false;
  return {
    mechanism,
    get isComplete() {
      return isComplete;
    },
    async start() {
      const first = await talk.next();
      assert(first.done !== true, "a mechanism begins with a move");
      isComplete = first.value.isComplete;
      return first.value.bytes;
    },
    async next(challenge) {
      isComplete = false;
      if (challenge.length > CHALLENGE_BYTES_MAX)
        return fault("the server's challenge is too long");
      const answer = await talk.next(challenge);
      if (answer.done === true) return fault(answer.value);
      assert(answer.value.bytes !== undefined, "only the start may be left to the server");
      isComplete = answer.value.isComplete;
      return ok(answer.value.bytes);
    },
  };
}

function startTalk(
  mechanism: MechanismName,
  credential: ClientCredential,
  start: ClientStart,
): ClientTalk {
  switch (credential.kind) {
    case "certificate":
      assert(mechanism === "EXTERNAL", "a certificate is shown by EXTERNAL");
      return askExternal();
    case "token":
      assert(mechanism === "XOAUTH2" || mechanism === "OAUTHBEARER", "a token needs OAuth");
      return mechanism === "XOAUTH2" ? askXoauth2(credential) : askOauthBearer(credential);
    case "password":
      break;
    default:
      return unreachable(credential);
  }
  switch (mechanism) {
    case "SCRAM-SHA-256-PLUS":
    case "SCRAM-SHA-256":
    case "SCRAM-SHA-1-PLUS":
    case "SCRAM-SHA-1":
      return askScram(mechanism, credential, start);
    case "NTLM":
      return askNtlm(credential, start);
    case "PLAIN":
      return askPlain(credential);
    case "LOGIN":
      return askLogin(credential);
    default:
      assert(false, `${mechanism} does not log on by password`);
  }
}
