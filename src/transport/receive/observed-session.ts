import { formatLogon } from "../../authentication/authenticator.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import { formatEndpoint } from "../../net/client-address.ts";
import type { Right } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import { formatReply } from "../../smtp/reply-format.ts";
import { QUIT_REASON } from "../../smtp/server-effect.ts";
import type {
  AuthStep,
  ClientFacts,
  ConnectionFacts,
  ContentSink,
  SessionHandler,
  SessionOptions,
  SessionTls,
  TlsFacts,
  Verdict,
  XclientAttributes,
} from "../../smtp/session-handler.ts";
import { SessionTape, type TapeDesk, type TapeEnd } from "../../smtp/session-tape.ts";
import type { AgentDecision } from "../tracking/agent-line.ts";
import { decisionOf, type Moment, type PolicyDecision } from "./agent-decision.ts";
import type { Standing } from "./connector-profile.ts";
import type { SessionHearing } from "./session-hearing.ts";

/** Who is told of what happens in sessions. */
export interface Observers {
  /** Takes what is said; absent: nobody does. */
  readonly desk?: TapeDesk | undefined;
  /** Takes refusals that in Exchange are an agent's; absent: nobody does. */
  readonly agentDecision?: ((decision: AgentDecision) => void) | undefined;
}

/** The session as its logs name it. */
interface ObservedFacts {
  readonly connection: ConnectionFacts;
  readonly connector: string;
  readonly sessionId: string;
  /** Its connector has a protocol log. */
  readonly isVerbose: boolean;
}

/** Ends in which nothing is wrong, or whose reply has said so. */
const BENIGN_ENDS: ReadonlySet<string> = new Set([
  QUIT_REASON,
  "XCLIENT",
  "421 sent",
  "service stopping",
  "service stopped",
]);

/**
 * The policy of a session, with somebody who watches: its tape, and the agent log. Changes nothing
 * of what is decided.
 */
export class ObservedSession implements SessionHandler {
  readonly tape: SessionTape | undefined;
  readonly #session: WatchedSession;
  readonly #observers: Observers;
  readonly #facts: ObservedFacts;
  #rights: ReadonlySet<Right>;
  #sender: string | undefined;
  #recipients: string[] = [];
  /** The recipient of the last RCPT. */
  #asked = "";
  #isLoggingOn = false;
  /** What an agent has had told itself. */
  #toldReply: Reply | undefined;

