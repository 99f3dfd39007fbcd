import type { ChannelBindingType } from "../base/channel-binding.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { Gs2Header } from "./gs2-header.ts";
import type { MechanismName, ScramKeyPair, ScramVerifiers } from "./mechanism.ts";
import { decodeUtf8, encodeUtf8, equalInConstantTime } from "./sasl-text.ts";
import { prepareName } from "./saslprep.ts";
import { hash, hmac, type ScramDigest, xor } from "./scram-keys.ts";
import {
  type ClientFinal,
  type ClientFirst,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
} from "./scram-message.ts";
import { type ScramMechanism, scramVariant } from "./scram-variant.ts";
import {
  conclude,
  EMPTY,
  firstMessage,
  malformed,
  refused,
  type ServerStart,
  type ServerTalk,
  unavailable,
} from "./server-talk.ts";

const BINDING_TYPES: readonly ChannelBindingType[] = [
  "tls-exporter",
  "tls-unique",
  "tls-server-end-point",
];
/** 144 bits, which base64 fills without padding. */
const NONCE_BYTES = 18;

/** What sets one SCRAM mechanism apart from another. */
export interface ScramRules {
  readonly mechanism: MechanismName;
  readonly digest: ScramDigest;
  /** The -PLUS variant: the client must bind. */
  readonly isPlus: boolean;
  /** Our part of the nonce. */
  readonly nonce: string;
  readonly findVerifiers: (user: string) => Promise<ScramVerifiers | "temporary">;
}

/** SCRAM with the hash and the binding that the name says (RFC 5802, RFC 7677). */
export function talkScram<Account>(
  mechanism: ScramMechanism,
  start: ServerStart<Account>,
): ServerTalk<Account> {
  const { digest, isPlus } = scramVariant(mechanism);
  return talkScramBy(start, {
    mechanism,
    digest,
    isPlus,
    nonce: Buffer.from(start.randomBytes(NONCE_BYTES)).toString("base64"),
    findVerifiers: (user) => start.backend.findScram(user, digest),
  });
}

/** SCRAM (RFC 5802 §5). Errors are told by the reply, which all clients understand, not by `e=`. */
export async function* talkScramBy<Account>(
  start: ServerStart<Account>,
  rules: ScramRules,
): ServerTalk<Account> {
  const first = parseClientFirst(decodeUtf8(yield* firstMessage(start.initialResponse)) ?? "");
  if (first === undefined) return malformed("SCRAM: not a first message");
  const user = prepareName(first.name);
  if (user === undefined) return malformed("SCRAM: not a user name");
  const binding = expectBinding(first.header, start, rules);
  if (!binding.ok) return refused(user, binding.fault);
  const verifiers = await rules.findVerifiers(user);
  if (verifiers === "temporary") return unavailable("SCRAM: no verifier to be had now");

  const nonce = first.nonce + rules.nonce;
  const { salt, iterationCount, keys } = verifiers;
  const serverFirst = formatServerFirst({ nonce, salt: Buffer.from(salt), iterationCount });
  const final = parseClientFinal(decodeUtf8(yield encodeUtf8(serverFirst)) ?? "");
  if (final === undefined) return malformed("SCRAM: not a final message");
  if (final.nonce !== nonce) return malformed("SCRAM: not our nonce");
  if (!equalInConstantTime(final.binding, binding.value)) {
    return refused(user, "bound to another channel: somebody may be in between");
  }

  const signed = signedText(first, serverFirst, final);
  const hashIndex = findProved(final.proof, signed, { keys, digest: rules.digest });
  const proved = keys[hashIndex];
  if (proved === undefined) return refused(user, "wrong password or unknown user");
  const by = { mechanism: rules.mechanism, hashIndex };
  const checked = await start.backend.admitProved(user, first.header.authorize, by);
  if (checked.kind !== "known") return conclude(checked, user);
  const signature = hmac(rules.digest, proved.serverKey, signed).toString("base64");
  // SMTP has no place for it in its 235 (RFC 4954 §4): it goes as one more challenge.
  const last = yield encodeUtf8(`v=${signature}`);
  return last.length === EMPTY.length ? conclude(checked, user) : malformed("SCRAM: too much");
}

/** What the client's `c=` has to be; or why the client may not go on (RFC 5802 §6). */
function expectBinding(
  header: Gs2Header,
  start: Pick<ServerStart<unknown>, "binding" | "offersPlus">,
  { isPlus }: ScramRules,
): Result<Buffer, string> {
  const { flag, text } = header;
  if (typeof flag === "object") {
    if (!isPlus) return fault("binds without having asked for -PLUS");
    const type = BINDING_TYPES.find((known) => known === flag.bindsTo);
    const data = type && start.binding(type);
    if (data === undefined) return fault("binds to what this channel has not got");
    return ok(Buffer.concat([encodeUtf8(text), data]));
  }
  if (isPlus) return fault("asked for -PLUS without binding");
  if (flag === "y" && start.offersPlus) {
    return fault("thinks that we cannot bind: somebody has cut -PLUS out of our offer");
  }
  return ok(encodeUtf8(text));
}

/** AuthMessage, which both sides sign (RFC 5802 §3). */
function signedText(first: ClientFirst, serverFirst: string, final: ClientFinal): string {
  return `${first.bare},${serverFirst},${final.withoutProof}`;
}

/** The place of the keys that the proof is of, -1 for none. Looks at all, wherever it is found. */
function findProved(
  proof: Buffer,
  signed: string,
  { keys, digest }: { readonly keys: readonly ScramKeyPair[]; readonly digest: ScramDigest },
): number {
  const fits = keys.map(({ storedKey }) => {
    const signature = hmac(digest, storedKey, signed);
    if (proof.length !== signature.length) return false;
    return equalInConstantTime(hash(digest, xor(proof, signature)), storedKey);
  });
  return fits.indexOf(true);
}
