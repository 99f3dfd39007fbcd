import type { Logon } from "../authentication/authenticator.ts";
import type { Clock } from "../base/clock.ts";
import { type Address, addressKey, domainOf } from "../mail/address.ts";
import { findAcceptedDomain } from "../org/accepted-domain.ts";
import type { Directory } from "../org/directory.ts";
import type { Mailbox, Organization, OrganizationRecipient } from "../org/organization.ts";
import { formatEndpoint } from "../org/settings/network-types.ts";
import type { Reply } from "../smtp/reply.ts";
import { formatReply } from "../smtp/reply-format.ts";
import { REPLY } from "../smtp/reply-table.ts";
import type { Origin } from "../store/queue-store.ts";
import {
  type ConnectorProfile,
  connectorProfile,
  type Standing,
  standingOf,
} from "../transport/receive/connector-profile.ts";
import { POLICY_REPLY, RECIPIENT_REPLY } from "../transport/receive/policy-reply.ts";
import { ownRateCounts, type RateCounts } from "../transport/receive/rate-counts.ts";
import { decideRecipient } from "../transport/receive/recipient-policy.ts";
import { admitsUsers, grantsOf } from "../transport/receive/rights.ts";
import { explainSelection } from "../transport/receive/select-connector.ts";
import { explainSender, hasSendAs } from "../transport/receive/sender-policy.ts";
import { TransactionLimits } from "../transport/receive/session-limits.ts";
import { limitSteps } from "./receive-limits.ts";
import type { RouteInquiry } from "./route-inquiry.ts";
import { passIf, type Step, step } from "./step.ts";

/** What the receive stage's decisions are made with. */
export interface ReceiveTools {
  readonly organization: Organization;
  readonly directory: Directory;
  /** As they are counted now; only read. */
  readonly rates: RateCounts;
  readonly clock: Clock;
}

/** What would be let in. */
export interface LetIn {
  readonly recipients: readonly Address[];
  readonly origin: Origin;
}

/** The port of mail between servers (RFC 5321 §4.5.4.2). */
const SMTP_PORT = 25;

/**
 * What a session would decide about the message, told step by step; returns what would be let in,
 * `undefined` when nothing would. Counts nothing. Rejects with the directory's StoreFailure.
 */
export async function* receiveSteps(
  inquiry: RouteInquiry,
  tools: ReceiveTools,
): AsyncGenerator<Step, LetIn | undefined> {
  const { organization } = tools;
  const local = inquiry.local ?? usualBinding(organization, inquiry.clientAddress);
  const ends = {
    localAddress: local.address,
    localPort: local.port,
    remoteAddress: inquiry.clientAddress,
  };
  const considered = explainSelection(organization.receiveConnectors, ends);
  const chosen = considered.find(({ isChosen }) => isChosen);
  const at = formatEndpoint(local);
  yield step(0, "Receive connector", {
    verdict: passIf(chosen !== undefined),
    decision: chosen?.connector.name ?? `none: ${told(POLICY_REPLY.noConnector)}`,
    why: chosen?.why ?? `no connector takes ${inquiry.clientAddress} at ${at}`,
    source:
      inquiry.local === undefined ? `at ${at}; -LocalAddress names another binding` : `at ${at}`,
    cure: chosen === undefined ? "add the client to the remoteIPRanges of a connector" : "",
  });
  for (const { connector, why } of considered.filter(({ isChosen }) => !isChosen)) {
    yield step(1, connector.name, { decision: "not chosen", why });
  }
  if (chosen === undefined) return undefined;
  const profile = connectorProfile(organization, chosen.connector);
  const logon = yield* logOn(inquiry, tools, profile);
  if (logon === "unknown") return undefined;
  const standing = standingOf(profile, { logon, certificate: undefined });
  yield* standingSteps(profile, standing);
  const mayBegin = yield* mailSteps(inquiry, tools, { profile, standing });
  if (!mayBegin) return undefined;
  const { recipients, isWithinLimits } = yield* recipientSteps(inquiry, tools, {
    profile,
    standing,
  });
  if (recipients.length === 0 || !isWithinLimits) return undefined;
  return { recipients, origin: originOf(inquiry, standing, chosen.connector.name) };
}

/** What is decided for a client on one connector. */
interface Visitor {
  readonly profile: ConnectorProfile;
  readonly standing: Standing;
}

/** A reply as a client reads it, on one line. */
function told(reply: Reply): string {
  return formatReply(reply, { enhanced: true }).trim().replaceAll("\r\n", " ");
}

