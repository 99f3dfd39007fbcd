import { randomBytes } from "node:crypto";
import { assert, unreachable } from "../base/assert.ts";
import { talkOauthBearer, talkXoauth2 } from "./bearer-server.ts";
import { talkExternal } from "./external-server.ts";
import { talkGssapi } from "./gssapi-server.ts";
import { talkLogin } from "./login-server.ts";
import type {
  CredentialBackend,
  ExchangeMeans,
  MechanismName,
  SaslChannel,
  ServerExchange,
  ServerStep,
} from "./mechanism.ts";
import { talkNtlm } from "./ntlm-server.ts";
import { talkPlain } from "./plain-server.ts";
import { talkScram } from "./scram-server.ts";
import { malformed, type ServerEnd, type ServerStart, type ServerTalk } from "./server-talk.ts";

/** Bytes of one message; what a line of RFC 4954 §4 holds is less once base64 is off. */
const MESSAGE_BYTES_MAX = 12 * 1024;

function startTalk<Account>(name: MechanismName, start: ServerStart<Account>): ServerTalk<Account> {
  switch (name) {
    case "EXTERNAL":
      return talkExternal(start);
    case "GSSAPI":
      return talkGssapi(start);
    case "SCRAM-SHA-256-PLUS":
    case "SCRAM-SHA-256":
    case "SCRAM-SHA-1-PLUS":
    case "SCRAM-SHA-1":
      return talkScram(name, start);
    case "OAUTHBEARER":
      return talkOauthBearer(start);
    case "XOAUTH2":
      return talkXoauth2(start);
    case "NTLM":
      return talkNtlm(start);
    case "PLAIN":
      return talkPlain(start);
    case "LOGIN":
      return talkLogin(start);
    default:
      return unreachable(name);
  }
}

/**
 * The server's side of one exchange with that mechanism. What the client sends never makes it
 * throw; it rejects only when the backend does.
 */
export function createServerExchange<Account>(
  name: MechanismName,
  backend: CredentialBackend<Account>,
  channel: SaslChannel,
  means: ExchangeMeans,
): ServerExchange<Account> {
  let talk: ServerTalk<Account> | undefined;
  let state: "idle" | "asked" | "over" = "idle";

  async function proceed(response: Uint8Array | undefined): Promise<ServerStep<Account>> {
    if (talk !== undefined) {
      assert(response !== undefined, "a response to each challenge");
      return readStep(await talk.next(response));
    }
    talk = startTalk(name, {
      initialResponse: response,
      backend,
      binding: channel.binding,
      offersPlus: channel.offersPlus,
      hostName: channel.hostName,
      nowMs: () => means.clock.nowMs(),
      randomBytes: means.randomBytes ?? randomBytes,
    });
    return readStep(await talk.next());
  }

  function cancel(): void {
    state = "over";
    // A talk that waits for the backend ends as soon as that has answered.
    talk?.return(malformed("given up")).catch(() => undefined);
  }

  return {
    async next(response) {
      assert(state === "idle", "one call after another, and none after the end");
      if (response !== undefined && response.length > MESSAGE_BYTES_MAX) {
        cancel();
        return malformed(`${name}: message too long`);
      }
      state = "asked";
      const step = await proceed(response);
      if (step.kind === "challenge" && state === "asked") state = "idle";
      return step;
    },
    cancel,
  };
}

function readStep<Account>(
  result: IteratorResult<Uint8Array, ServerEnd<Account>>,
): ServerStep<Account> {
  return result.done === true ? result.value : { kind: "challenge", bytes: result.value };
}
