import type { Logon } from "../authentication/authenticator.ts";
import type { Address } from "../mail/address.ts";
import { recipientCountMax, senderSizeLimit } from "../org/message-limits.ts";
import type { Mailbox, Organization, ReceiveConnector } from "../org/organization.ts";
import { formatBytes } from "../org/settings/setting-types.ts";
import type { RateCounts } from "../transport/receive/rate-counts.ts";
import {
  findExcess,
  formatWait,
  messageRateLimits,
  type RateLimit,
  userLimits,
} from "../transport/receive/rate-limits.ts";
import type { Principal } from "../transport/receive/rights.ts";
import { passIf, type Step, step } from "./step.ts";

/** Who wants to send what, where. */
export interface LimitQuestion {
  readonly organization: Organization;
  readonly connector: ReceiveConnector;
  readonly principal: Principal;
  readonly bypassesSize: boolean;
  readonly logon: Logon | undefined;
  /** Whose own limits hold. */
  readonly mailbox: Mailbox | undefined;
  readonly sender: Address | "";
  readonly clientAddress: string;
  readonly messageBytes: number;
  readonly recipientCount: number;
  readonly rates: RateCounts;
  readonly nowMs: number;
}

/** The limits that the receive stage consults, each with its value (reference §11). */
export function limitSteps(question: LimitQuestion): readonly Step[] {
  const { organization, connector, mailbox, messageBytes, recipientCount } = question;
  const { name } = connector;
  const sender = senderSizeLimit(organization.transportConfig, mailbox);
  const own = recipientCountMax(organization.transportConfig, mailbox);
  const isServer = question.principal === "ExchangeServers";
  const size = `the message has ${formatBytes(messageBytes)}`;
  const count = `recipients of the message: ${recipientCount}`;
  return [
    step(1, "Message size, connector", {
      verdict: passIf(question.bypassesSize || messageBytes <= connector.maxMessageSize),
      decision: question.bypassesSize ? "not in force" : limitText(connector.maxMessageSize),
      why: question.bypassesSize ? "the client has ms-Exch-Bypass-Message-Size-Limit" : size,
      source: `receive connector ${name}: maxMessageSize`,
    }),
    step(1, "Message size, sender", {
      verdict: passIf(messageBytes <= sender.bytesMax),
      decision: limitText(sender.bytesMax),
      why: size,
      source: sender.reason,
    }),
    step(1, "Recipients, connector", {
      verdict: passIf(isServer || recipientCount <= connector.maxRecipientsPerMessage),
      decision: isServer ? "not in force" : countText(connector.maxRecipientsPerMessage),
      why: isServer ? "the client is a server of ours" : count,
      source: `receive connector ${name}: maxRecipientsPerMessage`,
    }),
    step(1, "Recipients, sender", {
      verdict: passIf(recipientCount <= own),
      decision: countText(own),
      why: count,
      source:
        mailbox !== undefined && mailbox.recipientLimits !== Infinity
          ? `mailbox ${mailbox.primarySmtpAddress}: recipientLimits`
          : "transportConfig: maxRecipientEnvelopeLimit",
    }),
    step(1, "Connections", {
      decision: `${countText(connector.maxInboundConnection)} in all`,
      why: `${countText(connector.maxInboundConnectionPerSource)} from one address`,
      source: `receive connector ${name}: maxInboundConnection, …PerSource`,
    }),
    ...rateSteps(question),
  ];
}

function rateSteps(question: LimitQuestion): readonly Step[] {
  const { connector, logon, organization, sender, clientAddress } = question;
  const client = { remoteAddress: clientAddress, account: logon?.account, sender };
  const byConnector = messageRateLimits(connector, client);
  const byUser = logon === undefined ? [] : userLimits(organization.throttlingPolicies, logon);
  return [
    ...byConnector.map((limit) =>
      rateStep(limit, question, `receive connector ${connector.name}: messageRateLimit`),
    ),
    ...byUser.map((limit) => rateStep(limit, question, "throttling policy, app password")),
  ];
}

function rateStep(limit: RateLimit, question: LimitQuestion, source: string): Step {
  const { rates, nowMs, recipientCount } = question;
  const { key, window } = limit;
  const amount = key.events === "recipients" ? recipientCount : 1;
  const used = rates.count(key, { window, nowMs }).reduce((sum, { count }) => sum + count, 0);
  const excess = findExcess(rates, [limit], { events: key.events, amount, nowMs });
  return step(1, `Rate of ${limit.what}`, {
    verdict: passIf(excess === undefined),
    decision: `${limit.limit} per ${window.name}`,
    why: `${used} in the last ${window.name}`,
    source,
    ...(excess && { cure: `wait ${formatWait(excess.retryAfterMs)}, or raise the limit` }),
  });
}

function limitText(bytes: number): string {
  return bytes === Infinity ? "unlimited" : formatBytes(bytes);
}

function countText(count: number): string {
  return count === Infinity ? "unlimited" : String(count);
}
