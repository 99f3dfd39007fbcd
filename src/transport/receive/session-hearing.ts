import { formatLogon } from "../../authentication/authenticator.ts";
import type { Address } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import type { Organization, ReceiveConnector, Right } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  ClientFacts,
  ConnectionFacts,
  TlsFacts,
  Verdict,
} from "../../smtp/session-handler.ts";
import { type AgentVerdict, askAgents } from "../agents/agent-chain.ts";
import type { Seat } from "../agents/agent-roster.ts";
import { joinFindings } from "../agents/message-draft.ts";
import type {
  AgentSession,
  Findings,
  ReceiveAgent,
  ReceiveEvent,
  ReceiveEvents,
} from "../agents/receive-agent.ts";
import type { AgentLogAction } from "../tracking/agent-line.ts";
import type { PolicyDecision } from "./agent-decision.ts";
import type { Standing } from "./connector-profile.ts";
import { type Decided, MessageHearing, type MessageHearingParts } from "./message-hearing.ts";

/** The session that agents are asked about. */
export interface HeardFacts {
  readonly organization: Organization;
  readonly connector: ReceiveConnector;
  readonly connection: ConnectionFacts;
  /** The standing of now. */
  readonly standing: () => Standing;
}

type Asked = Promise<AgentVerdict | undefined> | AgentVerdict | undefined;

/** Events that are about one command. */
type CommandEvent = Exclude<ReceiveEvent, "OnEndOfHeaders" | "OnEndOfData" | "OnReject">;

const NOTHING: Findings = {};

/**
 * What is known of one message. Questions hold on to theirs: an answer that comes after RSET says
 * nothing of the next one.
 */
class HeardMessage {
  findings = NOTHING;
  /** Agents that could not judge it and let it pass. */
  unjudged: readonly string[] = [];
  /** What has been decided of it before its content. */
  verdict: AgentVerdict | undefined;

  found(findings: Findings | undefined): void {
    this.findings = joinFindings(this.findings, findings);
  }

  leftUnjudged(agent: string): void {
    this.unjudged = withName(this.unjudged, agent);
  }
}

/** The session as agents see it: whatever they ask is as it is now. */
class SessionView implements AgentSession {
  client: ClientFacts = { helo: "", extended: false, tls: undefined };
  /** What was found about the client. */
  sessionFindings = NOTHING;
  message = new HeardMessage();
  readonly #facts: HeardFacts;

  constructor(facts: HeardFacts) {
    this.#facts = facts;
  }

  get organization(): Organization {
    return this.#facts.organization;
  }

  get connector(): ReceiveConnector {
    return this.#facts.connector;
  }

  get connection(): ConnectionFacts {
    return this.#facts.connection;
  }

  get remoteAddress(): string {
    return this.#facts.connection.remoteAddress;
  }

  get rights(): ReadonlySet<Right> {
    return this.#facts.standing().rights;
  }

  get isAuthenticated(): boolean {
    return this.#facts.standing().isAuthenticated;
  }

  get logon(): string {
    const { logon } = this.#facts.standing();
    return logon === undefined ? "" : formatLogon(logon);
  }

  get findings(): Findings {
    return joinFindings(this.sessionFindings, this.message.findings);
  }
}

/** Told of what agents decide. */
export type TellDecision = (decision: PolicyDecision, reply: Reply | undefined) => void;

/**
 * Agents, and one session: asks them at each event and remembers what they said. What they refuse
 * before MAIL is answered at MAIL, as is what they said there of the client.
 */
export class SessionHearing {
  /** Set by whoever watches the session. */
  decided: TellDecision | undefined;
  readonly #seats: readonly Seat<ReceiveAgent>[];
  readonly #view: SessionView;
  /** Agents that could not judge the session and let it pass. */
  #unjudged: readonly string[] = [];
  /** What has been decided of the whole session. */
  #sessionVerdict: AgentVerdict | undefined;
  /** Questions about the session that are still open. */
  #pending: Promise<void> | undefined;
  #greeted = "";

  private constructor(seats: readonly Seat<ReceiveAgent>[], facts: HeardFacts) {
    this.#view = new SessionView(facts);
    this.#seats = seats;
  }

