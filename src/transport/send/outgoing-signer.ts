import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { type KeyKind, parsePrivateKey } from "../../dkim/private-key.ts";
import { type DomainKeys, type Signing, signMessage } from "../../dkim/sign-message.ts";
import type { SigningKey } from "../../dkim/signature.ts";
import type { DkimKey, DkimSigningConfig } from "../../org/dkim-keys.ts";
import type { Organization } from "../../org/organization.ts";
import type { Origin, QueuedMessage } from "../../store/queue-store.ts";

/** Signs content as it goes out. Rejects when the content cannot be read. */
export type SignContent = (
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
) => Promise<Signing>;

/** What signs a message; `undefined`: it is not to be signed, whoever it says it is from. */
export type OutgoingSigner = (message: Pick<QueuedMessage, "origin">) => SignContent | undefined;

/**
 * Signs with the keys of the organization in force, unsealed once. Where no domain signs, nothing
 * is looked at; elsewhere, who the author is shows in the header that goes out.
 */
export function createOutgoingSigner(parts: {
  readonly organization: () => Pick<Organization, "dkimSigningConfigs">;
  readonly openSecret: (sealed: string) => string | undefined;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}): OutgoingSigner {
  let configs: readonly DkimSigningConfig[] = [];
  let domains: ReadonlyMap<string, OpenedDomain> = new Map();
  const keysOf = (domain: string): DomainKeys => {
    const opened = domains.get(domain);
    if (opened === undefined) return NO_KEYS;
    const { first, next } = opened;
    return next !== undefined && parts.clock.nowMs() >= next.fromMs ? next.keys : first;
  };
  const sign: SignContent = (content) => signMessage(content, keysOf, parts.clock.nowMs());
  return ({ origin }) => {
    const inForce = parts.organization().dkimSigningConfigs;
    if (inForce !== configs) {
      domains = openDomains(inForce, parts);
      configs = inForce;
    }
    return domains.size > 0 && maySpeakForUs(origin) ? sign : undefined;
  };
}

interface OpenedDomain {
  readonly first: DomainKeys;
  /** In their place from that moment on. */
  readonly next: { readonly fromMs: number; readonly keys: DomainKeys } | undefined;
}

const NO_KEYS: DomainKeys = { kind: "none" };

/** Strangers claim to be us; our own people, servers and devices have the right to. */
function maySpeakForUs({ source, authAs, account, mayRelay }: Origin): boolean {
  if (authAs === "Internal" || account !== undefined || mayRelay === true) return true;
  return source === "DSN" || source === "ADMIN";
}

interface KeyOpening {
  readonly openSecret: (sealed: string) => string | undefined;
  readonly diagnostics: Diagnostics;
}

function openDomains(
  configs: readonly DkimSigningConfig[],
  opening: KeyOpening,
): ReadonlyMap<string, OpenedDomain> {
  const enabled = configs.filter((config) => config.enabled);
  return new Map(
    enabled.map(({ name, rotateOnDate, ...config }) => {
      const { rsaKey, ed25519Key, nextRsaKey, nextEd25519Key } = config;
      const first = openKeys(name, { rsa: rsaKey, ed25519: ed25519Key }, opening);
      const next = rotateOnDate !== undefined && {
        fromMs: Date.parse(rotateOnDate),
        keys: openKeys(name, { rsa: nextRsaKey, ed25519: nextEd25519Key }, opening),
      };
      return [name, { first, next: next || undefined }];
    }),
  );
}

/** One of them that cannot be read is as good as both: what is signed is signed by both. */
function openKeys(
  domain: string,
  sealed: Readonly<Record<KeyKind, DkimKey | undefined>>,
  { openSecret, diagnostics }: KeyOpening,
): DomainKeys {
  const keys: SigningKey[] = [];
  let isReadable = true;
  for (const kind of ["rsa", "ed25519"] as const) {
    const key = sealed[kind];
    if (key === undefined) continue;
    const { selector, privateKey } = key;
    const read = parsePrivateKey(openSecret(privateKey) ?? "", kind);
    if (read.ok) keys.push({ selector, key: read.value });
    else {
      isReadable = false;
      diagnostics.error("dkim-key-unreadable", { domain, selector, cure: CURE });
    }
  }
  return isReadable ? { kind: "keys", keys } : { kind: "unreadable" };
}

const CURE =
  "mail of the domain waits: bring secret.key of the data directory back from backup, or give " +
  "the DKIM signing configuration another key";
