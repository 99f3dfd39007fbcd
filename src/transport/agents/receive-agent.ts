import type { Address } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import type { HeaderSummary } from "../../mail/header.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { SenderAuthentication } from "../../mailauth/sender-authentication.ts";
import type { TransportAgent } from "../../org/agent-table.ts";
import type { Organization, ReceiveConnector, Right } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { ClientFacts, ConnectionFacts } from "../../smtp/session-handler.ts";
import type { QuarantineType } from "../../store/quarantine-mark.ts";

/**
 * One SMTP session as agents see it: the same object from OnConnect to OnDisconnect, so that an
 * agent may keep what it knows of it in a WeakMap. Its values are those of now.
 */
export interface AgentSession {
  /** In force when the client connected. */
  readonly organization: Organization;
  readonly connector: ReceiveConnector;
  readonly connection: ConnectionFacts;
  /** The real client's, also behind a proxy. */
  readonly remoteAddress: string;
  readonly client: ClientFacts;
  readonly rights: ReadonlySet<Right>;
  /** The client has proved who it is, or its network has. */
  readonly isAuthenticated: boolean;
  /** Who has logged on and how, as `account (MECHANISM)`; "" for nobody. */
  readonly logon: string;
  /** What agents have found out about the client, and of the message at hand. */
  readonly findings: Findings;
}

/** What agents tell those that come after them; each adds to what is there. */
export interface Findings {
  /** The client or sender is welcome: anti-spam agents have nothing to say. */
  readonly isAllowed?: boolean;
  /** The sender filter would refuse it, and is told not to. */
  readonly isSenderBlocked?: boolean;
  readonly authentication?: SenderAuthentication;
  /** Spam confidence, -1 to 9 (reference §9.6). */
  readonly scl?: number;
  /** `name:value` pairs of X-MS-Exchange-Organization-Antispam-Report; each agent's are joined. */
  readonly report?: readonly string[];
}

/** What is the same for all sessions of a connector that begin alike. */
export type SessionScope = Pick<
  AgentSession,
  "organization" | "connector" | "rights" | "isAuthenticated"
>;

/** A session that begins, and whose it is. */
export type ClientScope = SessionScope & Pick<AgentSession, "remoteAddress">;

/** MAIL has been accepted by our own rules. */
export interface SenderSubject {
  readonly session: AgentSession;
  readonly envelope: Envelope;
}

/** RCPT has been accepted by our own rules. */
export interface RecipientSubject extends SenderSubject {
  readonly recipient: EnvelopeRecipient;
  /** The address as the client has said it, before agents have rewritten it. */
  readonly given: Address;
}

/** The header has come. */
export interface HeaderSubject extends SenderSubject {
  readonly recipients: readonly EnvelopeRecipient[];
  readonly header: HeaderSummary;
  /** The header as it came, to the empty line; bounded by the connector's maxHeaderSize. */
  readonly headerBytes: Uint8Array;
  /** What earlier agents have changed of it. */
  readonly edits: readonly HeaderEdit[];
}

/** A message that has come to its end and is not accepted yet. */
export interface IncomingMessage extends HeaderSubject {
  /** Octets of the whole content. */
  readonly bytes: number;
  /**
   * The content, in pieces, as it came or as an earlier agent has made it; what is stored already
   * is read back. May be called more than once. @throws StoreFailure
   */
  content(): AsyncIterable<Uint8Array>;
}

/** A client that got a 4xx or 5xx reply, whoever gave it. */
export interface RejectSubject {
  readonly session: AgentSession;
  readonly reply: Reply;
}

/** The client is told that it cannot. A 4xx defers. */
export interface Refusal {
  readonly kind: "refuse";
  readonly reply: Reply;
  /** For the agent log, one word: `LocalBlockList`. */
  readonly reason: string;
  /** For the agent log: what the reason is about. */
  readonly data?: string;
  /** The connection is closed after the reply. */
  readonly endsSession?: true;
  /** For agents that are told of the end of a message: why it was refused is worth knowing. */
  readonly findings?: Findings;
}

/** The client is told that it was accepted, and nobody gets the message. */
export interface Discard {
  readonly kind: "discard";
  readonly reason: string;
  readonly data?: string;
  /** As of a Refusal. */
  readonly findings?: Findings;
}

