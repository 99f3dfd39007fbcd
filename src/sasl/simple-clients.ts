import { formatOauthBearer, formatXoauth2 } from "./bearer-message.ts";
import {
  type ClientCredential,
  type ClientTalk,
  complete,
  midway,
  ONE_CHALLENGE_TOO_MANY,
  type PasswordCredential,
} from "./client-talk.ts";
import { encodeUtf8 } from "./sasl-text.ts";
import { preparePassword } from "./saslprep.ts";

/** PLAIN (RFC 4616 §2), acting as oneself. */
export async function* askPlain({ userName, password }: PasswordCredential): ClientTalk {
  yield complete(encodeUtf8(`\0${userName}\0${preparePassword(password)}`));
  return ONE_CHALLENGE_TOO_MANY;
}

/** LOGIN: whatever the prompts say, the first is for the name and the second for the password. */
export async function* askLogin({ userName, password }: PasswordCredential): ClientTalk {
  yield midway(undefined);
  yield midway(encodeUtf8(userName));
  yield complete(encodeUtf8(preparePassword(password)));
  return ONE_CHALLENGE_TOO_MANY;
}

/** EXTERNAL (RFC 4422 App. A): as whoever the server takes our certificate for. */
export async function* askExternal(): ClientTalk {
  yield complete(new Uint8Array());
  return ONE_CHALLENGE_TOO_MANY;
}

type TokenCredential = Extract<ClientCredential, { readonly kind: "token" }>;

/** XOAUTH2. A server that refuses says why in a challenge, and fails once we have answered it. */
export async function* askXoauth2({ userName: user, token }: TokenCredential): ClientTalk {
  yield complete(encodeUtf8(formatXoauth2({ user, token })));
  yield midway(new Uint8Array());
  return ONE_CHALLENGE_TOO_MANY;
}

/** OAUTHBEARER (RFC 7628 §3.1, §3.2.3): the answer to a refusal is one ^A. */
export async function* askOauthBearer({ userName: user, token }: TokenCredential): ClientTalk {
  yield complete(encodeUtf8(formatOauthBearer({ user, token })));
  yield midway(Uint8Array.of(1));
  return ONE_CHALLENGE_TOO_MANY;
}
