import type { Clock } from "../../base/clock.ts";
import { HOUR } from "../../base/units.ts";
import { parseDomain } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { SenderReputationConfig } from "../../org/hygiene-settings.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  AgentSession,
  IncomingMessage,
  MessageAnswer,
  ReceiveAgent,
} from "../agents/receive-agent.ts";
import { addressNumber, isLoopback } from "./address-number.ts";
import { isInternal, originAddress } from "./origin-address.ts";
import { type ReputationCount, reputationLevel } from "./reputation-level.ts";
import type { ReputationTable } from "./reputation-table.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";

/** Spam confidence from which on mail counts as spam: it goes to Junk by default. */
const SPAM_SCL = 5;

/** A source that is about to be blocked. */
export interface SourceToBlock {
  readonly address: string;
  readonly level: number;
  readonly untilMs: number;
  readonly reasons: readonly string[];
}

/** What the agent needs of its surroundings. */
export interface ProtocolAnalysisParts {
  readonly clock: Clock;
  readonly reputation: ReputationTable;
  /** Told of each source that is blocked from now on. */
  readonly blocked: (source: SourceToBlock) => void;
}

/**
 * Counts what each source does and blocks those with a bad name for a time (reference §9.7). Only
 * watches: a message is judged by others.
 */
export function protocolAnalysisAgent(parts: ProtocolAnalysisParts): ReceiveAgent {
  const { clock, reputation } = parts;
  /** Sessions whose message at hand has been counted. */
  const counted = new WeakSet<AgentSession>();
  return {
    agent: TRANSPORT_AGENTS.protocolAnalysis,
    hears: (session) => mayBeInScope(configOf(session), session),
    hearsClient: ({ remoteAddress }) => !isLoopback(numberOf(remoteAddress)),
    on: {
      OnReject({ session, reply }) {
        const count = countOf(reply);
        if (count === undefined || !isJudged(session)) return undefined;
        reputation.add(session.remoteAddress, [count], { nowMs: clock.nowMs() });
        judge(session, session.remoteAddress, parts);
        return undefined;
      },
      OnEndOfData(message) {
        const { session } = message;
        if (!isInScope(configOf(session), session)) return undefined;
        counted.add(session);
        return analyse(message, parts);
      },
      OnRsetCommand(session) {
        // Rated, and then kept from its recipients by whoever came before us.
        const isKeptOut = !counted.delete(session) && session.findings.scl !== undefined;
        if (!isKeptOut || !isJudged(session)) return undefined;
        const counts = ["messages", ...contentCounts(session)] as const;
        reputation.add(session.remoteAddress, counts, { nowMs: clock.nowMs() });
        judge(session, session.remoteAddress, parts);
        return undefined;
      },
    },
  };
}

function configOf({ organization }: Pick<AgentSession, "organization">): SenderReputationConfig {
  return organization.hygiene.senderReputationConfig;
}

function numberOf(address: string): bigint {
  // What is no address is like our own: nothing is said of it.
  return addressNumber(address) ?? 1n;
}

/** Servers of ours are not: what they pass on is refused for others' sake. */
function isJudged(session: AgentSession): boolean {
  const { internalSMTPServers } = session.organization.transportConfig;
  return (
    isInScope(configOf(session), session) && !isInternal(session.remoteAddress, internalSMTPServers)
  );
}

/** What a refusal says of who gets it; 4xx and faults of protocol say nothing. */
function countOf({ code, status }: Reply): ReputationCount | undefined {
  if (code < 500) return undefined;
  if (status === "5.1.1" || status === "5.1.10") return "unknownRecipients";
  return status.startsWith("5.7.") || status === "5.1.0" ? "refused" : undefined;
}

function analyse(message: IncomingMessage, parts: ProtocolAnalysisParts): MessageAnswer {
  const { session, headerBytes } = message;
  const { internalSMTPServers } = session.organization.transportConfig;
  const address = originAddress(session.remoteAddress, internalSMTPServers, headerBytes);
  if (address === undefined || isLoopback(numberOf(address))) return { kind: "accept" };
  const isDirect = address === session.remoteAddress;
  const hello = session.client.helo;
  const counts: ReputationCount[] = ["messages", ...contentCounts(session)];
  if (isDirect) counts.push(...helloCounts(session));
  const nowMs = parts.clock.nowMs();
  parts.reputation.add(address, counts, { nowMs, ...(isDirect && { hello }) });
  const level = judge(session, address, parts);
  return { kind: "accept", findings: { report: [`SRL:${level}`, `OrigIP:${address}`] } };
}

/** What other agents have found out of the message. */
function contentCounts({ findings }: AgentSession): readonly ReputationCount[] {
  const { scl, authentication } = findings;
  const counts: ReputationCount[] = [];
  if (scl !== undefined && scl >= 0) counts.push("rated");
  if (scl !== undefined && scl >= SPAM_SCL) counts.push("spam");
  if (authentication === undefined) return counts;
  const { spf, dmarc, iprev } = authentication;
  if (spf.result === "fail" || dmarc.result === "fail") counts.push("unauthenticated");
  if (iprev.result === "fail" || iprev.result === "permerror") counts.push("nameless");
  return counts;
}

/** What the client has called itself. */
function helloCounts({
  client,
  organization,
  connector,
}: AgentSession): readonly ReputationCount[] {
  const { helo } = client;
  if (helo.startsWith("[")) return [];
  const domain = parseDomain(helo);
  if (domain === undefined || !domain.includes(".")) return ["oddHello"];
  const own = [organization.server.fqdn, connector.fqdn].map((name) => name.toLowerCase());
  const isOwn = own.includes(domain) || findAcceptedDomain(organization, domain) !== undefined;
  return isOwn ? ["ownHello"] : [];
}

/** Blocks the source when its level calls for that; returns the level. */
function judge(
  session: AgentSession,
  address: string,
  { clock, reputation, blocked }: ProtocolAnalysisParts,
): number {
  const { srlBlockThreshold, senderBlockingEnabled, senderBlockingPeriod } = configOf(session);
  const nowMs = clock.nowMs();
  const known = reputation.read(address, nowMs);
  if (known === undefined) return 0;
  const { level, reasons } = reputationLevel(known.profile);
  if (!senderBlockingEnabled || level < srlBlockThreshold) return level;
  const untilMs = nowMs + senderBlockingPeriod * HOUR;
  reputation.block(address, { nowMs, untilMs, level });
  // By the whole source: of IPv6 that is a network.
  blocked({ address: known.source, level, untilMs, reasons: reasons.map(({ text }) => text) });
  return level;
}