/** What an agent makes of a session or command; `undefined` is nothing. */
export type CommandAnswer =
  | {
      readonly kind: "accept";
      readonly findings?: Findings;
      /** No later agent is asked at this event. */
      readonly stop?: true;
    }
  | Refusal
  | Discard;

/** What an agent changes of a message. Edits apply in the order of the agents. */
export interface MessageChanges {
  readonly edits?: readonly HeaderEdit[];
  readonly findings?: Findings;
  /** Another envelope sender. */
  readonly sender?: Address | "";
  readonly addRecipients?: readonly Address[];
  readonly removeRecipients?: readonly Address[];
  /**
   * The whole message anew. Edits count the header's fields as they were: a new content has the
   * same ones in the same order, apart from values.
   */
  readonly content?: readonly Uint8Array[];
}

/** What an agent makes of a message. */
export type MessageAnswer =
  | ({ readonly kind: "accept"; readonly stop?: true } & MessageChanges)
  | Refusal
  | Discard
  /** The client is told that it was accepted; an administrator may let it out. */
  | {
      readonly kind: "quarantine";
      readonly type: QuarantineType;
      readonly reason: string;
      readonly edits?: readonly HeaderEdit[];
      readonly findings?: Findings;
    };

/** What each event of a session is about, and how agents answer it (reference §1.5). */
export interface ReceiveEvents {
  readonly OnConnect: { readonly subject: AgentSession; readonly answer: CommandAnswer };
  readonly OnHeloCommand: { readonly subject: AgentSession; readonly answer: CommandAnswer };
  readonly OnEhloCommand: { readonly subject: AgentSession; readonly answer: CommandAnswer };
  readonly OnStartTlsCommand: { readonly subject: AgentSession; readonly answer: CommandAnswer };
  readonly OnAuthCommand: { readonly subject: AgentSession; readonly answer: CommandAnswer };
  readonly OnEndOfAuthentication: {
    readonly subject: AgentSession;
    readonly answer: CommandAnswer;
  };
  readonly OnMailCommand: { readonly subject: SenderSubject; readonly answer: CommandAnswer };
  readonly OnRcptCommand: { readonly subject: RecipientSubject; readonly answer: CommandAnswer };
  readonly OnDataCommand: { readonly subject: SenderSubject; readonly answer: CommandAnswer };
  readonly OnEndOfHeaders: { readonly subject: HeaderSubject; readonly answer: MessageAnswer };
  readonly OnEndOfData: { readonly subject: IncomingMessage; readonly answer: MessageAnswer };
  /** Told only: what they answer counts for nothing. */
  readonly OnReject: { readonly subject: RejectSubject; readonly answer: CommandAnswer };
  readonly OnRsetCommand: { readonly subject: AgentSession; readonly answer: CommandAnswer };
  readonly OnDisconnect: { readonly subject: AgentSession; readonly answer: CommandAnswer };
}

/** The name of an event of a session. */
export type ReceiveEvent = keyof ReceiveEvents;

/** What is called at each event; `undefined`: it has nothing to say, and costs no turn. */
export type ReceiveHandlers = {
  readonly [Event in ReceiveEvent]?: (
    subject: ReceiveEvents[Event]["subject"],
  ) => Promise<ReceiveEvents[Event]["answer"]> | ReceiveEvents[Event]["answer"] | undefined;
};

/**
 * Judges sessions and messages before their 250. It may wait for the network, never for a
 * processor: what computes belongs into a worker thread.
 *
 * A refusal at OnConnect to OnEndOfAuthentication is given in answer to MAIL.
 */
export interface ReceiveAgent {
  readonly agent: TransportAgent;
  readonly on: ReceiveHandlers;
  /**
   * Whether it cares for sessions that begin so; those that no agent cares for cost nothing. What
   * the client may do can still grow by a logon. Asked once for all that begin alike.
   */
  hears(session: SessionScope): boolean;
  /** With `hears` true: whether it cares for this client's session. Absent: for anybody's. */
  hearsClient?(session: ClientScope): boolean;
  /**
   * Another address for a recipient, before our own rules look at it (address rewriting, BATV);
   * `undefined`: the same.
   */
  rewriteRecipient?(recipient: Address, organization: Organization): Address | undefined;
}
