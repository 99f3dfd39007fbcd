import type { Authenticator, Logon } from "../../authentication/authenticator.ts";
import { nameContextOf, resolveUserName } from "../../authentication/user-name.ts";
import { assert } from "../../base/assert.ts";
import { delay } from "../../base/clock.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import type { HeaderAuthors } from "../../mail/header.ts";
import type { Directory } from "../../org/directory.ts";
import type {
  Mailbox,
  Organization,
  OrganizationRecipient,
  ReceiveConnector,
} from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  AuthStep,
  ClientFacts,
  ConnectionFacts,
  ContentSink,
  PeerCertificateFacts,
  SessionHandler,
  SessionOptions,
  SessionTls,
  TlsFacts,
  Verdict,
  XclientAttributes,
} from "../../smtp/session-handler.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { refuseNewMail } from "./admission.ts";
import { judgeAlternate } from "./alternate-policy.ts";
import { withClientSettings } from "./client-settings.ts";
import { type ConnectorProfile, type Standing, standingOf } from "./connector-profile.ts";
import type { MessageHearing } from "./message-hearing.ts";
import { MessageSink, type SinkDependencies } from "./message-sink.ts";
import { AUTHORS_REPLY, POLICY_REPLY, RECIPIENT_REPLY } from "./policy-reply.ts";
import { decideRecipient, type RecipientDecision, type SenderRules } from "./recipient-policy.ts";
import { isDomainProved } from "./rights.ts";
import { decideAuthors, decideSender, hasSendAs, mayUseAnySender } from "./sender-policy.ts";
import { type LimitDependencies, TransactionLimits } from "./session-limits.ts";
import { LogonTalk } from "./session-logon.ts";
import { believedEnvelope, SessionTransaction } from "./session-transaction.ts";
import { asVouched, type Vouched } from "./vouched-client.ts";

/** What sessions need of their surroundings. */
export interface SessionDependencies extends SinkDependencies, SenderRules {
  /** The organization in force now: recipients are looked up in it. */
  readonly organization: () => Organization;
  readonly directory: Directory;
  readonly limits: LimitDependencies;
  /** Absent: nobody can log on. */
  readonly authenticator?: Authenticator;
  /** Certificates and rules of TLS on a connector; `undefined`: it has none. */
  readonly tlsFor: (
    connector: ReceiveConnector,
    how: Pick<SessionTls, "requestsCertificate">,
  ) => SessionTls | undefined;
  /** Milliseconds that back pressure holds back the reply to MAIL; absent or 0 is not at all. */
  readonly mailDelayMs?: () => number;
  /** Whether an administrator lets new mail in (Set-ServerComponentState); absent: he does. */
  readonly takesMail?: () => boolean;
}

/** A connection that has found its connector. */
export interface SessionFacts {
  /** The organization as it was when the client connected; in force for the whole session. */
  readonly organization: Organization;
  readonly profile: ConnectorProfile;
  readonly connection: ConnectionFacts;
  /** As all logs name it; "" when nobody keeps any. */
  readonly sessionId: string;
  readonly banner: string;
  readonly vouched: Vouched | undefined;
  /** The connection may use XCLIENT. */
  readonly mayVouch: boolean;
  /** The session that XCLIENT makes of this one. */
  readonly reopen: (attributes: XclientAttributes) => SessionHandler | Reply;
  /** Called once, when the session is over. */
  readonly leave: () => void;
}

/** The policy behind one session (style §5: the machine asks, this answers). */
export class ReceiveSession implements SessionHandler {
  readonly tls: SessionTls | undefined;
  readonly #dependencies: SessionDependencies;
  readonly #facts: SessionFacts;
  #options: SessionOptions;
  #standing: Standing;
  #certificate: PeerCertificateFacts | undefined;
  #logonTalk: LogonTalk | undefined;
  /** The mailbox that the speaker has named is still to be looked up. */
  #unknownLogin: string;
  #transaction: SessionTransaction | undefined;

