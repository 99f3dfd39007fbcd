import { Readable } from "node:stream";
import { arc } from "mailauth/lib/arc/index.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { evaluateDmarc } from "mailauth/lib/dmarc/index.js";
import { spf } from "mailauth/lib/spf/index.js";
import type { Clock } from "../base/clock.ts";
import { MiB, SECOND } from "../base/units.ts";
import type { Resolver } from "../dns/resolver.ts";
import { parseDomain } from "../mail/address.ts";
import { readHeaderSection } from "../mail/header-section.ts";
import { readSeals } from "./arc-seals.ts";
import { type AskNode, boundedQuestions } from "./bounded-questions.ts";
import { checkIprev } from "./iprev.ts";
import { type MessageAuthor, readAuthor } from "./message-author.ts";
import {
  type ArcResult,
  type AuthenticationQuestion,
  type AuthenticationResult,
  type DkimResult,
  type DmarcPolicy,
  type DmarcResult,
  NO_DMARC,
  RECORD_CHARACTERS_MAX,
  type SenderAuthentication,
  type SpfResult,
  spfIdentity,
  unknownAuthentication,
} from "./sender-authentication.ts";

/** Signatures of one message that are checked, from the top; the rest is not seen. */
export const SIGNATURES_MAX = 8;
/** Up to this size each signature may have a hash of its own. */
const SHARED_HASHES_BYTES = MiB;
/** All checks of one message together; past it, what is not known is a temporary error. */
export const CHECKS_MS_MAX = 20 * SECOND;
/**
 * Of that, what SPF and signatures may take: whom those ask, a forger can choose, and DNS that
 * never answers must not keep DMARC from asking about the author's domain.
 */
export const SOURCES_MS_MAX = 12 * SECOND;
const LF = 10;
/** RFC 8301 §3.2: shorter RSA keys never pass. */
const KEY_BITS_MIN = 1024;

const RESULTS: ReadonlySet<string> = new Set<AuthenticationResult>([
  "none",
  "pass",
  "fail",
  "softfail",
  "policy",
  "neutral",
  "temperror",
  "permerror",
]);

/** Where the answers of the network come from. */
export interface AuthenticationTools {
  readonly resolver: Resolver;
  readonly clock: Clock;
}

/**
 * Finds out who sent a message: SPF, DKIM, DMARC by RFC 9989, ARC and iprev. Never rejects, and
 * takes no longer than `CHECKS_MS_MAX`; an error of DNS is a temporary one, never a pass.
 */
export async function authenticateSender(
  { resolver, clock }: AuthenticationTools,
  question: AuthenticationQuestion,
): Promise<SenderAuthentication> {
  const sourcesLate = Promise.withResolvers<undefined>();
  const late = Promise.withResolvers<undefined>();
  const timers = [
    clock.startTimer(SOURCES_MS_MAX, () => sourcesLate.resolve(undefined)),
    clock.startTimer(CHECKS_MS_MAX, () => late.resolve(undefined)),
  ];
  const ask = boundedQuestions(resolver, sourcesLate.promise);
  const unknown = unknownAuthentication(question);
  // What fails in the library (hostile input that it did not foresee) is not known either.
  const inTime = <Found>(check: Promise<Found>, otherwise: Found): Promise<Found> =>
    Promise.race([check.catch(() => otherwise), late.promise.then(() => otherwise)]);
  try {
    const iprev = inTime(checkIprev(resolver, question.clientAddress), unknown.iprev);
    const spfFound = inTime(checkSpf(ask, question), unknown.spf);
    const signed =
      question.content === undefined
        ? undefined
        : await inTime(checkSignatures(ask, question.content), undefined);
    const spfResult = await spfFound;
    if (signed === undefined) return { ...unknown, spf: spfResult, iprev: await iprev };
    // Questions of its own: the others may have used up theirs.
    const found = { ...signed, spf: spfResult };
    const dmarc = await inTime(checkDmarc(boundedQuestions(resolver), found), unknown.dmarc);
    return { spf: spfResult, dkim: signed.dkim, arc: signed.arc, dmarc, iprev: await iprev };
  } finally {
    for (const timer of timers) timer.cancel();
  }
}

