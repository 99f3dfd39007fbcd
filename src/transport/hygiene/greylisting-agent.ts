import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../base/clock.ts";
import { DAY, SECOND } from "../../base/units.ts";
import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { GreylistingConfig } from "../../org/hygiene-settings.ts";
import type { RecordStore } from "../../store/record-store.ts";
import type {
  AgentSession,
  ClientScope,
  CommandAnswer,
  ReceiveAgent,
  RecipientSubject,
} from "../agents/receive-agent.ts";
import { addressNumber, isMappedIpv4 } from "./address-number.ts";
import { isInternal } from "./origin-address.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";

/** First tries; when there are too many, the oldest go. */
const TRIED = "greylist-tried";
/** Who has come again: a kind of its own, so that no flood of first tries pushes it out. */
const PASSED = "greylist-passed";
/** Sources that a thread remembers without asking the store. */
const PASSED_IN_MEMORY_MAX = 10_000;
/** Who goes on sending is written down anew so often. */
const RENEWAL_MS = DAY;

/** What the agent needs of its surroundings. */
export interface GreylistingParts {
  readonly clock: Clock;
  /** What has been seen survives a restart. */
  readonly records: Pick<RecordStore, "read" | "write" | "remove">;
}

/**
 * Puts off mail of sources not seen before: programs that send spam mostly don't come again, mail
 * servers do (RFC 6647 §2.4). Who has come again once is known by network and sender's domain.
 */
export function greylistingAgent(parts: GreylistingParts): ReceiveAgent {
  const renewed = new LRUCache<string, number>({ max: PASSED_IN_MEMORY_MAX });
  return {
    agent: TRANSPORT_AGENTS.greylisting,
    hears: (session) => mayBeInScope(configOf(session), session),
    hearsClient: (session) => !isServer(session),
    on: {
      OnRcptCommand(subject) {
        const { session, recipient } = subject;
        const config = configOf(session);
        if (!isInScope(config, session)) return undefined;
        const key = addressKey(recipient.address);
        if (config.bypassedRecipients.some((one) => addressKey(one) === key)) return undefined;
        return judge(subject, parts, renewed);
      },
    },
  };
}

const NOTHING = { kind: "accept" } as const;

function configOf({ organization }: Pick<AgentSession, "organization">): GreylistingConfig {
  return organization.hygiene.greylistingConfig;
}

/** Those would come again, and all strangers behind them would wait. */
function isServer({ organization, remoteAddress }: ClientScope): boolean {
  return isInternal(remoteAddress, organization.transportConfig.internalSMTPServers);
}

async function judge(
  { session, envelope, recipient }: RecipientSubject,
  { clock, records }: GreylistingParts,
  renewed: LRUCache<string, number>,
): Promise<CommandAnswer> {
  const { retryIntervalMs, retryWindowMs, passedLifetimeMs } = configOf(session);
  const network = networkOf(session.remoteAddress);
  const nowMs = clock.nowMs();
  const known = keyOf(network, domainText(envelope.sender));
  const pass = async (): Promise<CommandAnswer> => {
    if (nowMs - (renewed.get(known) ?? 0) >= RENEWAL_MS) {
      const expiresMs = nowMs + passedLifetimeMs;
      await records.write([{ kind: PASSED, key: known, json: "{}", expiresMs }]);
      renewed.set(known, nowMs);
    }
    return NOTHING;
  };
  if (nowMs - (renewed.get(known) ?? 0) < Math.min(RENEWAL_MS, passedLifetimeMs)) return NOTHING;
  const passed = await records.read(PASSED, known);
  if (passed !== undefined && passed.expiresMs > nowMs) return pass();
  const triplet = keyOf(network, envelope.sender.toLowerCase(), addressKey(recipient.address));
  const tried = await records.read(TRIED, triplet);
  if (tried === undefined || tried.expiresMs <= nowMs) {
    const expiresMs = nowMs + retryWindowMs;
    await records.write([{ kind: TRIED, key: triplet, json: `${nowMs}`, expiresMs }]);
    return putOff(retryIntervalMs, "FirstTry");
  }
  const leftMs = Number(tried.json) + retryIntervalMs - nowMs;
  if (leftMs > 0) return putOff(leftMs, "TooEarly");
  await records.remove(TRIED, [triplet]);
  return pass();
}

function domainText(sender: Address | ""): string {
  return sender === "" ? "<>" : domainOf(sender);
}

/** RFC 3463: X.7.1. Of the codes that ask to come again, servers heed 451 best. */
function putOff(waitMs: number, reason: string): CommandAnswer {
  const seconds = Math.ceil(waitMs / SECOND);
  const text = `Not seen before, please try again in ${seconds} seconds`;
  const reply = { code: 451, status: "4.7.1", lines: [text] };
  return { kind: "refuse", reply, reason: `Greylisted${reason}` };
}

/** 256 IPv4 addresses, or an IPv6 network of 64 bits: big senders come again from a neighbour. */
function networkOf(address: string): string {
  const number = addressNumber(address);
  if (number === undefined) return address;
  return isMappedIpv4(number) ? `4 ${number >> 8n}` : `6 ${number >> 64n}`;
}

/** Fixed in length, and says nothing of who writes to whom. */
function keyOf(...parts: readonly string[]): string {
  return hash("sha256", parts.join("\0"), "base64url");
}
