import { decodeUtf8, isIdentity } from "./sasl-text.ts";
import { prepareName, preparePassword } from "./saslprep.ts";
import {
  conclude,
  firstMessage,
  malformed,
  type ServerStart,
  type ServerTalk,
} from "./server-talk.ts";

/** PLAIN (RFC 4616 §2): `[authzid] NUL authcid NUL passwd`. */
export async function* talkPlain<Account>(start: ServerStart<Account>): ServerTalk<Account> {
  const text = decodeUtf8(yield* firstMessage(start.initialResponse));
  const parts = text?.split("\0") ?? [];
  const [authorize, user, password] = parts;
  if (authorize === undefined || user === undefined || password === undefined) {
    return malformed("PLAIN: not three parts of UTF-8");
  }
  if (parts.length > 3 || password === "" || !isIdentity(authorize)) {
    return malformed("PLAIN: a part too many, empty or with controls");
  }
  const prepared = prepareName(user);
  if (prepared === undefined) return malformed("PLAIN: not a user name");
  const checked = start.backend.checkPassword(prepared, preparePassword(password), authorize);
  return conclude(await checked, prepared);
}
