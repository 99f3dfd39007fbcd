import { type Address, addressKey } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Findings, MessageChanges } from "./receive-agent.ts";

/** What agents have made of a message so far. */
export class MessageDraft<Recipient extends EnvelopeRecipient> {
  readonly edits: HeaderEdit[] = [];
  /** Set once an agent has given the message another content. */
  content: readonly Uint8Array[] | undefined;
  readonly #newRecipient: (address: Address) => Recipient;
  #envelope: Envelope;
  #recipients: readonly Recipient[];

  constructor(parts: {
    readonly envelope: Envelope;
    readonly recipients: readonly Recipient[];
    /** A recipient that an agent adds. */
    readonly newRecipient: (address: Address) => Recipient;
  }) {
    this.#envelope = parts.envelope;
    this.#recipients = parts.recipients;
    this.#newRecipient = parts.newRecipient;
  }

  get envelope(): Envelope {
    return this.#envelope;
  }

  get recipients(): readonly Recipient[] {
    return this.#recipients;
  }

  /** All but the findings, which are the session's. */
  change({ edits, sender, addRecipients, removeRecipients, content }: MessageChanges): void {
    if (edits !== undefined) this.edits.push(...edits);
    if (sender !== undefined) this.#envelope = { ...this.#envelope, sender };
    if (removeRecipients !== undefined) {
      const gone = new Set(removeRecipients.map(addressKey));
      this.#recipients = this.#recipients.filter(({ address }) => !gone.has(addressKey(address)));
    }
    if (addRecipients !== undefined) {
      const known = new Set(this.#recipients.map(({ address }) => addressKey(address)));
      const added = addRecipients.filter((address) => {
        const isNew = !known.has(addressKey(address));
        known.add(addressKey(address));
        return isNew;
      });
      this.#recipients = [...this.#recipients, ...added.map(this.#newRecipient)];
    }
    if (content !== undefined) this.content = content;
  }
}

/** What is known when an agent has added to it. */
export function joinFindings(known: Findings, found: Findings | undefined): Findings {
  if (found === undefined) return known;
  const report = [...(known.report ?? []), ...(found.report ?? [])];
  return { ...known, ...found, ...(report.length > 0 && { report }) };
}