  constructor(session: WatchedSession, observers: Observers, facts: ObservedFacts) {
    const { connection } = facts;
    this.#session = session;
    this.#observers = observers;
    this.#facts = facts;
    this.#rights = session.standing.rights;
    if (session.hearing !== undefined) {
      session.hearing.decided = (decision, reply) => {
        this.#toldReply = reply;
        const isOfOne = decision.event === "OnRcptCommand";
        this.#tell(decision, reply, isOfOne ? [this.#asked] : this.#recipients);
      };
    }
    this.tape = SessionTape.open(
      observers.desk,
      { direction: "Receive", connector: facts.connector, ...endpointsOf(connection) },
      { verbose: facts.isVerbose, id: facts.sessionId },
    );
    if (connection.proxyAddress !== undefined) {
      this.tape?.note(connection.proxyAddress, "The client as this proxy names it");
    }
    this.tape?.note(permissionsOf(this.#rights), PERMISSIONS);
  }

  get options(): SessionOptions {
    return this.#session.options;
  }

  get tls(): SessionTls | undefined {
    return this.#session.tls;
  }

  secured(tls: TlsFacts): void {
    const { tape } = this;
    if (tape !== undefined) {
      const shown = tape.isVerbose ? tls.ownCertificate?.() : undefined;
      if (shown !== undefined) tape.note(shown, "Sending certificate");
      const name = tls.serverName === undefined ? "" : `, for ${tls.serverName}`;
      tape.note(`${tls.version} ${tls.cipher}${name}`, "TLS negotiation succeeded");
      const { peerCertificate: peer } = tls;
      if (peer !== undefined) {
        const verdict = peer.verified ? "verified" : (peer.fault ?? "not verified");
        tape.note(`${peer.subject}; ${peer.fingerprint}`, `Client certificate: ${verdict}`);
      }
    }
    this.#session.secured(tls);
    this.#noteStanding();
  }

  authenticate(
    client: ClientFacts,
    mechanism: string,
    response: Uint8Array | undefined,
  ): Promise<AuthStep> {
    return this.#logOn(this.#session.authenticate(client, mechanism, response));
  }

  continueAuthentication(response: Uint8Array): Promise<AuthStep> {
    return this.#logOn(this.#session.continueAuthentication(response));
  }

  cancelAuthentication(): void {
    this.#isLoggingOn = false;
    this.#session.cancelAuthentication();
  }

  xclient(attributes: XclientAttributes): SessionHandler | Reply {
    return this.#session.xclient(attributes);
  }

  mail(
    client: ClientFacts,
    envelope: Envelope,
    sizeBytes: number | undefined,
  ): Promise<Verdict> | Verdict {
    this.#sender = envelope.sender;
    return this.#watch(this.#session.mail(client, envelope, sizeBytes), "mail", []);
  }

  rcpt(client: ClientFacts, recipient: EnvelopeRecipient): Promise<Verdict> | Verdict {
    this.#asked = recipient.address;
    return this.#watch(this.#session.rcpt(client, recipient), "recipient", [recipient.address]);
  }

  beginContent(client: ClientFacts): ContentSink | Reply {
    const sink = this.#session.beginContent(client);
    if ("code" in sink) return sink;
    return new ObservedSink(sink, this.tape, (reply) =>
      this.#judged(reply, "content", this.#recipients),
    );
  }

  reset(): void {
    this.#sender = undefined;
    this.#recipients = [];
    this.#session.reset();
  }

  closed(reason: string): void {
    this.tape?.close(this.#endOf(reason, this.tape.hasHeard));
    this.#session.closed(reason);
  }

  /** A logon, a certificate or XCLIENT's speaker has changed what the client may do. */
  #noteStanding(): void {
    const { logon, rights } = this.#session.standing;
    if (rights === this.#rights) return;
    this.#rights = rights;
    if (logon !== undefined) {
      this.tape?.note(`${formatLogon(logon)} (${logon.mechanism})`, "authenticated");
    }
    this.tape?.note(permissionsOf(rights), PERMISSIONS);
  }

  async #logOn(answer: Promise<AuthStep>): Promise<AuthStep> {
    this.#isLoggingOn = true;
    const step = await answer;
    if (step.kind === "done") {
      this.#isLoggingOn = false;
      this.#noteStanding();
    }
    return step;
  }

  #watch(
    verdict: Promise<Verdict> | Verdict,
    moment: Moment,
    recipients: readonly string[],
  ): Promise<Verdict> | Verdict {
    if (!(verdict instanceof Promise)) {
      this.#judged(verdict, moment, recipients);
      return verdict;
    }
    return verdict.then((reply) => {
      this.#judged(reply, moment, recipients);
      return reply;
    });
  }

  #judged(reply: Reply | undefined, moment: Moment, recipients: readonly string[]): void {
    if (reply === undefined || reply.code < 400) {
      if (moment === "recipient") this.#recipients.push(...recipients);
      return;
    }
    const decision = decisionOf(reply, moment);
    if (decision !== undefined && reply !== this.#toldReply)
      this.#tell(decision, reply, recipients);
    if (moment === "mail") this.#sender = undefined;
  }

  #tell(decision: PolicyDecision, reply: Reply | undefined, recipients: readonly string[]): void {
    const { agentDecision } = this.#observers;
    if (agentDecision === undefined) return;
    const { connection, connector, sessionId } = this.#facts;
    writeDecision(agentDecision, decision, {
      ...{ reply: reply ?? ACCEPTED, recipients, connection, connector, sessionId },
      ...(this.#sender !== undefined && { sender: this.#sender }),
    });
  }

  #endOf(reason: string, hasHeard: boolean): TapeEnd {
    if (BENIGN_ENDS.has(reason)) return { data: "", context: "Local", isFault: false };
    const isBusy = this.#sender !== undefined || this.#isLoggingOn;
    if (reason === "client closed the connection") {
      return { data: reason, context: "Remote", isFault: isBusy };
    }
    if (reason.startsWith("connection lost")) {
      const code = /\bE[A-Z]+\b/.exec(reason)?.[0] ?? "SocketError";
      // Load balancers and monitors knock and run.
      return { data: reason, context: `Remote(${code})`, isFault: hasHeard };
    }
    const isRemote = reason === "TLS handshake broken off";
    const isFault = hasHeard || !isRemote;
    return { data: reason, context: isRemote ? "Remote" : "Local", isFault };
  }
}

