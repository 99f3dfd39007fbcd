/**
 * What a transport agent that is an ES module is made of, and how it answers. Only types: an agent
 * needs nothing of the server at run time. See docs/agents.md.
 */

/** The module's default export. */
export interface AgentModule {
  /** One line on what it does, for Get-TransportAgent. */
  readonly description?: string;
  /** What is called when; events that are not here cost nothing. */
  readonly events: ReceiveHandlers & RoutingHandlers;
}

type Answered<Answer> = Promise<Answer | undefined> | Answer | undefined;

/** Events of an SMTP session, in the order in which they come. */
export interface ReceiveHandlers {
  /** A client has connected. A refusal from here to OnEndOfAuthentication is said at MAIL. */
  readonly OnConnect?: (event: SessionEvent) => Answered<CommandAnswer>;
  readonly OnHeloCommand?: (event: SessionEvent) => Answered<CommandAnswer>;
  readonly OnEhloCommand?: (event: SessionEvent) => Answered<CommandAnswer>;
  /** TLS has begun. */
  readonly OnStartTlsCommand?: (event: SessionEvent) => Answered<CommandAnswer>;
  readonly OnAuthCommand?: (event: SessionEvent) => Answered<CommandAnswer>;
  /** The client has logged on. */
  readonly OnEndOfAuthentication?: (event: SessionEvent) => Answered<CommandAnswer>;
  /** The server itself has nothing against the sender. */
  readonly OnMailCommand?: (event: SenderEvent) => Answered<CommandAnswer>;
  /** The server itself has nothing against the recipient. */
  readonly OnRcptCommand?: (event: RecipientEvent) => Answered<CommandAnswer>;
  readonly OnDataCommand?: (event: SenderEvent) => Answered<CommandAnswer>;
  /** The header has come, the body has not. */
  readonly OnEndOfHeaders?: (event: HeaderEvent) => Answered<MessageAnswer>;
  /** The whole message has come; the client waits for its reply. */
  readonly OnEndOfData?: (event: MessageEvent) => Answered<MessageAnswer>;
  /** The client got a 4xx or 5xx, from whomever. Told only: an answer counts for nothing. */
  readonly OnReject?: (event: RejectEvent) => Answered<CommandAnswer>;
  /** A transaction is over. Told only. */
  readonly OnRsetCommand?: (event: SessionEvent) => Answered<CommandAnswer>;
  /** The session is over. Told only. */
  readonly OnDisconnect?: (event: SessionEvent) => Answered<CommandAnswer>;
}

/** Events of the categorizer, in order; mail from every source comes here. */
export interface RoutingHandlers {
  /** The message is in the Submission queue; recipients are as they were written. */
  readonly OnSubmittedMessage?: (event: RoutingEvent) => Answered<RoutingAnswer>;
  /** Groups are expanded, forwarding is followed, next hops are known. */
  readonly OnResolvedMessage?: (event: RoutingEvent) => Answered<RoutingAnswer>;
  readonly OnRoutedMessage?: (event: RoutingEvent) => Answered<RoutingAnswer>;
  /** Recipients are about to join their delivery queues. */
  readonly OnCategorizedMessage?: (event: RoutingEvent) => Answered<RoutingAnswer>;
}

/** An SMTP session as it is at the moment of the question. */
export interface Session {
  /** The same at all events of one session, and no other session's. */
  readonly id: string;
  /** The receive connector's name. */
  readonly connector: string;
  /** The real client's, also behind a proxy. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** The load balancer that has told us the client's address. */
  readonly proxyAddress: string | undefined;
  /** Name given in HELO or EHLO; "" before. */
  readonly helo: string;
  /** It was EHLO. */
  readonly isExtended: boolean;
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  /** The client has proved who it is, or its network has. */
  readonly isAuthenticated: boolean;
  /** Who has logged on, as `account (MECHANISM)`; "" for nobody. */
  readonly logon: string;
  /** `ms-Exch-SMTP-Accept-Any-Recipient` and its like. */
  readonly rights: readonly string[];
  readonly findings: Findings;
}

/** What agents have found out so far; each adds to what is there. */
export interface Findings {
  /** The client or sender is welcome: anti-spam agents have nothing to say. */
  readonly isAllowed?: boolean;
  /** Spam confidence, -1 to 9; becomes X-MS-Exchange-Organization-SCL. */
  readonly scl?: number;
  /** `name:value` pairs for X-MS-Exchange-Organization-Antispam-Report. */
  readonly report?: readonly string[];
}

