import type { Clock, Timer } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import type { Resolver } from "../../dns/resolver.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { HygieneSettings } from "../../org/hygiene-settings.ts";
import type { Organization } from "../../org/organization.ts";
import type {
  AgentSession,
  ClientScope,
  CommandAnswer,
  Findings,
  HeaderSubject,
  MessageAnswer,
  ReceiveAgent,
  RecipientSubject,
  Refusal,
  SessionScope,
} from "../agents/receive-agent.ts";
import { addressNumber } from "./address-number.ts";
import { fillTokens, findListing, type Listing } from "./dns-list.ts";
import { findEntry } from "./ip-list.ts";
import { isInternal, originAddress } from "./origin-address.ts";
import type { ReputationTable } from "./reputation-table.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";

/** How long a message waits for lists in DNS; who is slower says nothing. */
const LISTS_WAIT_MS = 10 * SECOND;

/** What the agent needs of its surroundings. */
export interface ConnectionFilterParts {
  readonly clock: Clock;
  readonly resolver: Resolver;
  /** Sources that sender reputation has blocked. */
  readonly reputation: Pick<ReputationTable, "isBlocked">;
}

/** What the lists say of an address. */
type Standing =
  | { readonly kind: "allowed"; readonly by: string }
  | { readonly kind: "blocked"; readonly refusal: Refusal; readonly bypassed: readonly Address[] }
  | undefined;

/**
 * IP Allow and IP Block list, and lists in DNS (reference §9.2). Who is blocked is refused at RCPT,
 * so that recipients who want such mail get it, and the log says whom it was for.
 */
export function connectionFilterAgent(parts: ConnectionFilterParts): ReceiveAgent {
  /** What is being asked of lists in DNS about the sessions' clients. */
  const asked = new WeakMap<AgentSession, Promise<Listing | undefined>>();
  return {
    agent: TRANSPORT_AGENTS.connectionFiltering,
    hears: (session) =>
      hasLists(session) || mayBeInScope(hygieneOf(session).ipBlockListConfig, session),
    hearsClient: (session) =>
      hasLists(session) ||
      isServer(session) ||
      parts.reputation.isBlocked(session.remoteAddress, parts.clock.nowMs()),
    on: {
      OnConnect: (session) => allowedBy(staticStanding(session, session.remoteAddress, parts)),
      async OnMailCommand({ session }): Promise<CommandAnswer> {
        if (isServer(session)) return NOTHING;
        const allowed = await allowedInDns(session, session.remoteAddress, parts);
        if (allowed !== undefined) return allowedAnswer(allowed);
        const { ipBlockListProviders, ipBlockListProvidersConfig } = hygieneOf(session);
        if (!asked.has(session) && isInScope(ipBlockListProvidersConfig, session)) {
          asked.set(session, ask(ipBlockListProviders, session.remoteAddress, parts));
        }
        return NOTHING;
      },
      async OnRcptCommand(subject): Promise<CommandAnswer> {
        const { session } = subject;
        if (isServer(session)) return NOTHING;
        const standing =
          staticStanding(session, session.remoteAddress, parts) ??
          listedStanding(session, session.remoteAddress, await asked.get(session));
        return isRefused(standing, subject) ? standing.refusal : NOTHING;
      },
      OnEndOfHeaders: (subject) =>
        isServer(subject.session) ? judgeOrigin(subject, parts) : undefined,
    },
  };
}

const NOTHING = { kind: "accept" } as const;

function hygieneOf({ organization }: { readonly organization: Organization }): HygieneSettings {
  return organization.hygiene;
}

function isServer({ organization, remoteAddress }: ClientScope): boolean {
  return isInternal(remoteAddress, organization.transportConfig.internalSMTPServers);
}

/** Whether any list has something to say of clients, whoever they are. */
function hasLists(session: SessionScope): boolean {
  const settings = hygieneOf(session);
  const lists = [
    [settings.ipAllowListConfig, settings.ipAllowListEntries.length],
    [settings.ipBlockListConfig, settings.ipBlockListEntries.length],
    [settings.ipAllowListProvidersConfig, settings.ipAllowListProviders.length],
    [settings.ipBlockListProvidersConfig, settings.ipBlockListProviders.length],
  ] as const;
  return lists.some(([scope, count]) => count > 0 && mayBeInScope(scope, session));
}

