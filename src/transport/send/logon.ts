import type { Clock } from "../../base/clock.ts";
import type { SendConnector } from "../../org/organization.ts";
import { createClientExchange } from "../../sasl/client-exchange.ts";
import type { ClientCredential } from "../../sasl/client-talk.ts";
import type { ClientExchange } from "../../sasl/mechanism.ts";
import { type LogonAnswer, RESPONSE_BYTES_MAX } from "../../smtp/client-logon.ts";
import { formatServerReply, type ServerReply } from "../../smtp/reply-parser.ts";
import type { TlsFacts } from "../../smtp/session-handler.ts";
import { selectMechanism } from "./logon-mechanism.ts";
import type { TokenSource } from "./token-source.ts";

/** What a session knows when it comes to logging on. */
export interface LogonOffer {
  /** As the server offers them, upper case. */
  readonly mechanisms: readonly string[];
  readonly tls: TlsFacts | undefined;
  /** Name of the server, for faults and service principals. */
  readonly hostName: string;
}

/** What logging on works with. */
export interface LogonDependencies {
  /** Opens a sealed secret; `undefined` when the key does not fit. */
  readonly openSecret: (sealed: string) => string | undefined;
  readonly tokens: TokenSource;
  readonly clock: Clock;
}

const TOO_LONG = `the answer is longer than the ${RESPONSE_BYTES_MAX} bytes of a line of AUTH`;
/** Tries in one session: a token that was refused is renewed once. */
const TRIES_MAX = 2;

/**
 * Logs one session on to a smart host, as its connector says. Secrets are opened for the exchange
 * only, and taken out of what the server says before anybody reads it.
 */
export class LogonConversation {
  readonly #connector: SendConnector;
  readonly #dependencies: LogonDependencies;
  #exchange: ClientExchange | undefined;
  #tries = 0;
  #hostName = "";
  /** Why the last exchange was cancelled. */
  #cancelled: string | undefined;
  /** What must not be in any text. */
  #secrets: string[] = [];

  constructor(connector: SendConnector, dependencies: LogonDependencies) {
    this.#connector = connector;
    this.#dependencies = dependencies;
  }

  /** The first step, or the one after the server refused. */
  async begin(offer: LogonOffer, refused: ServerReply | undefined): Promise<LogonAnswer> {
    this.#hostName = offer.hostName;
    if (refused !== undefined && !this.#mayRenew(refused)) return this.#refused(refused);
    this.#tries += 1;
    const selected = selectMechanism(this.#connector, offer);
    if (!selected.ok) return this.#giveUp(selected.fault);
    const credential = await this.#credential();
    if (typeof credential === "string") return this.#giveUp(credential);
    const channel = {
      binding: offer.tls?.channelBinding ?? (() => undefined),
      offersPlus: offer.mechanisms.some((name) => name.endsWith("-PLUS")),
      hostName: offer.hostName,
    };
    const { clock } = this.#dependencies;
    this.#exchange = createClientExchange(selected.value, credential, channel, { clock });
    this.#cancelled = undefined;
    const bytes = await this.#exchange.start();
    if (bytes !== undefined && bytes.length > RESPONSE_BYTES_MAX) return this.#giveUp(TOO_LONG);
    this.#keepSecret(bytes);
    const first = { bytes, mayEnd: this.#exchange.isComplete };
    return { kind: "authenticate", mechanism: this.#exchange.mechanism, first };
  }

  /** The answer to a challenge. */
  async challenge(bytes: Uint8Array): Promise<LogonAnswer> {
    const exchange = this.#exchange;
    if (exchange === undefined) return { kind: "cancel" };
    const response = await exchange.next(bytes);
    // The server's challenge decides how long the answer gets: NTLM repeats most of it.
    if (!response.ok || response.value.length > RESPONSE_BYTES_MAX) {
      this.#cancelled = response.ok ? TOO_LONG : response.fault;
      return { kind: "cancel" };
    }
    this.#keepSecret(response.value);
    return { kind: "respond", step: { bytes: response.value, mayEnd: exchange.isComplete } };
  }

  /** A 5xx to a token may mean that it was revoked or has run out: once, another one is fetched. */
  #mayRenew(refused: ServerReply): boolean {
    const { oauthClient } = this.#connector;
    if (oauthClient === undefined || refused.code < 500 || this.#tries >= TRIES_MAX) return false;
    this.#dependencies.tokens.forget(oauthClient);
    return true;
  }

  async #credential(): Promise<ClientCredential | string> {
    const { authenticationCredential, oauthClient } = this.#connector;
    if (oauthClient !== undefined) {
      const token = await this.#dependencies.tokens.token(oauthClient);
      if (!token.ok) return token.fault;
      this.#secrets.push(token.value);
      return { kind: "token", userName: oauthClient.userName, token: token.value };
    }
    if (authenticationCredential === undefined) return { kind: "certificate" };
    const { userName } = authenticationCredential;
    const password = this.#dependencies.openSecret(authenticationCredential.password);
    if (password === undefined) {
      return "authenticationCredential.password was sealed with another key file; set it anew";
    }
    this.#secrets.push(password);
    return { kind: "password", userName, password };
  }

  #keepSecret(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined && bytes.length > 0) {
      this.#secrets.push(Buffer.from(bytes).toString("base64"));
    }
  }

  #refused(reply: ServerReply): LogonAnswer {
    const said = this.redact(formatServerReply(reply));
    const mechanism = this.#exchange?.mechanism ?? "";
    if (this.#cancelled !== undefined) {
      return this.#giveUp(`${mechanism} was broken off: ${this.#cancelled}`, reply);
    }
    const cure = reply.code < 500 ? "" : `; check ${this.#source()} of the connector`;
    return this.#giveUp(`${mechanism} was answered with "${said}"${cure}`, reply);
  }

  #giveUp(why: string, reply?: ServerReply): LogonAnswer {
    this.#secrets = [];
    const { name } = this.#connector;
    const text = `Send connector "${name}" cannot log on to ${this.#hostName}: ${why}`;
    return { kind: "give-up", text, reply };
  }

  #source(): string {
    if (this.#connector.oauthClient !== undefined) return "oauthClient";
    return this.#connector.authenticationCredential === undefined
      ? "tlsCertificateName"
      : "authenticationCredential";
  }

  /** A server's words without what we have logged on with. */
  redact(text: string): string {
    return this.#secrets.reduce(
      (kept, secret) => (secret === "" ? kept : kept.replaceAll(secret, "***")),
      text,
    );
  }
}
