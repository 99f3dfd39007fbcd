import { assert } from "../../base/assert.ts";
import { delay } from "../../base/clock.ts";
import { addressKey } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import type { Directory } from "../../org/directory.ts";
import type { Organization, ReceiveConnector } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import { REPLY } from "../../smtp/reply-table.ts";
import type {
  AuthStep,
  ClientFacts,
  ConnectionFacts,
  ContentSink,
  SessionHandler,
  SessionOptions,
  SessionTls,
  Verdict,
} from "../../smtp/session-handler.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import type { AcceptedRecipient } from "./compose-submission.ts";
import type { ConnectorProfile } from "./connector-profile.ts";
import { MessageSink, type SinkDependencies } from "./message-sink.ts";
import { POLICY_REPLY } from "./policy-reply.ts";
import { decideRecipient, maySendAs } from "./recipient-policy.ts";

/** What sessions need of their surroundings. */
export interface SessionDependencies extends SinkDependencies {
  /** The organization in force now: recipients are looked up in it. */
  readonly organization: () => Organization;
  readonly directory: Directory;
  /** Certificates and rules of TLS on a connector; `undefined`: it has none. */
  readonly tlsFor: (connector: ReceiveConnector) => SessionTls | undefined;
  /** Milliseconds that back pressure holds back the reply to MAIL; absent or 0 is not at all. */
  readonly mailDelayMs?: () => number;
}

/** A connection that has found its connector. */
export interface SessionFacts {
  /** The organization as it was when the client connected; in force for the whole session. */
  readonly organization: Organization;
  readonly profile: ConnectorProfile;
  readonly connection: ConnectionFacts;
  readonly banner: string;
  /** Called once, when the session is over. */
  readonly leave: () => void;
}

/** A sender, and the recipients accepted so far. */
interface Transaction {
  readonly envelope: Envelope;
  readonly recipients: AcceptedRecipient[];
  /** Address keys, once there is more than one recipient. */
  keys: Set<string> | undefined;
}

const ACCEPTED_STATUS = "250 2.1.5 Recipient OK";

/** The policy behind one session (style §5: the machine asks, this answers). */
export class ReceiveSession implements SessionHandler {
  readonly options: SessionOptions;
  readonly tls: SessionTls | undefined;
  readonly #dependencies: SessionDependencies;
  readonly #facts: SessionFacts;
  #transaction: Transaction | undefined;

  constructor(dependencies: SessionDependencies, facts: SessionFacts) {
    this.#dependencies = dependencies;
    this.#facts = facts;
    this.options = { ...facts.profile.options, banner: facts.banner };
    this.tls = dependencies.tlsFor(facts.profile.connector);
  }

  authenticate(): Promise<AuthStep> {
    return this.continueAuthentication();
  }

  continueAuthentication(): Promise<AuthStep> {
    return Promise.resolve({ kind: "done", reply: REPLY.notImplemented });
  }

  cancelAuthentication(): void {}

  secured(_tls: TlsFacts): void {}

  xclient(): Reply {
    return REPLY.notImplemented;
  }

  mail(_client: ClientFacts, envelope: Envelope): Promise<Verdict> | Verdict {
    const { clock, count, mailDelayMs, queue } = this.#dependencies;
    const { organization, profile } = this.#facts;
    if (!profile.rights.has("ms-Exch-SMTP-Submit")) {
      count("postrider_rejected_total:authentication");
      return POLICY_REPLY.notAuthenticated;
    }
    if (!queue.admits("SMTP")) {
      count("postrider_rejected_total:back_pressure");
      return POLICY_REPLY.insufficientResources;
    }
    if (!maySendAs(organization, profile.rights, envelope.sender)) {
      count("postrider_rejected_total:sender");
      return POLICY_REPLY.senderNotAllowed;
    }
    this.#transaction = { envelope, recipients: [], keys: undefined };
    const delayMs = mailDelayMs?.() ?? 0;
    return delayMs > 0 ? delay(clock, delayMs).then(() => undefined) : undefined;
  }

  rcpt(_client: ClientFacts, recipient: EnvelopeRecipient): Promise<Verdict> | Verdict {
    const transaction = this.#transaction;
    assert(transaction !== undefined, "the machine asks about a transaction it has begun");
    const { count, organization } = this.#dependencies;
    const decision = decideRecipient(organization(), this.#facts.profile.rights, recipient.address);
    switch (decision.kind) {
      case "accept":
        accept(transaction, recipient);
        return undefined;
      case "look-up":
        return this.#lookUp(transaction, recipient, decision.addresses);
      default:
        count("postrider_rejected_total:relay");
        return POLICY_REPLY.unableToRelay;
    }
  }

  async #lookUp(
    transaction: Transaction,
    recipient: EnvelopeRecipient,
    addresses: readonly EnvelopeRecipient["address"][],
  ): Promise<Verdict> {
    const { count, diagnostics, directory } = this.#dependencies;
    try {
      const found = await directory.findRecipients(addresses);
      if (found.every((one) => one === undefined)) {
        count("postrider_rejected_total:recipient");
        return POLICY_REPLY.recipientNotFound;
      }
      accept(transaction, recipient);
      return undefined;
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      count("postrider_rejected_total:store");
      diagnostics.warn("directory-failed", { error: error.message });
      return POLICY_REPLY.temporaryError;
    }
  }

  beginContent(client: ClientFacts): ContentSink | Reply {
    const transaction = this.#transaction;
    assert(transaction !== undefined, "the machine asks about a transaction it has begun");
    const { organization, profile, connection } = this.#facts;
    const { envelope, recipients } = transaction;
    return new MessageSink(this.#dependencies, {
      organization,
      profile,
      connection,
      client,
      envelope,
      recipients,
    });
  }

  reset(): void {
    this.#transaction = undefined;
  }

  closed(_reason: string): void {
    this.#transaction = undefined;
    this.#facts.leave();
  }
}

/** Adds a recipient; one given twice gets its message once, as it was asked for first. */
function accept(transaction: Transaction, recipient: EnvelopeRecipient): void {
  const { recipients } = transaction;
  const first = recipients[0];
  if (first !== undefined) {
    transaction.keys ??= new Set([addressKey(first.address)]);
    const key = addressKey(recipient.address);
    if (transaction.keys.has(key)) return;
    transaction.keys.add(key);
  }
  recipients.push({ ...recipient, status: ACCEPTED_STATUS });
}
