import type { Address } from "../../mail/address.ts";
import type { Envelope } from "../../mail/envelope.ts";
import type { HeaderSummary } from "../../mail/header.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { readHeaderSection } from "../../mail/header-section.ts";
import { unprovenIdentities } from "../../mailauth/unproven-identities.ts";
import { type AgentVerdict, askAgents } from "../agents/agent-chain.ts";
import type { Seat } from "../agents/agent-roster.ts";
import { stampEdits } from "../agents/agent-stamps.ts";
import { MessageDraft } from "../agents/message-draft.ts";
import type {
  AgentSession,
  Findings,
  HeaderSubject,
  IncomingMessage,
  MessageChanges,
  ReceiveAgent,
  ReceiveEvent,
  ReceiveEvents,
} from "../agents/receive-agent.ts";
import type { AcceptedMessage, AcceptedRecipient } from "./compose-submission.ts";

/** A message whose content is about to come. */
export interface MessageHearingParts {
  readonly envelope: Envelope;
  readonly recipients: readonly AcceptedRecipient[];
  readonly session: AgentSession;
  /** What is decided of it already, or will be by those asked at DATA. */
  readonly begun: Promise<AgentVerdict | undefined> | AgentVerdict | undefined;
  /** Told of what agents find out. */
  readonly found: (findings: Findings | undefined) => void;
  /** Agents that could not judge and let pass. */
  readonly unjudged: {
    readonly add: (agent: string) => void;
    readonly all: () => readonly string[];
  };
  /** Told of each verdict, for the agent log. */
  readonly decided: (verdict: AgentVerdict, event: ReceiveEvent, how: Decided) => void;
}

/** Whether something comes of a verdict. */
export type Decided = "in-force" | "shadow-run";

/** What came of the header of a message. */
export interface SeenHeader {
  readonly header: HeaderSummary;
  /** As it came, to the empty line. */
  readonly headerBytes: Uint8Array;
}

/** The whole of a message. */
export type SeenContent = SeenHeader & Pick<IncomingMessage, "bytes" | "content">;

type Asked = Promise<AgentVerdict | undefined> | AgentVerdict | undefined;
type MessageEvent = "OnEndOfHeaders" | "OnEndOfData";

/** Agents, and one message: asks them of its header and its content, and keeps what they change. */
export class MessageHearing {
  readonly draft: MessageDraft<AcceptedRecipient>;
  readonly #seats: readonly Seat<ReceiveAgent>[];
  readonly #parts: MessageHearingParts;
  #asked: Asked;

  constructor(seats: readonly Seat<ReceiveAgent>[], parts: MessageHearingParts) {
    const { envelope, recipients } = parts;
    this.#seats = seats;
    this.#parts = parts;
    this.#asked = parts.begun;
    this.draft = new MessageDraft({ envelope, recipients, newRecipient });
  }

  /** The header has come. A promise asks the sender to wait. */
  endOfHeaders(seen: SeenHeader): Promise<void> | undefined {
    const asked = this.#then("OnEndOfHeaders", () => this.#headerSubject(seen));
    return asked instanceof Promise ? asked.then(() => undefined) : undefined;
  }

  /** The content has come: what is decided. */
  endOfData(seen: SeenContent): Asked {
    return this.#then("OnEndOfData", () => this.#messageSubject(seen));
  }

  /** The edits of all agents, and the stamps of what they have found. */
  edits(): readonly HeaderEdit[] {
    const { session, unjudged } = this.#parts;
    return [...this.draft.edits, ...stampEdits(session.findings, unjudged.all())];
  }

  /** What agents have found out that goes on with the message. */
  get found(): Pick<AcceptedMessage, "scl" | "unproven"> {
    const { scl, authentication } = this.#parts.session.findings;
    return {
      ...(scl !== undefined && { scl }),
      ...(authentication && { unproven: unprovenIdentities(authentication) }),
    };
  }

  /** After what is still being asked, and only if that has decided nothing. */
  #then<Event extends MessageEvent>(
    event: Event,
    subject: () => ReceiveEvents[Event]["subject"],
  ): Asked {
    const before = this.#asked;
    const ask = () => this.#ask(event, subject());
    this.#asked =
      before instanceof Promise ? before.then((verdict) => verdict ?? ask()) : (before ?? ask());
    return this.#asked;
  }

  #ask<Event extends MessageEvent>(event: Event, subject: ReceiveEvents[Event]["subject"]): Asked {
    const { found, unjudged, decided } = this.#parts;
    const change = (answer: MessageChanges) => {
      this.draft.change(answer);
      found(answer.findings);
    };
    const asked = askAgents(this.#seats, event, {
      subject,
      accepted: change,
      ended: (answer) => {
        if (answer.kind === "quarantine" && answer.edits !== undefined) {
          this.draft.change({ edits: answer.edits });
        }
        found(answer.findings);
      },
      unjudged: (agent) => unjudged.add(agent),
      shadowed: (verdict) => decided(verdict, event, "shadow-run"),
    });
    const told = (verdict: AgentVerdict | undefined) => {
      if (verdict !== undefined) decided(verdict, event, "in-force");
      return verdict;
    };
    return asked instanceof Promise ? asked.then(told) : told(asked);
  }

  /** What earlier agents have changed is seen by later ones. */
  #headerSubject({ header, headerBytes }: SeenHeader): HeaderSubject {
    const { draft } = this;
    return {
      session: this.#parts.session,
      get envelope(): Envelope {
        return draft.envelope;
      },
      get recipients(): readonly AcceptedRecipient[] {
        return draft.recipients;
      },
      header,
      headerBytes,
      edits: draft.edits,
    };
  }

  #messageSubject(seen: SeenContent): IncomingMessage {
    const { draft } = this;
    const { session, header, edits } = this.#headerSubject(seen);
    let known: { readonly of: typeof draft.content; readonly bytes: Uint8Array } = {
      of: undefined,
      bytes: seen.headerBytes,
    };
    return {
      session,
      get envelope(): Envelope {
        return draft.envelope;
      },
      get recipients(): readonly AcceptedRecipient[] {
        return draft.recipients;
      },
      header,
      // Of the content that there is: its body begins behind them.
      get headerBytes(): Uint8Array {
        const { content } = draft;
        if (content !== undefined && known.of !== content) {
          const bytes = headerOf(content, session.connector.maxHeaderSize);
          known = { of: content, bytes };
        }
        return known.bytes;
      },
      edits,
      get bytes(): number {
        return draft.content === undefined ? seen.bytes : byteCount(draft.content);
      },
      async *content() {
        yield* draft.content ?? seen.content();
      },
    };
  }
}

/** The fields of a content; of a header that is longer than may be, a part. */
function headerOf(pieces: readonly Uint8Array[], bytesMax: number): Uint8Array {
  const first: Uint8Array[] = [];
  let room = bytesMax;
  for (const piece of pieces) {
    if (room <= 0) break;
    first.push(piece.subarray(0, room));
    room -= piece.length;
  }
  const bytes = Buffer.concat(first);
  return bytes.subarray(0, readHeaderSection(bytes).end);
}

function byteCount(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** One that an agent has added. */
function newRecipient(address: Address): AcceptedRecipient {
  return { address, originalRecipient: undefined, notify: undefined, status: "" };
}
