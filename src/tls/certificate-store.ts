import { createHash } from "node:crypto";
import {
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
  setDefaultCACertificates,
} from "node:tls";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { HOUR, SECOND } from "../base/units.ts";
import type { SessionTls } from "../smtp/session-handler.ts";
import { type CertificateWish, chooseCertificates } from "./certificate-choice.ts";
import {
  type CertificateMaterial,
  type CertificateSecret,
  contextSecret,
} from "./certificate-material.ts";
import type { CertificateName } from "./distinguished-name.ts";
import { type TlsProfileName, type TlsVersion, tlsProfileOptions } from "./tls-profile.ts";

/** All that TLS needs on every thread of a server; plain data, may be sent to another thread. */
export interface CertificateSet {
  readonly materials: readonly CertificateMaterial[];
  /** PEM, one certificate each: authorities of the data directory, besides the system's. */
  readonly authorities: readonly string[];
  /** 48 random bytes, the same on every thread, so that any of them resumes what another began. */
  readonly ticketKeys: Uint8Array;
}

/** Of a receive connector, what its TLS needs. */
export interface ConnectorTls {
  readonly name: string;
  readonly fqdn: string;
  readonly tlsCertificateName: CertificateName | undefined;
  readonly tlsProfile: TlsProfileName;
  readonly tlsMinimumVersion: TlsVersion | undefined;
}

/** Of a send connector, what its TLS needs. */
export interface ClientTls {
  /** The certificate to show when the next hop asks for one; `undefined`: none. */
  readonly certificateName: CertificateName | undefined;
  /** Whose certificate is shown where none is named (reference §13); `undefined`: nobody's. */
  readonly fqdn: string | undefined;
  readonly profile: TlsProfileName;
}

/** Certificates, authorities and rules as contexts of TLS. */
export interface CertificateStore {
  /**
   * TLS of a session on that connector; `undefined` when no certificate serves: then STARTTLS is
   * not offered (reference §13).
   */
  sessionTls(
    connector: ConnectorTls,
    how: { readonly serverFqdn: string; readonly requestsCertificate: boolean },
  ): SessionTls | undefined;
  /**
   * What to begin TLS with towards a next hop. It trusts `authorities()`; whether and what to
   * verify is the caller's. A fault when the certificate that is named is not there: in words for
   * the administrator.
   */
  clientContext(client: ClientTls): Result<SecureContext, string>;
  /** What an HTTPS server shows as `fqdn`; `undefined` when there is no certificate for it. */
  serverSecret(fqdn: string): CertificateSecret | undefined;
  /** Whom we trust to vouch for peers, PEM: the system, the runtime, the data directory. */
  authorities(): readonly string[];
}

/** What a connector was told last, and until when (monotonic) it may be told again. */
interface SessionChoice {
  readonly serverFqdn: string;
  readonly requestsCertificate: boolean;
  readonly untilMs: number;
  readonly tls: SessionTls | undefined;
}

/** Certificates come into force and expire by the day; a store with others is a new one. */
const CHOICE_MS = 10 * SECOND;
/** Contexts are few (connectors times certificates); past this, connectors have come and gone. */
const CONTEXTS_MAX = 512;
/** Names that clients have asked a connector for; they may ask for any. */
const NAMES_KNOWN_MAX = 256;
/** How long a session may be resumed. Peers come back within the hour, or make a new one. */
const SESSION_TIMEOUT_MS = HOUR;
/** OpenSSL's limit (SSL_MAX_SID_CTX_LENGTH). */
const SESSION_CONTEXT_CHARS = 32;

/**
 * The certificates as this thread uses them. From here on the set's authorities are the defaults
 * of all TLS in this thread. Not given as `ca` to each context: that would list hundreds of names
 * to every client that is asked for a certificate (RFC 8446 §4.2.4), more than some can take.
 */
export function openCertificateStore(set: CertificateSet, clock: Clock): CertificateStore {
  return new OpenStore(set, clock);
}

class OpenStore implements CertificateStore {
  readonly #set: CertificateSet;
  readonly #clock: Clock;
  readonly #contexts = new Map<string, SecureContext>();
  /** Every connection asks, most for nothing: what was chosen holds for a while. */
  readonly #sessions = new WeakMap<ConnectorTls, SessionChoice>();
  readonly #authorities: readonly string[];

  constructor(set: CertificateSet, clock: Clock) {
    this.#set = set;
    this.#clock = clock;
    this.#authorities = trust(set.authorities);
  }

  sessionTls(
    connector: ConnectorTls,
    how: { readonly serverFqdn: string; readonly requestsCertificate: boolean },
  ): SessionTls | undefined {
    const { serverFqdn, requestsCertificate } = how;
    const nowMs = this.#clock.monotonicMs();
    const known = this.#sessions.get(connector);
    const isSame =
      known?.serverFqdn === serverFqdn && known.requestsCertificate === requestsCertificate;
    if (isSame && nowMs < known.untilMs) return known.tls;
    const tls = this.#makeSessionTls(connector, how);
    const untilMs = nowMs + CHOICE_MS;
    this.#sessions.set(connector, { serverFqdn, requestsCertificate, untilMs, tls });
    return tls;
  }

