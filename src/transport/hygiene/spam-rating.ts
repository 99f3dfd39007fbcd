import { unreachable } from "../../base/assert.ts";
import { fault, ok, type Result } from "../../base/result.ts";
import { MiB, SECOND } from "../../base/units.ts";
import { CONTENT_LIMITS, type ContentLimitFault } from "../../content/content-limits.ts";
import type { ContentTask } from "../../content/content-work.ts";
import type { SpamFindings, SpamQuestion } from "../../content/spam-signs.ts";
import type { Resolver } from "../../dns/resolver.ts";
import type { SenderAuthentication } from "../../mailauth/sender-authentication.ts";
import type { ContentFilterConfig, ContentFilterPhrase } from "../../org/scanner-settings.ts";
import { type RspamdFacts, scanByRspamd } from "../../scan/rspamd.ts";
import type { RspamdRating } from "../../scan/rspamd-answer.ts";
import { parseScanEndpoint } from "../../scan/scan-endpoint.ts";
import type { ScanFault } from "../../scan/scan-fault.ts";
import type { ScanPeer } from "../../scan/scan-peer.ts";
import { scanBySpamd } from "../../scan/spamd.ts";
import type { IncomingMessage } from "../agents/receive-agent.ts";
import { findListedLinks } from "./link-lists.ts";
import type { ScanTools } from "./milter-line.ts";
import { leastLevelOf, spamLevel } from "./spam-level.ts";

/** What rates mail. */
export interface RatingTools extends ScanTools {
  readonly resolver: Resolver;
  /** Off the listeners' threads. */
  readonly findSigns: ContentTask<SpamQuestion, Result<SpamFindings, ContentLimitFault>>;
}

/** A message as it was rated. */
export interface SpamRating {
  /** 0 to 9. */
  readonly level: number;
  /** `name:value` pairs for the report. */
  readonly report: readonly string[];
  /** What rspamd wants done besides. */
  readonly rspamd?: RspamdRating;
}

const CONNECT_TIMEOUT_MS = 5 * SECOND;
/** Our own rules don't read larger messages: spam is small (reference §9.6: 11 MB). */
const SIGNS_BYTES_MAX = 11 * MiB;
const SYMBOLS_SHOWN = 10;

/** Has a message rated by whoever the settings name. Rejects only with what reading throws. */
export async function rateMessage(
  message: IncomingMessage,
  tools: RatingTools,
): Promise<Result<SpamRating, ScanFault>> {
  const { contentFilterConfig: config, contentFilterPhrases: phrases } =
    message.session.organization.scanning;
  const own = config.source === "BuiltIn";
  const signs =
    (own || phrases.length > 0) && message.bytes <= SIGNS_BYTES_MAX
      ? await findSigns(message, phrases, tools)
      : ok(undefined);
  if (!signs.ok) return signs;
  const rated = await rateBySource(config, { message, tools, signs: signs.value });
  const phrase = signs.value?.phrase;
  if (!rated.ok || phrase === undefined) return rated;
  const report = [...rated.value.report, `${phrase.influence}:${phrase.name}`];
  return ok({ ...rated.value, level: phrase.influence === "GoodWord" ? 0 : 9, report });
}

async function findSigns(
  message: IncomingMessage,
  phrases: readonly ContentFilterPhrase[],
  tools: RatingTools,
): Promise<Result<SpamFindings | undefined, ScanFault>> {
  const found = await tools.findSigns(message, { limits: CONTENT_LIMITS, phrases });
  if (!found.ok) return fault({ kind: "refused", text: `the content thread is ${found.fault}` });
  // What nobody can read is left to the filters that look at attachments.
  return ok(found.value.ok ? found.value.value : undefined);
}