async function checkSpf(ask: AskNode, question: AuthenticationQuestion): Promise<SpfResult> {
  const found = await spf({
    sender: question.sender,
    ip: question.clientAddress,
    helo: question.helo,
    mta: question.serverName,
    resolver: ask,
    strict: true,
    maxElapsedTime: CHECKS_MS_MAX,
  });
  return { result: resultOf(found.status.result), ...spfIdentity(question) };
}

interface Signed {
  readonly dkim: readonly DkimResult[];
  readonly arc: ArcResult;
  readonly author: MessageAuthor;
  readonly headerFrom: string[];
  readonly fromFields: number;
}

async function checkSignatures(ask: AskNode, content: readonly Uint8Array[]): Promise<Signed> {
  const options = { resolver: ask, minBitLength: KEY_BITS_MIN, strict: true };
  const seen = asReadersSee(Buffer.concat(content));
  askForKeys(ask, seen);
  const found = await dkimVerify(Readable.from(wholeLines(seen)), options);
  const dkim = found.results.map((one): DkimResult => {
    const result = resultOf(one.status.result);
    return {
      // With l= anybody can write below what is signed (RFC 6376 §8.2): not as the signer's.
      result: result === "pass" && (one.status.underSized ?? 0) > 0 ? "policy" : result,
      domain: one.signingDomain ?? "",
      selector: one.selector ?? "",
      algorithm: one.algo ?? "",
    };
  });
  const chain = found.arc === undefined ? undefined : await arc(found.arc as never, options);
  const passed = chain?.status.result ?? "none";
  const author = readAuthor(seen);
  return {
    dkim,
    arc:
      passed === "pass"
        ? { result: "pass", seals: readSeals(found.arc, author.domain) }
        : { result: passed === "none" ? "none" : "fail" },
    author,
    headerFrom: found.headerFrom,
    fromFields: found.fromFields,
  };
}

/** Lines of one field; the time that the library takes for them grows with their square. */
const FIELD_LINES_MAX = 5000;

/** A field with very many lines in one, which says the same (RFC 5322 §2.2.3). */
function withFewLines(field: Buffer): Buffer {
  // A line has a space and CRLF at the least, and most fields have no room for so many.
  if (field.length < 2 * FIELD_LINES_MAX) return field;
  const text = field.toString("latin1");
  const lines = text.split("\n", FIELD_LINES_MAX + 1).length;
  return lines > FIELD_LINES_MAX
    ? Buffer.from(text.replaceAll(/\r?\n(?=[ \t])/g, ""), "latin1")
    : field;
}

/** The tags of a signature (RFC 6376 §3.2). */
function tagsOf(field: Buffer): ReadonlyMap<string, string> {
  const [, list = ""] = field.toString("latin1").split(/:(.*)/s, 2);
  return new Map(
    list.split(";").map((tag) => {
      const [name = "", value = ""] = tag.split(/=(.*)/s, 2);
      return [name.trim(), value.trim()];
    }),
  );
}

const PIECE_BYTES = 65_536;

/**
 * The content in pieces that end where lines do: of a line in pieces, the library would look at the
 * first ones again with each that comes, and a line as long as the message would take minutes.
 */
function* wholeLines(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(LF, at + PIECE_BYTES);
    const to = end < 0 ? content.length : end + 1;
    yield content.subarray(at, to);
    at = to;
  }
}

/**
 * Asks for the keys of all signatures at once. They are checked one after the other: a key that
 * nobody gives would keep those behind it from being asked for in time.
 */
function askForKeys(ask: AskNode, content: Buffer): void {
  for (const { name, from, to } of readHeaderSection(content).fields) {
    if (name !== "dkim-signature") continue;
    const tags = tagsOf(content.subarray(from, to));
    // Nobody waits for it here.
    ask(`${tags.get("s")}._domainkey.${tags.get("d")}`, "TXT").catch(() => undefined);
  }
}