/** All events have it: aborted when nobody waits for the answer any more. */
interface Question {
  readonly signal: AbortSignal;
}

/** Something has happened in a session. */
export interface SessionEvent extends Question {
  readonly session: Session;
}

/** A sender, as earlier agents have left it. */
export interface SenderEvent extends SessionEvent {
  readonly envelope: Envelope;
}

/** A recipient. */
export interface RecipientEvent extends SenderEvent {
  readonly recipient: Recipient;
  /** The address as the client has said it, before other agents have rewritten it. */
  readonly given: string;
}

/** The header of a message. */
export interface HeaderEvent extends SenderEvent, Header {
  readonly recipients: readonly Recipient[];
  /** The author's address; "" when there is none. */
  readonly from: string;
}

/** A message that is not accepted yet. */
export interface MessageEvent extends HeaderEvent, Content {}

/** A refusal. */
export interface RejectEvent extends SessionEvent {
  readonly reply: Reply;
}

/** A message in the categorizer. */
export interface RoutingEvent extends Question, Header, Content {
  /** Kept by all copies of one message. */
  readonly networkMessageId: string;
  readonly envelope: Envelope;
  /** The author's address; "" when there is none. */
  readonly from: string;
  /** How it came in. */
  readonly origin: {
    readonly source: "SMTP" | "PICKUP" | "REPLAY" | "DSN" | "ADMIN" | "AGENT";
    /** The receive connector's name, or "" */
    readonly connector: string;
    readonly clientAddress: string;
    readonly directionality: "Incoming" | "Originating";
    /** Address of the mailbox whose user has logged on. */
    readonly account: string | undefined;
  };
  /** Spam confidence; `undefined`: nobody has rated it. */
  readonly scl: number | undefined;
  /** Those that get it in this form. */
  readonly recipients: readonly RoutingRecipient[];
}

/** What MAIL said. */
export interface Envelope {
  /** "" is the null sender of notices. */
  readonly sender: string;
  readonly body: "7BIT" | "8BITMIME" | "BINARYMIME";
  readonly smtpUtf8: boolean;
  readonly requireTls: boolean;
}

/** What RCPT said. */
export interface Recipient {
  readonly address: string;
}

/** A recipient in the categorizer. */
export interface RoutingRecipient extends Recipient {
  /** Names it in decisions. */
  readonly position: number;
  /** What the sender wrote. */
  readonly asWritten: string;
  /** How one came from there to the address; empty: straight. */
  readonly steps: readonly {
    readonly kind: "forward" | "copy" | "group";
    readonly address: string;
  }[];
  /** Where it goes; `undefined` at OnSubmittedMessage. */
  readonly nextHop: string | undefined;
}

/** A header as it came: edits by earlier agents do not show in it. */
export interface Header {
  /** Decoded, one line. */
  readonly subject: string;
  /** Message-ID with its angle brackets. */
  readonly messageId: string;
  /** The fields from the top. */
  headers(): Promise<readonly HeaderField[]>;
}

/** One field of a header. */
export interface HeaderField {
  readonly name: string;
  /** Unfolded, without the white space around it; encoded words (RFC 2047) stay as they are. */
  readonly value: string;
}

