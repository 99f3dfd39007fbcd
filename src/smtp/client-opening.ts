import type { ClientOptions, SessionEnd } from "./client-event.ts";
import { NO_OFFERS, type Offers, parseOffers, parseServerName } from "./client-offers.ts";
import type { ServerReply } from "./reply-parser.ts";

/** What follows a reply before the first transaction. */
export type OpeningNext =
  | { readonly kind: "say"; readonly line: string; readonly step: "ehlo" | "helo" | "starttls" }
  /** The handshake is to be done now. */
  | { readonly kind: "handshake" }
  | { readonly kind: "log-on" | "ready" }
  | { readonly kind: "end"; readonly end: SessionEnd };

/** The opening of a session: greeting, hello, STARTTLS, hello again (RFC 5321 §3.1, RFC 3207). */
export class ClientOpening {
  readonly #options: ClientOptions;
  #offers: Offers = NO_OFFERS;
  #tls = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** What the server offered last. */
  get offers(): Offers {
    return this.#offers;
  }

  takeGreeting(reply: ServerReply): OpeningNext {
    if (reply.code >= 400) return refused("greeting", reply);
    if (reply.code !== 220) return violation(`greeting ${reply.code}`);
    return this.#self(reply) ?? this.#hello();
  }

  takeHello(step: "ehlo" | "helo", reply: ServerReply): OpeningNext {
    const { protocol, startTls, fqdn } = this.#options;
    // RFC 5321 §3.2: a server that does not know EHLO may know HELO.
    if (reply.code >= 500 && step === "ehlo" && protocol === "smtp") {
      return { kind: "say", line: `HELO ${fqdn}`, step: "helo" };
    }
    if (reply.code >= 400) return refused("hello", reply);
    if (reply.code !== 250) return violation(`${reply.code} to ${step.toUpperCase()}`);
    const self = this.#self(reply);
    if (self !== undefined) return self;
    this.#offers = step === "ehlo" ? parseOffers(reply.lines) : NO_OFFERS;
    if (this.#tls || startTls === "never") return this.#opened();
    if (this.#offers.startTls) return { kind: "say", line: "STARTTLS", step: "starttls" };
    if (startTls === "required") return { kind: "end", end: { kind: "tls-missing" } };
    return this.#opened();
  }

  takeStartTls(reply: ServerReply): OpeningNext {
    if (reply.code === 220) return { kind: "handshake" };
    if (this.#options.startTls === "required") return refused("starttls", reply);
    return this.#opened();
  }

  /** The handshake is done: everything learnt in clear is forgotten (RFC 3207 §4.2). */
  tlsStarted(): OpeningNext {
    this.#tls = true;
    this.#offers = NO_OFFERS;
    return this.#hello();
  }

  #hello(): OpeningNext {
    const { protocol, forceHelo, fqdn } = this.#options;
    if (protocol === "lmtp") return { kind: "say", line: `LHLO ${fqdn}`, step: "ehlo" };
    if (forceHelo) return { kind: "say", line: `HELO ${fqdn}`, step: "helo" };
    return { kind: "say", line: `EHLO ${fqdn}`, step: "ehlo" };
  }

  #opened(): OpeningNext {
    return { kind: this.#options.logsOn ? "log-on" : "ready" };
  }

  #self(reply: ServerReply): OpeningNext | undefined {
    const name = parseServerName(reply.lines);
    if (!this.#options.ownNames.includes(name)) return undefined;
    return { kind: "end", end: { kind: "self", name } };
  }
}

function refused(step: "greeting" | "hello" | "starttls", reply: ServerReply): OpeningNext {
  return { kind: "end", end: { kind: "refused", step, reply } };
}

function violation(text: string): OpeningNext {
  return { kind: "end", end: { kind: "violation", text } };
}
