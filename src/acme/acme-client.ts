import { type Clock, delay } from "../base/clock.ts";
import { DAY, MINUTE, SECOND } from "../base/units.ts";
import type { AccountKey } from "./account-key.ts";
import {
  type AcmeAuthorization,
  type AcmeDirectory,
  type AcmeOrder,
  type RenewalWindow,
  readAuthorization,
  readDirectory,
  readOrder,
  readRefusal,
  readRenewalWindow,
  readRetryAfter,
} from "./acme-answer.ts";
import type { AcmeAnswer, Exchange } from "./acme-exchange.ts";
import { AcmeFailure } from "./acme-failure.ts";

/** An order and where it is. */
export interface PlacedOrder {
  readonly url: string;
  readonly order: AcmeOrder;
}

/** What the authority says about renewing a certificate. */
export interface RenewalInfo {
  readonly window: RenewalWindow | undefined;
  /** When to ask again. */
  readonly askAgainMs: number;
}

/**
 * Tries of one request whose nonce the authority no longer knows (RFC 8555 §6.5). Each try brings
 * a fresh nonce with it and costs one exchange; giving up costs the whole order.
 */
const NONCE_TRIES_MAX = 10;
/** What is being checked or signed is asked for again: at first soon, then less often. */
const POLL_MS = [SECOND, 2 * SECOND, 3 * SECOND, 5 * SECOND, 10 * SECOND];
const POLL_RETRY_AFTER_MS_MAX = MINUTE;
const POLL_WITHIN_MS = 10 * MINUTE;
const STATUS_OK_MAX = 299;
/** RFC 9773 §4.3: how often renewal information is asked for. */
const RENEWAL_INFO = { minMs: MINUTE, usualMs: DAY / 4, maxMs: DAY };

/** One account's talk with an authority (RFC 8555). Every method rejects with AcmeFailure. */
export class AcmeClient {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #key: AccountKey;
  readonly #directoryUrl: string;
  #directory: AcmeDirectory | undefined;
  #account: string | undefined;
  #nonce: string | undefined;

  constructor(options: {
    readonly exchange: Exchange;
    readonly clock: Clock;
    readonly key: AccountKey;
    readonly directoryUrl: string;
  }) {
    this.#exchange = options.exchange;
    this.#clock = options.clock;
    this.#key = options.key;
    this.#directoryUrl = options.directoryUrl;
  }

  /** What proves a challenge (RFC 8555 §8.1). */
  keyAuthorization(token: string): string {
    return `${token}.${this.#key.thumbprint}`;
  }