/** What IP Allow and IP Block list say. */
function staticStanding(
  session: AgentSession,
  address: string,
  { clock, reputation }: ConnectionFilterParts,
): Standing {
  const settings = hygieneOf(session);
  const { ipAllowListConfig, ipBlockListConfig } = settings;
  const nowMs = clock.nowMs();
  const number = addressNumber(address);
  if (number === undefined) return undefined;
  if (isInScope(ipAllowListConfig, session)) {
    const allowed = findEntry(settings.ipAllowListEntries, number, nowMs);
    if (allowed !== undefined) return { kind: "allowed", by: allowed.name.text };
  }
  if (!isInScope(ipBlockListConfig, session)) return undefined;
  const blocked = findEntry(settings.ipBlockListEntries, number, nowMs);
  if (blocked !== undefined) {
    const text = ipBlockListConfig.staticEntryRejectionResponse;
    const refusal = refuse(fillTokens(text, { address }), "LocalBlockList", blocked.name.text);
    return { kind: "blocked", refusal, bypassed: [] };
  }
  if (!reputation.isBlocked(address, nowMs)) return undefined;
  const text = ipBlockListConfig.machineEntryRejectionResponse;
  const refusal = refuse(fillTokens(text, { address }), "MachineBlockList", address);
  return { kind: "blocked", refusal, bypassed: [] };
}

function listedStanding(
  session: AgentSession,
  address: string,
  listing: Listing | undefined,
): Standing {
  const { ipBlockListProvidersConfig } = hygieneOf(session);
  if (listing === undefined || !isInScope(ipBlockListProvidersConfig, session)) return undefined;
  const { provider, code } = listing;
  const text = fillTokens(provider.rejectionResponse ?? LISTED, { address, provider });
  const refusal = refuse(text, "BlockListProvider", `${provider.name} ${code}`);
  return { kind: "blocked", refusal, bypassed: ipBlockListProvidersConfig.bypassedRecipients };
}

const LISTED = "Recipient not authorized, your IP has been found on a block list";

/** RFC 3463: X.7.1, "delivery not authorized, message refused". */
function refuse(text: string, reason: string, data: string): Refusal {
  const reply = { code: 550, status: "5.7.1", lines: [text] };
  return { kind: "refuse", reply, reason, data, endsSession: true };
}

async function allowedInDns(
  session: AgentSession,
  address: string,
  parts: ConnectionFilterParts,
): Promise<string | undefined> {
  const { ipAllowListProviders, ipAllowListProvidersConfig } = hygieneOf(session);
  if (!isInScope(ipAllowListProvidersConfig, session)) return undefined;
  return (await ask(ipAllowListProviders, address, parts))?.provider.name;
}

async function ask(
  providers: HygieneSettings["ipBlockListProviders"],
  address: string,
  { clock, resolver }: ConnectionFilterParts,
): Promise<Listing | undefined> {
  if (providers.length === 0) return undefined;
  let timer: Timer | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = clock.startTimer(LISTS_WAIT_MS, () => resolve(undefined));
  });
  return Promise.race([findListing(resolver, providers, address), tooLate]).finally(() =>
    timer?.cancel(),
  );
}

function allowedBy(standing: Standing): CommandAnswer | undefined {
  return standing?.kind === "allowed" ? allowedAnswer(standing.by) : undefined;
}

function allowedAnswer(by: string): { readonly kind: "accept"; readonly findings: Findings } {
  const findings = { isAllowed: true, report: ["IPOnAllowList:TRUE", `AllowedBy:${by}`] };
  return { kind: "accept", findings };
}

function isRefused(
  standing: Standing,
  { recipient }: RecipientSubject,
): standing is Extract<Standing, { readonly kind: "blocked" }> {
  return standing?.kind === "blocked" && !isBypassed(standing.bypassed, recipient.address);
}

function isBypassed(bypassed: readonly Address[], recipient: Address): boolean {
  const key = addressKey(recipient);
  return bypassed.some((one) => addressKey(one) === key);
}

/** Mail that servers of ours pass on: who gave it to the first of them is judged. */
async function judgeOrigin(
  { session, recipients, headerBytes }: HeaderSubject,
  parts: ConnectionFilterParts,
): Promise<MessageAnswer> {
  const settings = hygieneOf(session);
  const { internalSMTPServers } = session.organization.transportConfig;
  const address = originAddress(session.remoteAddress, internalSMTPServers, headerBytes);
  if (address === undefined) return NOTHING;
  const known = staticStanding(session, address, parts);
  if (known?.kind === "allowed") return allowedAnswer(known.by);
  if (known !== undefined) return known.refusal;
  const allowed = await allowedInDns(session, address, parts);
  if (allowed !== undefined) return allowedAnswer(allowed);
  if (!isInScope(settings.ipBlockListProvidersConfig, session)) return NOTHING;
  const listing = await ask(settings.ipBlockListProviders, address, parts);
  const standing = listedStanding(session, address, listing);
  if (standing?.kind !== "blocked") return NOTHING;
  // It is one message by now: it goes to all of them or none.
  const isWanted = recipients.some((one) => isBypassed(standing.bypassed, one.address));
  return isWanted ? NOTHING : standing.refusal;
}