/**
 * The content as it will be passed on: a header that ends in a line that is no field ends there for
 * every reader. Signatures beyond `SIGNATURES_MAX` are left out: each could ask for a hash of the
 * whole body, and for a key. So are those of a large body that want a part of it hashed, but the
 * first: all others share their hashes.
 */
function asReadersSee(content: Buffer): Buffer {
  const { fields, end } = readHeaderSection(content);
  const isEmptyLine = end === content.length || content[end] === LF || content[end] === 13;
  const pieces: Uint8Array[] = [];
  let signatures = 0;
  let partial = 0;
  let isAsItCame = isEmptyLine;
  for (const { name, from, to } of fields) {
    const field = withFewLines(content.subarray(from, to));
    isAsItCame &&= field.length === to - from;
    if (name === "dkim-signature") {
      if (signatures === SIGNATURES_MAX) continue;
      if (content.length > SHARED_HASHES_BYTES && tagsOf(field).has("l")) {
        partial += 1;
        if (partial > 1) continue;
      }
      signatures += 1;
    }
    pieces.push(field);
  }
  if (isAsItCame && pieces.length === fields.length) return content;
  if (!isEmptyLine) pieces.push(Buffer.from("\r\n"));
  pieces.push(content.subarray(end));
  return Buffer.concat(pieces);
}

async function checkDmarc(
  ask: AskNode,
  found: Signed & { readonly spf: SpfResult },
): Promise<DmarcResult> {
  const { headerFrom, fromFields, dkim, author } = found;
  const evaluation = await evaluateDmarc({
    headerFrom,
    fromFields,
    spfDomains: found.spf.result === "pass" ? [found.spf.domain] : [],
    dkimDomains: dkim.filter(({ result }) => result === "pass"),
    resolver: ask,
    strict: true,
  });
  const { response } = evaluation;
  const hasSeveralFrom = evaluation.reason === "multiple-from-fields";
  // RFC 9989 §5.3.1: without exactly one author's domain there is nothing to evaluate.
  if (response === false) return { ...NO_DMARC, result: "permerror", hasSeveralFrom };
  const domain = response.status.header?.from ?? "";
  const result = dmarcResultOf(response.status.result);
  const known = { ...NO_DMARC, domain, hasSeveralFrom };
  // What has been judged must be what every reader shows.
  const isAuthor = author.isClear && author.domain === parseDomain(domain);
  if (result === "pass" && !isAuthor) return { ...known, result: "permerror" };
  if (result === "none" || result === "temperror") return { ...known, result };
  const { spf: bySpf, dkim: byDkim } = response.alignment;
  return {
    ...known,
    result: result === "fail" && mightHavePassed(found, response.domain) ? "temperror" : result,
    policy: policyOf(response.policy),
    alignment: { spf: bySpf.result || undefined, dkim: byDkim.result || undefined },
    ...publishedOf(response),
  };
}

function publishedOf(response: object): Pick<DmarcResult, "published"> {
  const { policyDomain, rr } = response as { readonly policyDomain?: string; readonly rr?: string };
  if (typeof policyDomain !== "string" || typeof rr !== "string") return {};
  return { published: { domain: policyDomain, record: rr.slice(0, RECORD_CHARACTERS_MAX) } };
}

/**
 * Whether a check of the author's own organization has failed for the moment only: then a message
 * is not refused for good. Failures of other domains, which a forger can choose, don't count.
 */
function mightHavePassed(
  { spf: sender, dkim }: Pick<Signed, "dkim"> & { readonly spf: SpfResult },
  organization: string,
): boolean {
  return [sender, ...dkim].some(({ result, domain }) => {
    const name = domain.toLowerCase();
    const isOwn = name === organization || name.endsWith(`.${organization}`);
    return result === "temperror" && isOwn;
  });
}

function resultOf(text: string): AuthenticationResult {
  return RESULTS.has(text) ? (text as AuthenticationResult) : "neutral";
}

function dmarcResultOf(text: string): DmarcResult["result"] {
  return text === "none" || text === "pass" || text === "fail" ? text : "temperror";
}

function policyOf(text: string): DmarcPolicy {
  return text === "reject" || text === "quarantine" ? text : "none";
}
