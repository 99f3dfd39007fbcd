import type { Address } from "../mail/address.ts";
import { AuthIntake } from "./auth-intake.ts";
import type { CommandContext } from "./command.ts";
import type { Extensions } from "./command-parameters.ts";
import { formatHello, NO_EXTENSIONS, selectExtensions } from "./hello.ts";
import type { Reply } from "./reply.ts";
import type { Progress, Transaction } from "./server-transaction.ts";
import type { ClientFacts, SessionOptions, TlsFacts } from "./session-handler.ts";

/** Who the client of a session is by now, what it may use, and how far its transaction has come. */
export class SessionState implements Progress, CommandContext {
  options: SessionOptions;
  tls: TlsFacts | undefined;
  /** Absent before HELO or EHLO. */
  client: ClientFacts | undefined;
  extensions: Extensions = NO_EXTENSIONS;
  transaction: Transaction | undefined;
  #auth: AuthIntake | undefined;

  constructor(options: SessionOptions, tls: TlsFacts | undefined) {
    this.options = options;
    this.tls = tls;
  }

  /** Made by the first AUTH: most sessions never log on. */
  get auth(): AuthIntake {
    this.#auth ??= new AuthIntake();
    return this.#auth;
  }

  /** The next line is a response of an exchange. */
  get exchanging(): boolean {
    return this.#auth?.exchanging === true;
  }

  get loggedOn(): boolean {
    return this.#auth?.loggedOn === true;
  }

  get smtpUtf8(): boolean {
    return this.transaction?.envelope.smtpUtf8 === true;
  }

  get postmasterAddress(): Address {
    return this.options.postmasterAddress;
  }

  get requireEhloDomain(): boolean {
    return this.options.requireEhloDomain;
  }

  /** HELO or EHLO; the reply to it. */
  greet(
    said: { readonly host: string; readonly verb: "HELO" | "EHLO" },
    remoteAddress: string,
  ): Reply {
    const extended = said.verb === "EHLO";
    this.client = { helo: said.host, extended, tls: this.tls };
    this.extensions = extended ? selectExtensions(this.options, this) : NO_EXTENSIONS;
    const { client, extensions, loggedOn } = this;
    return formatHello(this.options, client, { remoteAddress, extensions, loggedOn });
  }

  /** STARTTLS: what the client has said of itself is forgotten (RFC 3207 §4.2). */
  forgetHello(): void {
    this.client = undefined;
    this.extensions = NO_EXTENSIONS;
  }
}