  constructor(dependencies: SessionDependencies, facts: SessionFacts) {
    this.#dependencies = dependencies;
    this.#facts = facts;
    this.#standing = facts.profile.stranger;
    this.#options = this.#optionsOf(this.#standing);
    this.#unknownLogin = facts.vouched?.login ?? "";
    this.tls = dependencies.tlsFor(facts.profile.connector, facts.profile);
  }

  get options(): SessionOptions {
    return this.#options;
  }

  get standing(): Standing {
    return this.#standing;
  }

  get transaction(): SessionTransaction | undefined {
    return this.#transaction;
  }

  secured({ peerCertificate }: TlsFacts): void {
    // What XCLIENT's speaker shows is the speaker's, not the client's.
    if (this.#facts.vouched !== undefined) return;
    this.#certificate = peerCertificate;
    // A logon in clear is forgotten with all else that was said so (RFC 3207 §4.2).
    if (peerCertificate || this.#standing.logon) this.#judge(undefined);
  }

  authenticate(
    client: ClientFacts,
    mechanism: string,
    response: Uint8Array | undefined,
  ): Promise<AuthStep> {
    const { authenticator, diagnostics } = this.#dependencies;
    const accept = (logon: Logon) => this.#logOn(logon);
    this.#logonTalk ??= new LogonTalk({ authenticator, diagnostics, accept });
    return this.#logonTalk.begin(mechanism, response, {
      connector: this.#facts.profile.connector,
      remoteAddress: this.#facts.connection.remoteAddress,
      tls: client.tls,
    });
  }

