import { fault, ok, type Result } from "../base/result.ts";
import type { CredentialBackend, GssapiAcceptor, GssapiContext } from "./mechanism.ts";
import { decodeUtf8, encodeUtf8, isIdentity } from "./sasl-text.ts";
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

/** Only "no security layer" (bit 1), hence a buffer of 0 bytes (RFC 4752 §3.3): TLS protects. */
const NO_LAYER = 1;
const LAYERS_OFFERED = Uint8Array.of(NO_LAYER, 0, 0, 0);
/** Kerberos needs one or two; each costs a question to another process. */
const ROUNDS_MAX = 8;

/** GSSAPI, which is Kerberos (RFC 4752 §3). */
export async function* talkGssapi<Account>(start: ServerStart<Account>): ServerTalk<Account> {
  const acceptor = start.backend.gssapi;
  if (acceptor === undefined) return unavailable("GSSAPI: no keytab");
  // Contexts are few: who only asks for one, and never comes with a ticket, gets none.
  const token = yield* firstMessage(start.initialResponse);
  const opened = await openContext(acceptor, start);
  if (!opened.ok) return unavailable(opened.fault);
  try {
    return yield* talkContext(start, opened.value, token);
  } finally {
    opened.value.close();
  }
}

function openContext<Account>(
  acceptor: GssapiAcceptor,
  { backend, binding, hostName }: ServerStart<Account>,
): Promise<Result<GssapiContext, string>> {
  const data =
    backend.channelBindingPolicy === "None" ? undefined : binding("tls-server-end-point");
  const channelBinding = data && Buffer.concat([encodeUtf8("tls-server-end-point:"), data]);
  return asked(acceptor.open({ hostName, channelBinding }));
}

/** What Kerberos answers; the fault, for our log, is why it does not. */
function asked<Value>(call: Promise<Value>): Promise<Result<Value, string>> {
  return call.then(ok, (error: unknown) => {
    return fault(`GSSAPI: ${error instanceof Error ? error.message : String(error)}`);
  });
}

async function* talkContext<Account>(
  start: ServerStart<Account>,
  context: GssapiContext,
  firstToken: Uint8Array,
): ServerTalk<Account> {
  let token = firstToken;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const answer = await asked(context.accept(token));
    if (!answer.ok) return unavailable(answer.fault);
    const accepted = answer.value;
    if (!accepted.ok) return refused("", accepted.detail);
    if (accepted.principal === undefined) {
      token = yield accepted.token;
      continue;
    }
    // The client answers our last token with nothing (RFC 4752 §3.2).
    if (accepted.token.length > 0 && (yield accepted.token).length > 0) {
      return malformed("GSSAPI: more than was asked for");
    }
    const { principal, channelBound } = accepted;
    if (isUnbound(start.backend.channelBindingPolicy, channelBound)) {
      return refused(principal, "not bound to the channel, as Extended Protection requires");
    }
    return yield* talkLayers(start, context, principal);
  }
  return malformed("GSSAPI: too many rounds");
}

function isUnbound(
  policy: CredentialBackend<unknown>["channelBindingPolicy"],
  channelBound: boolean,
): boolean {
  return policy === "Require" && !channelBound;
}

/** The security layer is chosen and the client says whom to act as (RFC 4752 §3.2, §3.3). */
async function* talkLayers<Account>(
  start: ServerStart<Account>,
  context: GssapiContext,
  principal: string,
): ServerTalk<Account> {
  const offer = await asked(context.wrap(LAYERS_OFFERED));
  if (!offer.ok) return unavailable(offer.fault);
  const choice = await asked(context.unwrap(yield offer.value));
  if (!choice.ok) return unavailable(choice.fault);
  if (choice.value === undefined) {
    return refused(principal, "the choice of layer was tampered with");
  }
  const authorize = parseLayerChoice(choice.value);
  if (authorize === undefined) return malformed("GSSAPI: chose a layer that was not offered");
  return admit(start, { principal, authorize });
}

/**
 * The authorization identity behind the client's choice; `undefined`: no choice of ours. The size
 * of its buffer means nothing without a layer; Java's clients name one all the same, although
 * RFC 4752 §3.1 wants 0.
 */
function parseLayerChoice(choice: Uint8Array): string | undefined {
  if (choice.length < LAYERS_OFFERED.length || choice[0] !== NO_LAYER) return undefined;
  const authorize = decodeUtf8(choice.subarray(LAYERS_OFFERED.length));
  // Some clients end it like a C string, although the RFC says not to.
  const text = authorize?.replace(/\0$/, "");
  return text === undefined || !isIdentity(text) ? undefined : text;
}

async function admit<Account>(
  { backend }: ServerStart<Account>,
  { principal, authorize }: { readonly principal: string; readonly authorize: string },
): Promise<ServerEnd<Account>> {
  const at = principal.lastIndexOf("@");
  const user = at < 0 ? principal : principal.slice(0, at);
  const domain = at < 0 ? "" : principal.slice(at + 1);
  const by = { mechanism: "GSSAPI", domain } as const;
  return conclude(await backend.admitProved(user, authorize, by), user);
}
