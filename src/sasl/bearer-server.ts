import { type BearerMessage, parseOauthBearer, parseXoauth2 } from "./bearer-message.ts";
import { decodeUtf8, encodeUtf8 } from "./sasl-text.ts";
import {
  conclude,
  firstMessage,
  malformed,
  refused,
  type ServerEnd,
  type ServerStart,
  type ServerTalk,
} from "./server-talk.ts";

const OAUTHBEARER_ERROR = encodeUtf8(JSON.stringify({ status: "invalid_token" }));
const XOAUTH2_ERROR = encodeUtf8(JSON.stringify({ status: "401", schemes: "bearer" }));

/** OAUTHBEARER (RFC 7628 §3). */
export function talkOauthBearer<Account>(start: ServerStart<Account>): ServerTalk<Account> {
  return talkBearer(start, {
    name: "OAUTHBEARER",
    parse: parseOauthBearer,
    error: OAUTHBEARER_ERROR,
  });
}

/** XOAUTH2, as Google and Microsoft publish it. */
export function talkXoauth2<Account>(start: ServerStart<Account>): ServerTalk<Account> {
  return talkBearer(start, { name: "XOAUTH2", parse: parseXoauth2, error: XOAUTH2_ERROR });
}

async function* talkBearer<Account>(
  start: ServerStart<Account>,
  mechanism: {
    readonly name: string;
    readonly parse: (text: string) => BearerMessage | undefined;
    readonly error: Uint8Array;
  },
): ServerTalk<Account> {
  const text = decodeUtf8(yield* firstMessage(start.initialResponse));
  const message = text === undefined ? undefined : mechanism.parse(text);
  if (message === undefined) return malformed(`${mechanism.name}: not its message`);
  const end = await checkToken(start, message);
  // The client learns why in a challenge, answers with a dummy, and only then has failed
  // (RFC 7628 §3.2.3). Nothing of the answer matters.
  if (end.kind === "failed" && end.fault.kind === "credentials") yield mechanism.error;
  return end;
}

async function checkToken<Account>(
  start: ServerStart<Account>,
  { user, token }: BearerMessage,
): Promise<ServerEnd<Account>> {
  if (token === "") return refused(user, "no token");
  return conclude(await start.backend.checkToken(user, token), user);
}