/** Port 25 if there is such a binding, of the client's family, else the first of all. */
function usualBinding(organization: Organization, clientAddress: string) {
  const bindings = organization.receiveConnectors
    .filter(({ enabled }) => enabled)
    .flatMap((connector) => connector.bindings);
  const isIpv6 = clientAddress.includes(":");
  const fitting = bindings.filter(({ address }) => address.includes(":") === isIpv6);
  const any = fitting.length > 0 ? fitting : bindings;
  const usual = any.find(({ port }) => port === SMTP_PORT) ?? any[0];
  return usual ?? { address: isIpv6 ? "::" : "0.0.0.0", port: SMTP_PORT };
}

async function* logOn(
  { authenticatedAs, tls }: RouteInquiry,
  { directory }: ReceiveTools,
  { connector }: ConnectorProfile,
): AsyncGenerator<Step, Logon | undefined | "unknown"> {
  if (connector.requireTLS || tls) {
    const isGood = tls || connector.implicitTlsEnabled;
    yield step(0, "TLS", {
      verdict: passIf(isGood),
      decision: isGood ? "encrypted" : told(REPLY.tlsRequired),
      why: connector.requireTLS ? "the connector requires it" : "as asked for",
      source: `receive connector ${connector.name}: requireTLS`,
      cure: isGood ? "" : "the client has to use STARTTLS (-Tls here)",
    });
    if (!isGood) return "unknown";
  }
  if (authenticatedAs === undefined) return undefined;
  const [mailbox] = await directory.findRecipients([authenticatedAs]);
  const isOffered = admitsUsers(connector);
  if (mailbox?.kind !== "mailbox" || !isOffered) {
    yield step(0, "Logon", {
      verdict: "Fail",
      decision: isOffered ? told(POLICY_REPLY.authenticationFailed) : "AUTH is not offered",
      why: isOffered
        ? `${authenticatedAs} is no mailbox of ours`
        : "nobody could submit mail after a logon there",
      source: isOffered ? "directory" : `receive connector ${connector.name}: permissionGroups`,
      cure: isOffered ? "" : "use a connector with the permission group ExchangeUsers",
    });
    return "unknown";
  }
  const needsTls =
    !tls && !connector.implicitTlsEnabled && !connector.authMechanism.includes("BasicAuth");
  yield step(0, "Logon", {
    verdict: needsTls ? "Warning" : "Pass",
    decision: mailbox.primarySmtpAddress,
    why: needsTls ? "mechanisms with a plain password are offered under TLS only" : "as asked for",
    source: `receive connector ${connector.name}: authMechanism`,
  });
  const account = addressKey(mailbox.primarySmtpAddress);
  return { account, mailbox, mechanism: "PLAIN", appPassword: undefined };
}

function* standingSteps(
  { connector }: ConnectorProfile,
  { principal, rights, logon, authAs }: Standing,
): Generator<Step> {
  yield step(0, "Client", {
    verdict: passIf(rights.has("ms-Exch-SMTP-Submit")),
    decision: principal,
    why: logon === undefined ? "has not logged on" : `has logged on as ${logon.account}`,
    source: `its mail counts as ${authAs}`,
  });
  const sources = new Map<string, string[]>();
  for (const { right, source } of grantsOf(connector, principal, logon?.mailbox)) {
    sources.set(right, [...(sources.get(right) ?? []), source]);
  }
  for (const [right, from] of sources) {
    yield step(1, right, {
      decision: "granted",
      why: [...new Set(from)].join(", "),
      source: `receive connector ${connector.name}`,
    });
  }
}

async function* mailSteps(
  { sender }: RouteInquiry,
  { organization, directory }: ReceiveTools,
  { profile, standing }: Visitor,
): AsyncGenerator<Step, boolean> {
  const name = `Sender <${sender}>`;
  if (!standing.rights.has("ms-Exch-SMTP-Submit")) {
    yield step(0, name, {
      verdict: "Fail",
      decision: told(POLICY_REPLY.notAuthenticated),
      why: `${standing.principal} may not submit mail`,
      source: `receive connector ${profile.connector.name}: permissionGroups, extendedRights`,
      cure: "the client has to log on, or the connector to admit AnonymousUsers",
    });
    return false;
  }
  const { decision, why, source } = explainSender(organization, standing, sender);
  const isAllowed =
    decision === "look-up" && sender !== ""
      ? await maySendAs(directory, standing.logon, sender)
      : decision === "allowed";
  yield step(0, name, {
    verdict: passIf(isAllowed),
    decision: isAllowed ? "allowed" : told(POLICY_REPLY.senderNotAllowed),
    why,
    source,
    cure: isAllowed ? "" : "send as an address of one's own, or grant the right",
  });
  return isAllowed;
}

async function maySendAs(
  directory: Directory,
  logon: Logon | undefined,
  sender: Address,
): Promise<boolean> {
  const [found] = await directory.findRecipients([sender]);
  return logon !== undefined && hasSendAs(logon, sender, found);
}