/** The content of a message. */
export interface Content {
  /** Octets of the whole. */
  readonly bytes: number;
  /** The whole; rejects when it is longer than `bytesMax` (default and most: 32 MiB). */
  content(bytesMax?: number): Promise<Uint8Array>;
  /** The whole in pieces of up to 256 KiB, of any length in little memory. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** What the client is told. */
export interface Reply {
  /** 400 to 599. */
  readonly code: number;
  /** `5.7.1` (RFC 3463); its first digit is the code's. */
  readonly status: string;
  /** One to ten lines of printable ASCII. */
  readonly lines: readonly string[];
}

/** The client is told no; a 4xx has it try again. */
export interface Refuse {
  readonly kind: "refuse";
  readonly reply: Reply;
  /** For the agent log, best one word: `LocalBlockList`. */
  readonly reason: string;
  /** For the agent log: what the reason is about. */
  readonly data?: string;
  /** The connection is closed after the reply. */
  readonly endsSession?: boolean;
}

/** The client is told yes, and nobody gets the message. */
export interface Discard {
  readonly kind: "discard";
  readonly reason: string;
  readonly data?: string;
}

/** What becomes of a command. `undefined`: nothing to say. */
export type CommandAnswer =
  | {
      readonly kind: "accept";
      readonly findings?: Findings;
      /** No later agent is asked at this event. */
      readonly stop?: boolean;
    }
  | Refuse
  | Discard;

/** What becomes of a message before it is accepted. `undefined`: nothing to say. */
export type MessageAnswer =
  | {
      readonly kind: "accept";
      readonly stop?: boolean;
      readonly edits?: readonly HeaderEdit[];
      readonly findings?: Findings;
      /** Another envelope sender. */
      readonly sender?: string;
      readonly addRecipients?: readonly string[];
      readonly removeRecipients?: readonly string[];
      readonly content?: NewContent;
    }
  | Refuse
  | Discard
  | {
      /** The client is told yes, and an administrator may let it out. */
      readonly kind: "quarantine";
      readonly type: QuarantineType;
      readonly reason: string;
      readonly edits?: readonly HeaderEdit[];
      readonly findings?: Findings;
    };

/** What Get-QuarantineMessage shows as the type. */
export type QuarantineType =
  | "Spam"
  | "Bulk"
  | "Phish"
  | "HighConfPhish"
  | "Malware"
  | "FileTypeBlock"
  | "TransportRule"
  | "Dmarc"
  | "Policy";

/**
 * The whole message anew, at most 32 MiB: CRLF at the end of every line, no NUL, and the same
 * header fields in the same order; only what they say may differ. For fields that come or go there
 * are edits.
 */
export type NewContent = Uint8Array | readonly Uint8Array[];

/** A change to the header; changes apply in the order of the agents. */
export type HeaderEdit =
  /** Whole lines that end in CRLF, above everything. */
  | { readonly kind: "prepend"; readonly text: string }
  /** Whole lines that end in CRLF, below the last field. */
  | { readonly kind: "append"; readonly text: string }
  /** Every field of that name. */
  | { readonly kind: "remove"; readonly name: string }
  /** Fields of that name at these places, counted from 0 at the top among those of the name. */
  | { readonly kind: "removeAt"; readonly name: string; readonly positions: readonly number[] }
  /** Every field of that name. */
  | { readonly kind: "rename"; readonly from: string; readonly to: string };

/** What becomes of a message in the categorizer. `undefined`, and who is not named: it goes on. */
export interface RoutingAnswer {
  readonly decisions?: readonly {
    /** `position` of recipients. */
    readonly positions: readonly number[];
    readonly fate: Fate;
  }[];
  /** Recipients besides; they get the message with these changes. */
  readonly added?: readonly { readonly address: string; readonly changes?: Changes }[];
  /** Messages besides, sent when the decision has become durable, and judged by no agent. */
  readonly submissions?: readonly Submission[];
  /** One line for the tracking log (AGENTINFO). */
  readonly info?: string;
  /** No later agent is asked at this event. */
  readonly stop?: boolean;
}

/** What becomes of some recipients. */
export type Fate =
  | { readonly kind: "deliver"; readonly changes?: Changes }
  /** The sender gets a notice that it failed: `5.7.1`, and a line to show. */
  | { readonly kind: "reject"; readonly status: string; readonly text: string }
  /** Nobody is told. */
  | { readonly kind: "discard"; readonly reason: string }
  | { readonly kind: "quarantine"; readonly type: QuarantineType; readonly reason: string }
  /** They get nothing, these addresses do. */
  | { readonly kind: "redirect"; readonly to: readonly string[]; readonly changes?: Changes }
  /** The whole message is asked about again later: `4.3.0`, and a line to show. */
  | { readonly kind: "defer"; readonly status: string; readonly text: string };

/** The form in which recipients get the message. */
export interface Changes {
  readonly edits?: readonly HeaderEdit[];
  /** Another envelope sender. */
  readonly sender?: string;
  readonly scl?: number;
  /** As it stands in views and logs; the field is changed by edits or content. */
  readonly subject?: string;
  /** Only over TLS that is checked, or not at all (RFC 8689). */
  readonly requireTls?: true;
  readonly content?: NewContent;
}

/** A message of the agent's own. */
export interface Submission {
  /** "": nobody gets notices about it. */
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Header and body with CRLF at the end of every line; at most 4 MiB. */
  readonly content: NewContent;
  readonly subject: string;
  /** One word for the tracking log: `Archive`. */
  readonly purpose: string;
}
