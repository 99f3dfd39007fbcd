import { decodeUtf8, isIdentity } from "./sasl-text.ts";
import {
  conclude,
  firstMessage,
  malformed,
  type ServerStart,
  type ServerTalk,
} from "./server-talk.ts";

/** EXTERNAL (RFC 4422 App. A): the client's certificate says who, the response as whom. */
export async function* talkExternal<Account>(start: ServerStart<Account>): ServerTalk<Account> {
  const authorize = decodeUtf8(yield* firstMessage(start.initialResponse));
  if (authorize === undefined || !isIdentity(authorize)) {
    return malformed("EXTERNAL: not an authorization identity");
  }
  return conclude(await start.backend.checkCertificate(authorize), authorize);
}
