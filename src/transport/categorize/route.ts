import type { Domain } from "../../mail/address.ts";
import type { AddressSpace, SendConnector } from "../../org/organization.ts";
import type { QueueKey } from "../../store/queue-store.ts";

/** What decides which send connector takes a recipient. */
export interface RouteQuestion {
  /** The recipient's. */
  readonly domain: Domain;
  readonly messageBytes: number;
  /** The name of this server, lower case: connectors may be for others only. */
  readonly serverName: string;
  /**
   * What `--` comes to for the domain: the space of the accepted domain that it belongs to, if that
   * is an authoritative or internal relay domain.
   */
  readonly home: AddressSpace["space"] | undefined;
}

/** The connector, and why it and none of the others. */
export interface ConnectorChoice {
  readonly connector: SendConnector | undefined;
  /** There are connectors for the domain, but none that takes a message of this size. */
  readonly allTooSmall: boolean;
  /** One line per connector, the chosen one's first. */
  readonly reasons: readonly string[];
}

interface Match {
  readonly connector: SendConnector;
  readonly space: AddressSpace;
}

/**
 * Chooses the send connector of a recipient (reference §3.2): enabled, for this server, large
 * enough, its address space the most specific, then the cheapest, then the first by name. Always
 * one: mail is not spread over equal connectors.
 */
export function selectSendConnector(
  connectors: readonly SendConnector[],
  question: RouteQuestion,
): ConnectorChoice {
  const { domain, messageBytes, serverName } = question;
  const reasons: string[] = [];
  const matches: Match[] = [];
  let tooSmallCount = 0;
  for (const connector of connectors) {
    const space = bestSpace(connector.addressSpaces, question);
    if (space === undefined) reasons.push(`${connector.name}: no address space for ${domain}`);
    else if (!connector.enabled) reasons.push(`${connector.name}: disabled`);
    else if (!isInScope(connector, serverName)) {
      reasons.push(`${connector.name}: ${describeScope(connector, serverName)}`);
    } else if (connector.maxMessageSize < messageBytes) {
      tooSmallCount += 1;
      reasons.push(
        `${connector.name}: takes ${connector.maxMessageSize} bytes, fewer than the message has`,
      );
    } else matches.push({ connector, space });
  }
  const [chosen, ...others] = matches.sort(compareMatches);
  if (chosen === undefined) {
    return { connector: undefined, allTooSmall: tooSmallCount > 0, reasons };
  }
  return {
    connector: chosen.connector,
    allTooSmall: false,
    reasons: [
      `${chosen.connector.name}: chosen for ${formatSpace(chosen.space)}`,
      ...others.map((other) => `${other.connector.name}: ${whyNot(other, chosen)}`),
      ...reasons,
    ],
  };
}

/**
 * The queue of a send connector (reference §5.2): per domain when it looks up the recipient's
 * domain, one for all domains when it has smart hosts.
 */
export function connectorQueueKey(connector: SendConnector, domain: Domain): QueueKey {
  if (connector.smartHosts.length === 0) {
    return {
      deliveryType: "DnsConnectorDelivery",
      nextHopDomain: domain,
      nextHopConnector: connector.name,
    };
  }
  const hosts = connector.smartHosts.map(({ host, isAddress }) => (isAddress ? `[${host}]` : host));
  return {
    deliveryType: "SmartHostConnectorDelivery",
    nextHopDomain: hosts.join(","),
    nextHopConnector: connector.name,
  };
}

/** The queue of mailboxes below the data directory, or of those behind an LMTP server. */
export function mailboxQueueKey(lmtpHost: string | undefined): QueueKey {
  return lmtpHost === undefined
    ? MAILBOX_QUEUE
    : { deliveryType: "LmtpDelivery", nextHopDomain: lmtpHost, nextHopConnector: "" };
}

const MAILBOX_QUEUE: QueueKey = {
  deliveryType: "SmtpDeliveryToMailbox",
  nextHopDomain: "Mailbox Database",
  nextHopConnector: "",
};

/** Whether this server sends through it: no server is named, or this one is. */
function isInScope(connector: SendConnector, serverName: string): boolean {
  const servers = connector.sourceTransportServers;
  return servers.length === 0 || servers.some((name) => name.toLowerCase() === serverName);
}

function describeScope(connector: SendConnector, serverName: string): string {
  const servers = connector.sourceTransportServers.join(", ");
  const kind = connector.isScopedConnector ? "scoped to" : "sends from";
  return `${kind} ${servers}, and this server is ${serverName}`;
}

/** `contoso.com` is that domain only, `*.contoso.com` also all below it, `*` everything. */
function matchesSpace(space: AddressSpace["space"], domain: string): boolean {
  if (space === "*" || space === domain) return true;
  return space.startsWith("*.") && (domain === space.slice(2) || domain.endsWith(space.slice(1)));
}

/** The larger, the more specific: the domain itself, then the longest parent, then `*`. */
function specificity(space: AddressSpace["space"]): number {
  if (space === "*") return 0;
  return space.startsWith("*.") ? space.length : Number.POSITIVE_INFINITY;
}

function bestSpace(
  spaces: readonly AddressSpace[],
  { domain, home }: RouteQuestion,
): AddressSpace | undefined {
  let best: AddressSpace | undefined;
  for (const { space, cost } of spaces) {
    const meant = space === "--" ? home : space;
    if (meant === undefined || !matchesSpace(meant, domain)) continue;
    const candidate = { space: meant, cost };
    if (best === undefined || compareSpaces(candidate, best) < 0) best = candidate;
  }
  return best;
}

function compareSpaces(left: AddressSpace, right: AddressSpace): number {
  const [leftScore, rightScore] = [specificity(left.space), specificity(right.space)];
  // Not a subtraction: infinity minus itself is no number.
  if (leftScore !== rightScore) return leftScore > rightScore ? -1 : 1;
  return left.cost - right.cost;
}

function compareMatches(left: Match, right: Match): number {
  const bySpace = compareSpaces(left.space, right.space);
  if (bySpace !== 0) return bySpace;
  return compareNames(left.connector.name, right.connector.name);
}

/** Alphanumeric, without case; names that differ by case only still have a fixed order. */
function compareNames(left: string, right: string): number {
  const [leftKey, rightKey] = [left.toLowerCase(), right.toLowerCase()];
  if (leftKey !== rightKey) return leftKey < rightKey ? -1 : 1;
  return left < right ? -1 : Number(left > right);
}

function whyNot(other: Match, chosen: Match): string {
  const space = formatSpace(other.space);
  if (specificity(other.space.space) !== specificity(chosen.space.space))
    return `${space} is less specific`;
  return other.space.cost === chosen.space.cost
    ? `${space} costs the same, its name is later`
    : `${space} costs more`;
}

function formatSpace({ space, cost }: AddressSpace): string {
  return `${space};${cost}`;
}