async function* recipientSteps(
  inquiry: RouteInquiry,
  tools: ReceiveTools,
  visitor: Visitor,
): AsyncGenerator<
  Step,
  { readonly recipients: readonly Address[]; readonly isWithinLimits: boolean }
> {
  const { organization, rates, clock } = tools;
  const { profile, standing } = visitor;
  const mailbox = standing.logon?.mailbox ?? (await trustedSender(inquiry, tools, standing));
  const all = limitSteps({
    organization,
    connector: profile.connector,
    principal: standing.principal,
    bypassesSize: standing.rights.has("ms-Exch-Bypass-Message-Size-Limit"),
    logon: standing.logon,
    mailbox,
    sender: inquiry.sender,
    clientAddress: inquiry.clientAddress,
    messageBytes: inquiry.messageBytes,
    recipientCount: inquiry.recipients.length,
    rates,
    nowMs: clock.nowMs(),
  });
  const isWithinLimits = all.every(({ verdict }) => verdict !== "Fail");
  yield step(0, "Limits", {
    verdict: passIf(isWithinLimits),
    decision: isWithinLimits ? "within all of them" : "a limit is passed: the message is refused",
  });
  yield* all;
  const limits = TransactionLimits.begin(
    { rates: ownRateCounts(), clock, count: () => undefined, log: () => undefined },
    {
      organization,
      connector: profile.connector,
      remoteAddress: inquiry.clientAddress,
      standing,
      mailbox,
      envelope: { sender: inquiry.sender },
      sizeBytes: inquiry.messageBytes,
    },
  );
  const recipients: Address[] = [];
  for (const address of inquiry.recipients) {
    const taken = await takeRecipient(address, tools, visitor);
    const count = recipients.length + 1;
    const reply =
      taken.reply ??
      (limits instanceof TransactionLimits ? limits.recipient(taken.found, count) : undefined);
    yield step(0, `Recipient <${address}>`, {
      verdict: passIf(reply === undefined),
      decision: reply === undefined ? "accepted" : told(reply),
      why: taken.reply === undefined && reply !== undefined ? "a limit of its own" : taken.why,
      source: taken.source,
    });
    if (reply === undefined) recipients.push(address);
  }
  return { recipients, isWithinLimits };
}

/** On a network that vouches for its senders their own limits hold. */
async function trustedSender(
  { sender }: RouteInquiry,
  { directory }: ReceiveTools,
  { isAuthenticated }: Standing,
): Promise<Mailbox | undefined> {
  if (!isAuthenticated || sender === "") return undefined;
  const [found] = await directory.findRecipients([sender]);
  return found?.kind === "mailbox" ? found : undefined;
}

interface Taken {
  readonly reply: Reply | undefined;
  readonly found: OrganizationRecipient | undefined;
  readonly why: string;
  readonly source: string;
}

async function takeRecipient(
  address: Address,
  { organization, directory }: ReceiveTools,
  { profile, standing }: Visitor,
): Promise<Taken> {
  const { connector } = profile;
  const { rights, isAuthenticated } = standing;
  const decision = decideRecipient(organization, { rights, isAuthenticated, connector }, address);
  const accepted = findAcceptedDomain(organization, domainOf(address));
  const source = accepted ? `accepted domain ${accepted.name}` : "no accepted domain";
  const relay = "ms-Exch-SMTP-Accept-Any-Recipient";
  switch (decision.kind) {
    case "refuse": {
      const isRelay = decision.reason === "relay-denied";
      const setting = `receive connector ${connector.name}: rejectReserved… and rejectSingleLabel…`;
      const why = isRelay ? `not our domain, and the client lacks ${relay}` : decision.reason;
      const reply = RECIPIENT_REPLY[decision.reason];
      return { reply, found: undefined, why, source: isRelay ? source : setting };
    }
    case "accept": {
      const ours = `${accepted?.domainType} domain of ours`;
      const why = accepted === undefined ? `not our domain; the client has ${relay}` : ours;
      return { reply: undefined, found: undefined, why, source };
    }
    case "look-up": {
      const found = (await directory.findRecipients(decision.addresses)).find(Boolean);
      const isRefused = found === undefined && decision.ifUnknown === "refuse";
      const what = found && `${found.kind} ${found.primarySmtpAddress}`;
      const why = what ?? `nobody here has the address; the domain is ${accepted?.domainType}`;
      return { reply: isRefused ? POLICY_REPLY.recipientNotFound : undefined, found, why, source };
    }
  }
}

function originOf(
  { clientAddress, local }: RouteInquiry,
  { authAs, logon, isAuthenticated }: Standing,
  connector: string,
): Origin {
  return {
    source: "SMTP",
    connector,
    clientAddress,
    clientName: "",
    serverAddress: local?.address ?? "",
    directionality: isAuthenticated ? "Originating" : "Incoming",
    authAs,
    ...(logon && { account: logon.account }),
  };
}