  #makeSessionTls(
    connector: ConnectorTls,
    how: { readonly serverFqdn: string; readonly requestsCertificate: boolean },
  ): SessionTls | undefined {
    const fqdns = [connector.fqdn, how.serverFqdn];
    const usual = this.#choose({ pinned: connector.tlsCertificateName, fqdns });
    if (usual.length === 0) return undefined;
    const { requestsCertificate } = how;
    const options = {
      ...tlsProfileOptions(connector.tlsProfile, connector.tlsMinimumVersion),
      ticketKeys: Buffer.from(this.#set.ticketKeys),
      sessionTimeout: SESSION_TIMEOUT_MS / SECOND,
      sessionIdContext: sessionIdContext(connector.name, { requestsCertificate }),
    };
    let context: SecureContext | undefined;
    const usualContext = () => {
      context ??= this.#context(usual, options);
      return context;
    };
    // Where there is nothing to choose from, the handshake need not stop to ask.
    const heedsServerName =
      connector.tlsCertificateName === undefined && this.#set.materials.length > 1;
    const byName = new Map<string, SecureContext>();
    return {
      secureContext: (serverName) => {
        if (serverName === undefined || !heedsServerName) return usualContext();
        let found = byName.get(serverName);
        if (found === undefined) {
          const named = this.#choose({ pinned: undefined, fqdns: [serverName] });
          found = named.length > 0 ? this.#context(named, options) : usualContext();
          if (byName.size >= NAMES_KNOWN_MAX) byName.clear();
          byName.set(serverName, found);
        }
        return found;
      },
      heedsServerName,
      requestsCertificate,
    };
  }

  clientContext(client: ClientTls): Result<SecureContext, string> {
    const { certificateName: pinned, fqdn, profile } = client;
    const options = tlsProfileOptions(profile, undefined);
    if (pinned === undefined && fqdn === undefined) return ok(this.#context([], options));
    const chosen = this.#choose({ pinned, fqdns: fqdn === undefined ? [] : [fqdn] });
    if (chosen.length > 0) return ok(this.#context(chosen, options));
    return fault(
      `no valid certificate is ${pinned ? formatCertificateName(pinned) : `for ${fqdn}`}`,
    );
  }

  serverSecret(fqdn: string): CertificateSecret | undefined {
    const [best] = this.#choose({ pinned: undefined, fqdns: [fqdn] });
    return best && contextSecret(best.secret);
  }

  authorities(): readonly string[] {
    return this.#authorities;
  }

  #choose(wish: CertificateWish): readonly CertificateMaterial[] {
    return chooseCertificates(this.#set.materials, wish, this.#clock.nowMs());
  }

  #context(
    materials: readonly CertificateMaterial[],
    options: SecureContextOptions,
  ): SecureContext {
    const { minVersion, ciphers, sessionIdContext: session = "client" } = options;
    const shown = materials.map(({ fingerprint }) => fingerprint);
    const key = JSON.stringify([shown, minVersion, ciphers, session]);
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    if (this.#contexts.size >= CONTEXTS_MAX) this.#contexts.clear();
    const context = createSecureContext({ ...options, ...joinSecrets(materials) });
    this.#contexts.set(key, context);
    return context;
  }
}

/** As it is written in the configuration. */
export function formatCertificateName({ issuer, subject }: CertificateName): string {
  const parts = [issuer && `<I>${issuer}`, subject && `<S>${subject}`];
  return parts.filter((part) => part !== undefined).join("");
}

/**
 * Several certificates in one context; the client's offer decides which is shown. The best comes
 * last: of a context that is taken up for the name a client asks for, only the last one serves.
 */
function joinSecrets(materials: readonly CertificateMaterial[]): SecureContextOptions {
  const cert: string[] = [];
  const key: string[] = [];
  const pfx: { readonly buf: Buffer; readonly passphrase: string }[] = [];
  for (const { secret } of materials.toReversed()) {
    if ("cert" in secret) {
      cert.push(secret.cert);
      key.push(secret.key);
    } else {
      pfx.push({ buf: Buffer.from(secret.pfx), passphrase: secret.passphrase });
    }
  }
  return { ...(cert.length > 0 && { cert, key }), ...(pfx.length > 0 && { pfx }) };
}

/**
 * A session is resumed only where it began: what a client has proved to one connector says nothing
 * on another.
 */
function sessionIdContext(
  connectorName: string,
  { requestsCertificate }: { readonly requestsCertificate: boolean },
): string {
  const digest = createHash("sha256").update(`${requestsCertificate} ${connectorName}`);
  return digest.digest("hex").slice(0, SESSION_CONTEXT_CHARS);
}

let trusted: readonly string[] = [];

/** Makes these and the system's the defaults of this thread, if they are not yet. */
function trust(own: readonly string[]): readonly string[] {
  const all = [...getCACertificates("system"), ...getCACertificates("bundled"), ...own];
  const wanted = [...new Set(all.map((pem) => pem.trim()))];
  // A store takes 10 ms to build, and nothing has changed at most reloads.
  if (wanted.length !== trusted.length || wanted.some((pem, index) => pem !== trusted[index])) {
    setDefaultCACertificates(wanted);
    trusted = wanted;
  }
  return wanted;
}