async function rateBySource(
  config: ContentFilterConfig,
  given: {
    readonly message: IncomingMessage;
    readonly tools: RatingTools;
    readonly signs: SpamFindings | undefined;
  },
): Promise<Result<SpamRating, ScanFault>> {
  const { message, tools, signs } = given;
  const content = { bytes: message.bytes, read: () => message.content() };
  switch (config.source) {
    case "BuiltIn":
      return ok(await rateBySigns(config, { message, tools, signs }));
    case "Rspamd": {
      const peer = peerOf(config, tools, "127.0.0.1:11333");
      const rated = await scanByRspamd(peer, { content, facts: factsOf(message) });
      if (!rated.ok) return rated;
      const { score, requiredScore, action, symbols } = rated.value;
      const level = Math.max(spamLevel(config, score), leastLevelOf(action));
      const report = reportOf(config, { score, of: requiredScore, symbols });
      return ok({ level, report: [...report, `Action:${action}`], rspamd: rated.value });
    }
    case "SpamAssassin": {
      const peer = peerOf(config, tools, "127.0.0.1:783");
      const rated = await scanBySpamd(peer, { content });
      if (!rated.ok) return rated;
      const { score, threshold, symbols } = rated.value;
      const named = symbols.map((name) => ({ name }));
      const report = reportOf(config, { score, of: threshold, symbols: named });
      return ok({ level: spamLevel(config, score), report });
    }
    default:
      return unreachable(config.source);
  }
}

/** Hundredths for what others have found out about the sender. */
function senderSigns(found: SenderAuthentication | undefined): SpamFindings["signs"] {
  if (found === undefined) return [];
  const { spf, dmarc, iprev } = found;
  const signs: [string, number, boolean][] = [
    ["SpfFail", 150, spf.result === "fail"],
    ["SpfSoftFail", 50, spf.result === "softfail"],
    ["DmarcFail", 200, dmarc.result === "fail"],
    ["DmarcPass", -100, dmarc.result === "pass"],
    ["NoPtr", 100, iprev.result === "fail"],
  ];
  return signs.flatMap(([name, score, isThere]) => (isThere ? [{ name, score }] : []));
}

const LISTED_LINK_SCORE = 400;

async function rateBySigns(
  config: ContentFilterConfig,
  given: {
    readonly message: IncomingMessage;
    readonly tools: RatingTools;
    readonly signs: SpamFindings | undefined;
  },
): Promise<SpamRating> {
  const { message, tools, signs } = given;
  const hosts = signs?.linkHosts ?? [];
  const listed = await findListedLinks(tools.resolver, hosts, config.urlBlockLists);
  const symbols = [
    ...(signs?.signs ?? []),
    ...senderSigns(message.session.findings.authentication),
    ...listed.slice(0, 2).map((name) => ({ name: `Link:${name}`, score: LISTED_LINK_SCORE })),
  ];
  const score = symbols.reduce((sum, symbol) => sum + symbol.score, 0) / 100;
  return { level: spamLevel(config, score), report: reportOf(config, { score, symbols }) };
}

function reportOf(
  { source }: ContentFilterConfig,
  rated: {
    readonly score: number;
    readonly of?: number;
    readonly symbols: readonly { readonly name: string }[];
  },
): readonly string[] {
  const { score, of, symbols } = rated;
  const names = symbols.slice(0, SYMBOLS_SHOWN).map(({ name }) => name);
  return [
    `Source:${source}`,
    `Score:${Math.round(score * 100) / 100}${of === undefined ? "" : `/${of}`}`,
    ...(names.length > 0 ? [`Symbols:${names.join(",")}`] : []),
  ];
}

function peerOf(config: ContentFilterConfig, tools: RatingTools, usual: string): ScanPeer {
  const parsed = parseScanEndpoint(config.endpoint ?? usual);
  // It was checked when it was written; a path that nobody has is unreachable.
  const endpoint = parsed.ok ? parsed.value : ({ kind: "unix", path: "/" } as const);
  const { scanTimeoutMs: timeoutMs } = config;
  return { ...tools, endpoint, timeoutMs, connectTimeoutMs: CONNECT_TIMEOUT_MS };
}

function factsOf({ session, envelope, recipients }: IncomingMessage): RspamdFacts {
  const { client, connector, remoteAddress, findings, logon } = session;
  const [only, ...others] = recipients.map(({ address }) => address);
  return {
    clientAddress: remoteAddress,
    clientName: findings.authentication?.iprev.name,
    helo: client.helo,
    sender: envelope.sender,
    recipients: recipients.map(({ address }) => address),
    user: logon,
    deliverTo: others.length === 0 ? only : undefined,
    tls: client.tls,
    mtaName: connector.fqdn,
  };
}