  continueAuthentication(response: Uint8Array): Promise<AuthStep> {
    assert(this.#logonTalk !== undefined, "the machine continues what it has begun");
    return this.#logonTalk.next(response);
  }

  cancelAuthentication(): void {
    this.#logonTalk?.cancel();
  }

  xclient(attributes: XclientAttributes): SessionHandler | Reply {
    return this.#facts.mayVouch ? this.#facts.reopen(attributes) : POLICY_REPLY.xclientDenied;
  }

  mail(
    _client: ClientFacts,
    envelope: Envelope,
    sizeBytes: number | undefined,
  ): Promise<Verdict> | Verdict {
    const login = this.#unknownLogin;
    if (login === "") return this.#mail(envelope, sizeBytes);
    return this.#findLogin(login).then((verdict) => verdict ?? this.#mail(envelope, sizeBytes));
  }

  #mail(envelope: Envelope, sizeBytes: number | undefined): Promise<Verdict> | Verdict {
    const { count } = this.#dependencies;
    const { organization } = this.#facts;
    if (!this.#standing.rights.has("ms-Exch-SMTP-Submit")) {
      count("postrider_rejected_total:authentication");
      return withClientSettings(POLICY_REPLY.notAuthenticated, organization);
    }
    const refused = refuseNewMail(this.#dependencies);
    if (refused !== undefined) return refused;
    const { sender } = envelope;
    if (!isDomainProved(this.#facts.profile, this.#certificate, sender)) {
      count("postrider_rejected_total:tls_required");
      return POLICY_REPLY.certificateInvalid;
    }
    switch (decideSender(organization, this.#standing, sender)) {
      case "allowed":
        return this.#begin(envelope, sizeBytes);
      case "denied":
        count("postrider_rejected_total:sender");
        return POLICY_REPLY.senderNotAllowed;
      case "look-up":
        assert(sender !== "", "the null sender is nobody's");
        return this.#checkSendAs([sender]).then(
          (verdict) => verdict ?? this.#begin(envelope, sizeBytes),
        );
    }
  }

  rcpt(_client: ClientFacts, recipient: EnvelopeRecipient): Promise<Verdict> | Verdict {
    const { alternateRecipient: alternate } = recipient;
    if (alternate === undefined) return this.#judgeRecipient(recipient);
    const judged = judgeAlternate(this.#decide(alternate), (those) => this.#find(those));
    return judged.then((verdict) => verdict ?? this.#judgeRecipient(recipient));
  }

  #decide(address: Address): RecipientDecision {
    const { rights, isAuthenticated } = this.#standing;
    const { organization, rewriting } = this.#dependencies;
    const { connector } = this.#facts.profile;
    const sender = this.#transaction?.envelope.sender;
    const rules = { rights, isAuthenticated, connector, rewriting, sender };
    return decideRecipient(organization(), rules, address);
  }

  #judgeRecipient(recipient: EnvelopeRecipient): Promise<Verdict> | Verdict {
    const transaction = this.#transaction;
    assert(transaction !== undefined, "the machine asks about a transaction it has begun");
    const decision = this.#decide(recipient.address);
    switch (decision.kind) {
      case "accept":
        return transaction.accept(recipient, undefined);
      case "look-up":
        return this.#lookUp(transaction, recipient, decision);
      case "refuse": {
        const isRelay = decision.reason === "relay-denied";
        this.#dependencies.count(`postrider_rejected_total:${isRelay ? "relay" : "recipient"}`);
        return RECIPIENT_REPLY[decision.reason];
      }
    }
  }

  async #lookUp(
    transaction: SessionTransaction,
    recipient: EnvelopeRecipient,
    {
      addresses,
      ifUnknown,
    }: {
      readonly addresses: readonly Address[];
      readonly ifUnknown: "accept" | "refuse";
    },
  ): Promise<Verdict> {
    const found = await this.#find(addresses);
    if (found === undefined) return POLICY_REPLY.temporaryError;
    const known = found.find((one) => one !== undefined);
    if (known === undefined && ifUnknown === "refuse") {
      this.#dependencies.count("postrider_rejected_total:recipient");
      return POLICY_REPLY.recipientNotFound;
    }
    return transaction.accept(recipient, known);
  }

  /** @param hear opens the hearing of agents; absent: none is asked */
  beginContent(
    client: ClientFacts,
    hear?: (parts: SessionTransaction) => MessageHearing,
  ): ContentSink | Reply {
    const transaction = this.#transaction;
    assert(transaction !== undefined, "the machine asks about a transaction it has begun");
    const { organization, profile, connection, sessionId, vouched } = this.#facts;
    const { envelope, limits, recipients } = transaction;
    const standing = this.#standing;
    return new MessageSink(this.#dependencies, {
      ...{ organization, profile, standing, connection, sessionId },
      client: vouched === undefined ? client : asVouched(client, vouched),
      envelope,
      recipients,
      limits,
      hearing: hear?.(transaction),
      ...(!mayUseAnySender(standing) && { checkAuthors: (authors) => this.#checkAuthors(authors) }),
    });
  }

  reset(): void {
    this.#transaction = undefined;
  }

  closed(_reason: string): void {
    this.#transaction = undefined;
    this.#logonTalk?.cancel();
    this.#facts.leave();
  }

  /** What the client may do now; `options` follow. */
  #judge(logon: Logon | undefined): void {
    const identity = { logon, certificate: this.#certificate };
    this.#standing = standingOf(this.#facts.profile, identity);
    this.#options = this.#optionsOf(this.#standing);
  }

  #optionsOf({ options }: Standing): SessionOptions {
    const { banner, mayVouch } = this.#facts;
    const extensions = mayVouch ? { ...options.extensions, xclient: true } : options.extensions;
    return { ...options, extensions, banner };
  }

  #logOn(logon: Logon): boolean {
    const before = this.#standing;
    this.#judge(logon);
    if (this.#standing.rights.has("ms-Exch-SMTP-Submit")) {
      // Who proves it himself is believed before the one who speaks for him.
      this.#unknownLogin = "";
      return true;
    }
    this.#standing = before;
    this.#options = this.#optionsOf(before);
    return false;
  }

