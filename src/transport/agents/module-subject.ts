import type {
  Envelope as ModuleEnvelope,
  Recipient as ModuleRecipient,
  Session as ModuleSession,
  RejectEvent,
  RoutingEvent,
} from "../../agent-api/agent-api.ts";
import type { Envelope } from "../../mail/envelope.ts";
import type {
  AgentSession,
  Findings,
  HeaderSubject,
  IncomingMessage,
  RecipientSubject,
  RejectSubject,
  SenderSubject,
} from "./receive-agent.ts";
import type { RoutingMessage, RoutingRecipient } from "./routing-agent.ts";

/** What is told of a message beside its header and content. */
export interface HeaderView {
  readonly subject: string;
  readonly messageId: string;
  readonly from: string;
}

/** What a module is told of an event: plain data, so that it can go to another thread. */
export interface ModuleSubject {
  readonly session?: ModuleSession;
  readonly envelope?: ModuleEnvelope;
  readonly recipient?: ModuleRecipient;
  readonly given?: string;
  readonly recipients?: readonly ModuleRecipient[];
  readonly header?: HeaderView;
  /** The header as it came; absent: it is the beginning of the content. */
  readonly headerBytes?: Uint8Array;
  /** Octets of the content; absent: there is none to be read yet. */
  readonly bytes?: number;
  readonly reply?: RejectEvent["reply"];
  readonly routing?: Pick<RoutingEvent, "networkMessageId" | "origin" | "scl">;
}

/** The session, as it is now. */
export function sessionView(session: AgentSession, id: string): ModuleSession {
  const { connector, connection, client, rights, isAuthenticated, logon, findings } = session;
  const { helo, extended, tls } = client;
  return {
    id,
    connector: connector.name,
    remoteAddress: session.remoteAddress,
    remotePort: connection.remotePort,
    localAddress: connection.localAddress,
    localPort: connection.localPort,
    proxyAddress: connection.proxyAddress,
    helo,
    isExtended: extended,
    tls: tls && { version: tls.version, cipher: tls.cipher },
    isAuthenticated,
    logon,
    rights: [...rights],
    findings: findingsView(findings),
  };
}

function findingsView({ isAllowed, scl, report }: Findings): ModuleSession["findings"] {
  return {
    ...(isAllowed !== undefined && { isAllowed }),
    ...(scl !== undefined && { scl }),
    ...(report !== undefined && { report }),
  };
}

/** At MAIL, and at DATA. */
export function senderView(subject: SenderSubject, id: string): ModuleSubject {
  const { session, envelope } = subject;
  return { session: sessionView(session, id), envelope: envelopeView(envelope) };
}

/** At RCPT. */
export function recipientView(subject: RecipientSubject, id: string): ModuleSubject {
  const { recipient, given } = subject;
  return { ...senderView(subject, id), recipient: { address: recipient.address }, given };
}

/** At the end of the header. */
export function headerView(subject: HeaderSubject, id: string): ModuleSubject {
  const { header, headerBytes, recipients } = subject;
  const { subject: text, messageId, from } = header;
  return {
    ...senderView(subject, id),
    recipients: recipients.map(({ address }) => ({ address })),
    header: { subject: text, messageId, from },
    // A view would take along what else is in its memory.
    headerBytes: new Uint8Array(headerBytes),
  };
}

/** At the end of the content. */
export function messageView(message: IncomingMessage, id: string): ModuleSubject {
  return { ...headerView(message, id), bytes: message.bytes };
}

/** A refusal. */
export function rejectView({ session, reply }: RejectSubject, id: string): ModuleSubject {
  const { code, status, lines } = reply;
  return { session: sessionView(session, id), reply: { code, status, lines } };
}

/** In the categorizer. */
export function routingView({ message, recipients, content }: RoutingMessage): ModuleSubject {
  const { networkMessageId, internetMessageId, envelope, origin, scl } = message;
  const { source, connector, clientAddress, directionality, account } = origin;
  return {
    envelope: envelopeView(envelope),
    recipients: recipients.map(routedView),
    header: { subject: message.subject, messageId: internetMessageId, from: message.headerFrom },
    bytes: content.bytes,
    routing: {
      networkMessageId,
      origin: { source, connector, clientAddress, directionality, account },
      scl,
    },
  };
}

function routedView(one: RoutingRecipient): RoutingEvent["recipients"][number] {
  const { recipient, asWritten, steps, route } = one;
  return {
    position: recipient.position,
    address: recipient.address,
    asWritten,
    steps: steps.map(({ kind, key }) => ({ kind, address: key })),
    nextHop:
      route === undefined ? undefined : route.kind === "queue" ? route.key.nextHopDomain : "",
  };
}

function envelopeView({ sender, body, smtpUtf8, requireTls }: Envelope): ModuleEnvelope {
  return { sender, body, smtpUtf8, requireTls: requireTls === true };
}