  /** The session as agents see it. */
  get session(): AgentSession {
    return this.#view;
  }

  /** Asks those that care for the session about its connection. */
  static open(seats: readonly Seat<ReceiveAgent>[], facts: HeardFacts): SessionHearing {
    const hearing = new SessionHearing(seats, facts);
    hearing.#note("OnConnect");
    return hearing;
  }

  /** TLS has begun: what the client has said of itself before is forgotten (RFC 3207 §4.2). */
  secured(tls: TlsFacts): void {
    this.#view.client = { helo: "", extended: false, tls };
    this.#greeted = "";
    this.#note("OnStartTlsCommand");
  }

  /** AUTH was said. */
  authenticating(client: ClientFacts): void {
    this.#view.client = client;
    this.#greet();
    this.#note("OnAuthCommand");
  }

  /** A logon has worked. */
  authenticated(): void {
    this.#note("OnEndOfAuthentication");
  }

  /** Our own rules have accepted MAIL. */
  mail(client: ClientFacts, envelope: Envelope): Promise<Verdict> | Verdict {
    this.#view.client = client;
    this.#greet();
    const pending = this.#pending;
    if (pending !== undefined) return pending.then(() => this.#mail(envelope));
    return this.#mail(envelope);
  }

  /** The recipient as it is to be looked up. */
  rewrite(recipient: Address): Address {
    const { organization } = this.#view;
    return this.#seats.reduce((address, { agent, shadowRun }) => {
      if (shadowRun) return address;
      return agent.rewriteRecipient?.(address, organization) ?? address;
    }, recipient);
  }

  /** Our own rules have accepted RCPT. */
  rcpt(
    envelope: Envelope,
    recipient: EnvelopeRecipient,
    given: Address,
  ): Promise<Verdict> | Verdict {
    if (this.#view.message.verdict !== undefined) return undefined;
    const subject = { session: this.session, envelope, recipient, given };
    const asked = this.#ask("OnRcptCommand", subject);
    return this.#answer(asked, "OnRcptCommand");
  }

  /** DATA or BDAT: what they say is answered at the end of the content. */
  message({
    envelope,
    recipients,
  }: Pick<MessageHearingParts, "envelope" | "recipients">): MessageHearing {
    const { session } = this;
    const message = this.#view.message;
    return new MessageHearing(this.#seats, {
      envelope,
      recipients,
      session,
      begun: message.verdict ?? this.#toldOf(this.#ask("OnDataCommand", { session, envelope })),
      found: (findings) => message.found(findings),
      unjudged: {
        add: (agent) => message.leftUnjudged(agent),
        all: () => [...new Set([...this.#unjudged, ...message.unjudged])],
      },
      decided: (verdict, event, how) => this.#tell(verdict, event, how),
    });
  }

  #toldOf(asked: Asked): Asked {
    if (asked instanceof Promise) return asked.then((verdict) => this.#toldOf(verdict));
    if (asked !== undefined) this.#tell(asked, "OnDataCommand", "in-force");
    return asked;
  }

  /** The client was told no, by whomever. */
  rejected(reply: Reply): void {
    this.#tellOnly("OnReject", { session: this.session, reply });
  }

  /** The transaction is over. */
  reset(): void {
    this.#tellOnly("OnRsetCommand", this.session);
    this.#view.message = new HeardMessage();
  }

  closed(): void {
    this.#tellOnly("OnDisconnect", this.session);
  }

  #greet(): void {
    const { helo, extended } = this.#view.client;
    const greeting = `${extended} ${helo}`;
    if (greeting === this.#greeted) return;
    this.#greeted = greeting;
    this.#note(extended ? "OnEhloCommand" : "OnHeloCommand");
  }

  #mail(envelope: Envelope): Promise<Verdict> | Verdict {
    // One that was refused before has left nothing behind.
    this.#view.message = new HeardMessage();
    const verdict = this.#sessionVerdict;
    if (verdict?.kind === "refuse") return verdict.reply;
    if (verdict !== undefined) {
      this.#view.message.verdict = verdict;
      return undefined;
    }
    const asked = this.#ask("OnMailCommand", { session: this.session, envelope });
    return this.#answer(asked, "OnMailCommand");
  }

  /** Asks about the session as a whole; the answer is wanted at MAIL. */
  #note(event: CommandEvent & keyof SessionEvents): void {
    if (!this.#hears(event)) return;
    const ask = () => this.#ask(event, this.session);
    const asked = this.#pending === undefined ? ask() : this.#pending.then(ask);
    if (asked instanceof Promise) {
      const pending = asked
        .then((verdict) => this.#noted(verdict, event))
        .finally(() => {
          if (this.#pending === pending) this.#pending = undefined;
        });
      this.#pending = pending;
    } else this.#noted(asked, event);
  }

  #noted(verdict: AgentVerdict | undefined, event: CommandEvent): void {
    if (verdict === undefined || this.#sessionVerdict !== undefined) return;
    this.#sessionVerdict = verdict;
    this.#tell(verdict, event, "in-force");
  }

  #answer(asked: Asked, event: CommandEvent): Promise<Verdict> | Verdict {
    const message = this.#view.message;
    if (!(asked instanceof Promise)) return this.#replyOf(asked, event, message);
    return asked.then((verdict) => this.#replyOf(verdict, event, message));
  }

  #replyOf(verdict: AgentVerdict | undefined, event: CommandEvent, message: HeardMessage): Verdict {
    if (verdict === undefined) return undefined;
    this.#tell(verdict, event, "in-force");
    if (verdict.kind === "refuse") return verdict.reply;
    message.verdict = verdict;
    return undefined;
  }

  #hears(event: ReceiveEvent): boolean {
    return this.#seats.some(({ agent }) => agent.on[event] !== undefined);
  }

  #ask<Event extends CommandEvent>(event: Event, subject: ReceiveEvents[Event]["subject"]): Asked {
    const view = this.#view;
    const message = isOfMessage(event) ? view.message : undefined;
    return askAgents(this.#seats, event, {
      subject,
      accepted: ({ findings }) => {
        if (message !== undefined) message.found(findings);
        else view.sessionFindings = joinFindings(view.sessionFindings, findings);
      },
      unjudged: (agent) => {
        if (message !== undefined) message.leftUnjudged(agent);
        else this.#unjudged = withName(this.#unjudged, agent);
      },
      shadowed: (verdict) => this.#tell(verdict, event, "shadow-run"),
    });
  }

  /** Nobody waits for what they say, and none of them ends it for the others. */
  #tellOnly<Event extends "OnReject" | "OnRsetCommand" | "OnDisconnect">(
    event: Event,
    subject: ReceiveEvents[Event]["subject"],
  ): void {
    const nobody = () => undefined;
    const listener = { subject, accepted: nobody, unjudged: nobody, shadowed: nobody };
    for (const seat of this.#seats) void askAgents([seat], event, listener);
  }

  #tell(verdict: AgentVerdict, event: ReceiveEvent, how: Decided): void {
    const { agent, reason, data } = verdict;
    const action = actionOf(verdict, event);
    const diagnostics = how === "shadow-run" ? "ShadowRun" : "";
    const reply = verdict.kind === "refuse" ? verdict.reply : undefined;
    this.decided?.({ agent, event, action, reason, data, diagnostics }, reply);
  }
}

/** Events whose subject is the session. */
type SessionEvents = {
  readonly [Event in ReceiveEvent as ReceiveEvents[Event]["subject"] extends AgentSession
    ? Event
    : never]: true;
};

/** A list that is mostly empty costs an idle session nothing. */
function withName(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names : [...names, name];
}

function isOfMessage(event: CommandEvent): boolean {
  return event === "OnMailCommand" || event === "OnRcptCommand" || event === "OnDataCommand";
}

function actionOf({ kind }: AgentVerdict, event: ReceiveEvent): AgentLogAction {
  if (kind === "discard") return "DeleteMessage";
  if (kind === "quarantine") return "QuarantineMessage";
  switch (event) {
    case "OnConnect":
    case "OnHeloCommand":
    case "OnEhloCommand":
    case "OnStartTlsCommand":
      return "RejectConnection";
    case "OnAuthCommand":
    case "OnEndOfAuthentication":
      return "RejectAuthentication";
    case "OnEndOfHeaders":
    case "OnEndOfData":
      return "RejectMessage";
    default:
      return "RejectCommand";
  }
}