  /** XCLIENT's speaker has checked the password; whose it is must be somebody here. */
  async #findLogin(login: string): Promise<Verdict> {
    const { organization, profile } = this.#facts;
    const names = nameContextOf(organization.acceptedDomains, profile.connector);
    const address = resolveUserName(login, names);
    const found = address === undefined ? [] : await this.#find([address]);
    if (found === undefined) return POLICY_REPLY.temporaryError;
    const [mailbox] = found;
    if (mailbox?.kind === "mailbox") {
      this.#unknownLogin = "";
      const account = addressKey(mailbox.primarySmtpAddress);
      // RFC 4422 Appendix A: the identity comes from outside the exchange.
      this.#judge({ account, mailbox, mechanism: "EXTERNAL", appPassword: undefined });
      return undefined;
    }
    this.#dependencies.diagnostics.warn("xclient-login-unknown", {
      speaker: this.#facts.vouched?.speaker,
    });
    this.#dependencies.count("postrider_rejected_total:authentication");
    return POLICY_REPLY.notAuthenticated;
  }

  /** Whose own limits hold: the user's, and on a network that vouches for it the sender's. */
  #begin(envelope: Envelope, sizeBytes: number | undefined): Promise<Verdict> | Verdict {
    const { logon, isAuthenticated } = this.#standing;
    const { sender } = envelope;
    if (logon !== undefined || !isAuthenticated || sender === "") {
      return this.#beginWithin(envelope, { sizeBytes, mailbox: logon?.mailbox });
    }
    return this.#find([sender]).then((found) => {
      if (found === undefined) return POLICY_REPLY.temporaryError;
      const [mailbox] = found;
      const own = mailbox?.kind === "mailbox" ? mailbox : undefined;
      return this.#beginWithin(envelope, { sizeBytes, mailbox: own });
    });
  }

  #beginWithin(
    envelope: Envelope,
    facts: { readonly sizeBytes: number | undefined; readonly mailbox: Mailbox | undefined },
  ): Promise<Verdict> | Verdict {
    const { clock, mailDelayMs } = this.#dependencies;
    const { connection, organization, profile } = this.#facts;
    const limits = TransactionLimits.begin(this.#dependencies.limits, {
      organization,
      connector: profile.connector,
      remoteAddress: connection.remoteAddress,
      standing: this.#standing,
      envelope,
      ...facts,
    });
    if (!(limits instanceof TransactionLimits)) return limits;
    const passedOn = believedEnvelope(envelope, this.#standing.rights);
    this.#transaction = new SessionTransaction(passedOn, limits);
    const delayMs = mailDelayMs?.() ?? 0;
    return delayMs > 0 ? delay(clock, delayMs).then(() => undefined) : undefined;
  }

  #checkAuthors(authors: HeaderAuthors): Promise<Verdict> | Verdict {
    const decision = decideAuthors(this.#facts.organization, this.#standing, authors);
    switch (decision.kind) {
      case "allowed":
        return undefined;
      case "denied":
        this.#dependencies.count("postrider_rejected_total:sender");
        return AUTHORS_REPLY[decision.reason];
      case "look-up":
        return this.#checkSendAs(decision.addresses);
    }
  }

  /** Whether the user has Send As for all of them. */
  async #checkSendAs(addresses: readonly Address[]): Promise<Verdict> {
    const { logon } = this.#standing;
    const found = await this.#find(addresses);
    if (found === undefined) return POLICY_REPLY.temporaryError;
    const mayAll = addresses.every(
      (address, index) => logon !== undefined && hasSendAs(logon, address, found[index]),
    );
    if (mayAll) return undefined;
    this.#dependencies.count("postrider_rejected_total:sender");
    return POLICY_REPLY.senderNotAllowed;
  }

  /** `undefined`: the directory cannot answer. */
  async #find(
    addresses: readonly Address[],
  ): Promise<readonly (OrganizationRecipient | undefined)[] | undefined> {
    const { count, diagnostics, directory } = this.#dependencies;
    try {
      return await directory.findRecipients(addresses);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      count("postrider_rejected_total:store");
      diagnostics.warn("directory-failed", { error: error.message });
      return undefined;
    }
  }
}
