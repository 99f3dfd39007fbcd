import { addressKey } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import type { OrganizationRecipient, Right } from "../../org/organization.ts";
import type { Verdict } from "../../smtp/session-handler.ts";
import type { AcceptedRecipient } from "./compose-submission.ts";
import type { TransactionLimits } from "./session-limits.ts";

const ACCEPTED_STATUS = "250 2.1.5 Recipient OK";

/** A sender, and the recipients accepted so far. */
export class SessionTransaction {
  readonly envelope: Envelope;
  readonly limits: TransactionLimits;
  readonly #recipients: AcceptedRecipient[] = [];
  /** Address keys, once there is more than one recipient. */
  #keys: Set<string> | undefined;

  constructor(envelope: Envelope, limits: TransactionLimits) {
    this.envelope = envelope;
    this.limits = limits;
  }

  get recipients(): readonly AcceptedRecipient[] {
    return this.#recipients;
  }

  /**
   * Adds a recipient that the limits let in; one given twice gets its message once, as it was asked
   * for first.
   * @param found what the directory knows of it
   */
  accept(recipient: EnvelopeRecipient, found: OrganizationRecipient | undefined): Verdict {
    const [first] = this.#recipients;
    if (first !== undefined) {
      this.#keys ??= new Set([addressKey(first.address)]);
      if (this.#keys.has(addressKey(recipient.address))) return undefined;
    }
    const refusal = this.limits.recipient(found, this.#recipients.length + 1);
    if (refusal !== undefined) return refusal;
    this.#keys?.add(addressKey(recipient.address));
    this.#recipients.push({ ...recipient, status: ACCEPTED_STATUS });
    return undefined;
  }

  /** Takes back those accepted after the first `count`: somebody else has refused them. */
  keepFirst(count: number): void {
    for (const { address } of this.#recipients.splice(count)) {
      this.#keys?.delete(addressKey(address));
    }
  }
}

/**
 * The envelope as it is passed on. Only our servers are believed about who has submitted it
 * (RFC 4954 §5); the word of others becomes "nobody".
 */
export function believedEnvelope(envelope: Envelope, rights: ReadonlySet<Right>): Envelope {
  if (envelope.submitter === undefined) return envelope;
  if (rights.has("ms-Exch-SMTP-Accept-Authentication-Flag")) return envelope;
  return { ...envelope, submitter: "" };
}