/** A session with whatever judges it. */
export interface WatchedSession extends SessionHandler {
  readonly standing: Standing;
  /** Where agents are asked; absent: none is. */
  readonly hearing?: SessionHearing;
}

/** What the client is told of a message that an agent keeps from its recipients. */
const ACCEPTED: Reply = { code: 250, status: "2.6.0", lines: ["Queued mail for delivery"] };

const PERMISSIONS = "Set Session Permissions";

/** What a refusal came from. */
interface Refused {
  readonly reply: Reply;
  readonly connection: ConnectionFacts;
  readonly connector: string;
  readonly sessionId: string;
  readonly sender?: string;
  readonly recipients: readonly string[];
}

/** Tells the agent log of a refusal, if it is one that it knows. */
export function tellDecision(
  agentDecision: (decision: AgentDecision) => void,
  refused: Refused & { readonly moment: Moment },
): void {
  const decision = decisionOf(refused.reply, refused.moment);
  if (decision !== undefined) writeDecision(agentDecision, decision, refused);
}

function writeDecision(
  agentDecision: (decision: AgentDecision) => void,
  decision: PolicyDecision,
  { reply, sender, ...refused }: Refused,
): void {
  agentDecision({
    agent: decision.agent,
    event: decision.event,
    action: decision.action,
    reason: decision.reason,
    ...(decision.diagnostics !== undefined && { diagnostics: decision.diagnostics }),
    sessionId: refused.sessionId,
    ...endpointsOf(refused.connection),
    enteredOrgFromIp: refused.connection.remoteAddress,
    ...(sender !== undefined && { p1FromAddress: sender === "" ? "<>" : sender }),
    recipients: refused.recipients,
    smtpResponse: formatReply(reply, { enhanced: true }).trimEnd(),
    reasonData: decision.data || refused.connector,
  });
}

function endpointsOf(connection: ConnectionFacts) {
  return {
    localEndpoint: formatEndpoint(connection.localAddress, connection.localPort),
    remoteEndpoint: formatEndpoint(connection.remoteAddress, connection.remotePort),
  };
}

/** Counts what passes. */
class ObservedSink implements ContentSink {
  readonly #sink: ContentSink;
  readonly #tape: SessionTape | undefined;
  readonly #judged: (reply: Reply) => void;
  #bytes = 0;

  constructor(sink: ContentSink, tape: SessionTape | undefined, judged: (reply: Reply) => void) {
    this.#sink = sink;
    this.#tape = tape;
    this.#judged = judged;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#bytes += bytes.length;
    return this.#sink.write(bytes);
  }

  async end(): Promise<Reply> {
    this.#tape?.heard(`<${this.#bytes} octets>`);
    const reply = await this.#sink.end();
    if (reply.code >= 400) this.#judged(reply);
    return reply;
  }

  abort(): void {
    this.#tape?.heard(`<${this.#bytes} octets, not to the end>`);
    this.#sink.abort();
  }
}

const permissionTexts = new WeakMap<ReadonlySet<Right>, string>();

/** `SMTPSubmit SMTPAcceptAnySender …`, as Exchange writes them (reference §7.4). */
function permissionsOf(rights: ReadonlySet<Right>): string {
  let text = permissionTexts.get(rights);
  if (text === undefined) {
    text = [...rights].map(permissionName).join(" ") || "None";
    permissionTexts.set(rights, text);
  }
  return text;
}

function permissionName(right: Right): string {
  return right
    .replace(/^ms-Exch-/, "")
    .replace(/^Accept-Headers-(\w+)$/, "Accept$1Headers")
    .replaceAll("-", "");
}
