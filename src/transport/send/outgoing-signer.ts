import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { parsePrivateKey } from "../../dkim/private-key.ts";
import { type DomainKeys, type Signing, signMessage } from "../../dkim/sign-message.ts";
import type { SigningKey } from "../../dkim/signature.ts";
import type { DkimSigningConfig, Organization } from "../../org/organization.ts";
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
  let keys: ReadonlyMap<string, DomainKeys> = new Map();
  const keysOf = (domain: string): DomainKeys => keys.get(domain) ?? NO_KEYS;
  const sign: SignContent = (content) => signMessage(content, keysOf, parts.clock.nowMs());
  return ({ origin }) => {
    const inForce = parts.organization().dkimSigningConfigs;
    if (inForce !== configs) {
      keys = openKeys(inForce, parts);
      configs = inForce;
    }
    return keys.size > 0 && maySpeakForUs(origin) ? sign : undefined;
  };
}

const NO_KEYS: DomainKeys = { kind: "none" };

/** Strangers claim to be us; our own people, servers and devices have the right to. */
function maySpeakForUs({ source, authAs, account, mayRelay }: Origin): boolean {
  if (authAs === "Internal" || account !== undefined || mayRelay === true) return true;
  return source === "DSN" || source === "ADMIN";
}

function openKeys(
  configs: readonly DkimSigningConfig[],
  {
    openSecret,
    diagnostics,
  }: Pick<Parameters<typeof createOutgoingSigner>[0], "openSecret"> & {
    readonly diagnostics: Diagnostics;
  },
): ReadonlyMap<string, DomainKeys> {
  const opened = new Map<string, DomainKeys>();
  for (const { name, enabled, rsaKey, ed25519Key } of configs) {
    if (!enabled) continue;
    const keys: SigningKey[] = [];
    let isReadable = true;
    for (const [kind, key] of [
      ["rsa", rsaKey],
      ["ed25519", ed25519Key],
    ] as const) {
      if (key === undefined) continue;
      const { selector, privateKey } = key;
      const read = parsePrivateKey(openSecret(privateKey) ?? "", kind);
      if (read.ok) keys.push({ selector, key: read.value });
      else {
        isReadable = false;
        diagnostics.error("dkim-key-unreadable", { domain: name, selector, cure: CURE });
      }
    }
    opened.set(name, isReadable ? { kind: "keys", keys } : { kind: "unreadable" });
  }
  return opened;
}

const CURE =
  "mail of the domain waits: bring secret.key of the data directory back from backup, or give " +
  "the DKIM signing configuration another key";