  /** Opens the account of the key, or finds the one that there is (RFC 8555 §7.3). */
  async openAccount(contact: readonly string[]): Promise<void> {
    const directory = await this.#readDirectory();
    if (directory.externalAccountRequired) {
      throw new AcmeFailure(
        "the authority wants an agreement made elsewhere (externalAccountRequired)",
        "choose another authority with acme.directoryUrl",
      );
    }
    const answer = await this.#post(directory.newAccount, {
      termsOfServiceAgreed: true,
      ...(contact.length > 0 && { contact: contact.map((address) => `mailto:${address}`) }),
    });
    this.#account = location(answer);
  }

  /**
   * Places an order (RFC 8555 §7.4).
   * @param replaces renewal identifier of the certificate that it renews (RFC 9773 §5)
   */
  async newOrder(domains: readonly string[], replaces: string | undefined): Promise<PlacedOrder> {
    const directory = await this.#readDirectory();
    const identifiers = domains.map((value) => ({ type: "dns", value }));
    const payload = { identifiers };
    const isInformed = directory.renewalInfo !== undefined && replaces !== undefined;
    try {
      const full = isInformed ? { ...payload, replaces } : payload;
      const answer = await this.#post(directory.newOrder, full);
      return { url: location(answer), order: readOrder(answer) };
    } catch (error) {
      // Renewed before, or by another authority: then it is an order like any other.
      if (!isInformed || !(error instanceof AcmeFailure) || !isAboutReplacing(error)) throw error;
      const answer = await this.#post(directory.newOrder, payload);
      return { url: location(answer), order: readOrder(answer) };
    }
  }

  /** The order as it stands. */
  async readOrder(url: string): Promise<AcmeOrder> {
    return readOrder(await this.#post(url, undefined));
  }

  /** What has to be proved for one name. */
  async readAuthorization(url: string): Promise<AcmeAuthorization> {
    return readAuthorization(await this.#post(url, undefined));
  }

  /** Says that a challenge is ready to be checked (RFC 8555 §7.5.1). */
  async acceptChallenge(url: string): Promise<void> {
    await this.#post(url, {});
  }

  /** Waits until a name is proved, or not. */
  waitForAuthorization(url: string): Promise<AcmeAuthorization> {
    return this.#poll(url, readAuthorization, ({ status }) => status !== "pending");
  }

  /** Waits until the authority has done its part of the order. */
  waitForOrder(url: string, until: readonly string[]): Promise<AcmeOrder> {
    return this.#poll(url, readOrder, ({ status }) => until.includes(status));
  }

  /** Hands in the certificate request (RFC 8555 §7.4), DER. */
  async finalize(url: string, request: Uint8Array): Promise<void> {
    await this.#post(url, { csr: Buffer.from(request).toString("base64url") });
  }

  /** The certificate with its chain, PEM (RFC 8555 §7.4.2). */
  async download(url: string): Promise<string> {
    return (await this.#post(url, undefined)).body;
  }

  /** When to renew (RFC 9773 §4); `undefined` when this authority doesn't say. */
  async readRenewalInfo(renewalId: string): Promise<RenewalInfo | undefined> {
    const { renewalInfo } = await this.#readDirectory();
    if (renewalInfo === undefined) return undefined;
    const url = `${renewalInfo.replace(/\/$/, "")}/${renewalId}`;
    const answer = await this.#exchange({ method: "GET", url });
    const nowMs = this.#clock.nowMs();
    if (answer.status > STATUS_OK_MAX) throw readRefusal(answer, nowMs);
    const { minMs, usualMs, maxMs } = RENEWAL_INFO;
    const spanMs = (readRetryAfter(answer, nowMs) ?? nowMs + usualMs) - nowMs;
    const askAgainMs = nowMs + Math.min(Math.max(spanMs, minMs), maxMs);
    return { window: readRenewalWindow(answer), askAgainMs };
  }

  async #readDirectory(): Promise<AcmeDirectory> {
    if (this.#directory !== undefined) return this.#directory;
    const answer = await this.#exchange({ method: "GET", url: this.#directoryUrl });
    if (answer.status > STATUS_OK_MAX) throw readRefusal(answer, this.#clock.nowMs());
    this.#directory = readDirectory(answer);
    return this.#directory;
  }

  async #poll<Value>(
    url: string,
    read: (answer: AcmeAnswer) => Value,
    isDone: (value: Value) => boolean,
  ): Promise<Value> {
    const startMs = this.#clock.monotonicMs();
    for (let count = 0; ; count += 1) {
      const answer = await this.#post(url, undefined);
      const value = read(answer);
      if (isDone(value)) return value;
      if (this.#clock.monotonicMs() - startMs > POLL_WITHIN_MS) {
        const cure = "nothing: the order goes on later";
        throw new AcmeFailure(`the authority has not finished in ${POLL_WITHIN_MS} ms`, cure);
      }
      const usualMs = POLL_MS[Math.min(count, POLL_MS.length - 1)] ?? SECOND;
      const nowMs = this.#clock.nowMs();
      const askedMs = (readRetryAfter(answer, nowMs) ?? nowMs) - nowMs;
      await delay(this.#clock, Math.min(Math.max(usualMs, askedMs), POLL_RETRY_AFTER_MS_MAX));
    }
  }

  /** A signed request; `payload` undefined is a POST-as-GET (RFC 8555 §6.3). */
  async #post(url: string, payload: object | undefined): Promise<AcmeAnswer> {
    for (let count = 1; ; count += 1) {
      const nonce = this.#nonce ?? (await this.#newNonce());
      this.#nonce = undefined;
      const body = await this.#key.sign({ url, nonce, account: this.#account, payload });
      const answer = await this.#exchange({ method: "POST", url, body });
      this.#keepNonce(answer);
      if (answer.status <= STATUS_OK_MAX) return answer;
      const refusal = readRefusal(answer, this.#clock.nowMs());
      if (refusal.type !== "badNonce" || count >= NONCE_TRIES_MAX) throw refusal;
    }
  }

  async #newNonce(): Promise<string> {
    const { newNonce } = await this.#readDirectory();
    this.#keepNonce(await this.#exchange({ method: "HEAD", url: newNonce }));
    if (this.#nonce !== undefined) return this.#nonce;
    throw new AcmeFailure("the authority gives no nonce", "check acme.directoryUrl");
  }

  #keepNonce({ headers }: AcmeAnswer): void {
    const nonce = headers["replay-nonce"];
    // RFC 8555 §6.5.1: what is no base64url is to be ignored.
    if (typeof nonce === "string" && /^[A-Za-z0-9_-]{1,512}$/.test(nonce)) this.#nonce = nonce;
  }
}

function isAboutReplacing({ type, message }: AcmeFailure): boolean {
  return type === "alreadyReplaced" || (type === "malformed" && /replac/i.test(message));
}

function location({ headers }: AcmeAnswer): string {
  const { location: url } = headers;
  if (typeof url === "string" && url.startsWith("https://")) return url;
  throw new AcmeFailure("the authority does not say where it is kept", "check acme.directoryUrl");
}
