import type { Address } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  AuthStep,
  ClientFacts,
  ContentSink,
  SessionHandler,
  SessionOptions,
  SessionTls,
  TlsFacts,
  Verdict,
  XclientAttributes,
} from "../../smtp/session-handler.ts";
import type { Standing } from "./connector-profile.ts";
import type { ReceiveSession } from "./session.ts";
import type { SessionHearing } from "./session-hearing.ts";

/**
 * The policy of a session that agents are asked about as well: our own rules come first, and what
 * they have accepted the agents judge.
 */
export class HeardSession implements SessionHandler {
  readonly hearing: SessionHearing;
  readonly #session: ReceiveSession;

  constructor(session: ReceiveSession, hearing: SessionHearing) {
    this.#session = session;
    this.hearing = hearing;
  }

  get options(): SessionOptions {
    return this.#session.options;
  }

  get tls(): SessionTls | undefined {
    return this.#session.tls;
  }

  get standing(): Standing {
    return this.#session.standing;
  }

  secured(tls: TlsFacts): void {
    this.#session.secured(tls);
    this.hearing.secured(tls);
  }

  authenticate(
    client: ClientFacts,
    mechanism: string,
    response: Uint8Array | undefined,
  ): Promise<AuthStep> {
    this.hearing.authenticating(client);
    return this.#logOn(this.#session.authenticate(client, mechanism, response));
  }

  continueAuthentication(response: Uint8Array): Promise<AuthStep> {
    return this.#logOn(this.#session.continueAuthentication(response));
  }

  cancelAuthentication(): void {
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
    const own = this.#session.mail(client, envelope, sizeBytes);
    return this.#also(own, () => this.hearing.mail(client, envelope));
  }

  rcpt(client: ClientFacts, recipient: EnvelopeRecipient): Promise<Verdict> | Verdict {
    const address = this.hearing.rewrite(recipient.address);
    const rewritten = address === recipient.address ? recipient : readdressed(recipient, address);
    const countBefore = this.#session.transaction?.recipients.length ?? 0;
    const own = this.#session.rcpt(client, rewritten);
    const verdict = this.#also(own, () => {
      const transaction = this.#session.transaction;
      if (transaction === undefined) return undefined;
      return this.hearing.rcpt(transaction.envelope, rewritten, recipient.address);
    });
    const settle = (reply: Verdict) => {
      if (reply !== undefined) this.#session.transaction?.keepFirst(countBefore);
      return reply;
    };
    return verdict instanceof Promise ? verdict.then(settle) : settle(verdict);
  }

  beginContent(client: ClientFacts): ContentSink | Reply {
    const sink = this.#session.beginContent(client, (parts) => this.hearing.message(parts));
    if ("code" in sink) {
      this.hearing.rejected(sink);
      return sink;
    }
    return {
      write: (bytes) => sink.write(bytes),
      end: async () => this.#told(await sink.end()),
      abort: () => sink.abort(),
    };
  }

  reset(): void {
    this.#session.reset();
    this.hearing.reset();
  }

  closed(reason: string): void {
    this.#session.closed(reason);
    this.hearing.closed();
  }

  async #logOn(asked: Promise<AuthStep>): Promise<AuthStep> {
    const step = await asked;
    if (step.kind !== "done") return step;
    if (step.reply.code < 400) this.hearing.authenticated();
    else this.hearing.rejected(step.reply);
    return step;
  }

  /** Agents are asked of what our own rules have accepted. */
  #also(
    own: Promise<Verdict> | Verdict,
    ask: () => Promise<Verdict> | Verdict,
  ): Promise<Verdict> | Verdict {
    const next = (verdict: Verdict) => {
      if (verdict !== undefined) return this.#told(verdict);
      const asked = ask();
      return asked instanceof Promise
        ? asked.then((reply) => this.#told(reply))
        : this.#told(asked);
    };
    return own instanceof Promise ? own.then(next) : next(own);
  }

  #told<Answer extends Verdict>(reply: Answer): Answer {
    if (reply !== undefined && reply.code >= 400) this.hearing.rejected(reply);
    return reply;
  }
}

/** Notices tell the sender of the address that was written to (RFC 3461 §4.2). */
function readdressed(recipient: EnvelopeRecipient, address: Address): EnvelopeRecipient {
  const written = {
    type: isAscii(recipient.address) ? "rfc822" : "utf-8",
    address: recipient.address,
  };
  return { ...recipient, address, originalRecipient: recipient.originalRecipient ?? written };
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
