import type { Envelope } from "../../mail/envelope.ts";
import type { HeaderSummary } from "../../mail/header.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Organization, ReceiveConnector, Right } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { ClientFacts } from "../../smtp/session-handler.ts";
import type { TransportAgent } from "../tracking/agent-table.ts";

/** Where a message comes from, as its session knows it at the end of its content. */
export interface MessageSource {
  readonly organization: Organization;
  readonly connector: ReceiveConnector;
  /** The real client's, also behind a proxy. */
  readonly remoteAddress: string;
  readonly client: ClientFacts;
  readonly rights: ReadonlySet<Right>;
  /** The client has proved who it is, or its network has. */
  readonly isAuthenticated: boolean;
}

/** A message that has come to its end and is not accepted yet. */
export interface IncomingMessage {
  readonly source: MessageSource;
  readonly envelope: Envelope;
  readonly recipientCount: number;
  readonly header: HeaderSummary;
  /** Octets of the whole content. */
  readonly bytes: number;
  /**
   * The content as it came, in pieces; those that are stored already are read back. May be called
   * more than once. @throws StoreFailure
   */
  content(): AsyncIterable<Uint8Array>;
}

/** What an agent makes of a message; `edits` apply in the order of the agents. */
export type MessageAnswer =
  | { readonly kind: "accept"; readonly edits: readonly HeaderEdit[] }
  | { readonly kind: "refuse"; readonly reply: Reply; readonly reason: string }
  /** The client is told that it was accepted, and nobody gets it. */
  | { readonly kind: "discard"; readonly reason: string };

/**
 * Judges messages at OnEndOfData, before their 250. It may wait for the network, never for a
 * processor: what computes belongs into a worker thread.
 */
export interface ReceiveAgent {
  readonly agent: TransportAgent;
  /** `undefined`: it has nothing to say of such messages, and costs them nothing. */
  judge(message: IncomingMessage): Promise<MessageAnswer> | undefined;
}
