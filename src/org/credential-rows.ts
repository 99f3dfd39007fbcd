import { isSealed, type SecretBox } from "../base/secret-box.ts";
import { ntHash } from "../sasl/ntlm-hash.ts";
import { preparePassword } from "../sasl/saslprep.ts";
import type { ConfigJson } from "./config-value.ts";
import type { AppPassword, MailboxSecrets } from "./mailbox-secrets.ts";
import { hashPassword, sharedSalt, verifyPassword } from "./password.ts";
import { fitScramVerifiers } from "./scram-verifiers.ts";

/** What the store has of a recipient's secrets, from its row; nothing in it is relied on. */
export interface StoredSecrets {
  readonly name?: unknown;
  readonly passwordHash?: unknown;
  readonly scramVerifiers?: unknown;
  readonly ntHash?: unknown;
  readonly appPasswords?: unknown;
}

type Properties = Record<string, ConfigJson>;

/**
 * The properties that a mailbox's row has for its secrets: passwords as hashes and SCRAM verifiers,
 * NT hashes sealed. What the store holds already is kept while it fits, so that applying a file
 * again changes nothing.
 */
export async function secretProperties(
  secrets: MailboxSecrets,
  stored: StoredSecrets,
  box: SecretBox,
): Promise<Properties> {
  const { password, ntlmEnabled, appPasswords } = secrets;
  const storedDevices = readStoredDevices(stored.appPasswords);
  const storedOf = ({ name }: AppPassword): StoredSecrets => storedDevices.get(name) ?? {};
  const [own, ...devices] = await hashAll([
    { ...secrets, stored: stored.passwordHash },
    ...appPasswords.map((device) => ({ ...device, stored: storedOf(device).passwordHash })),
  ]);
  const [ownVerifiers = [], ...deviceVerifiers] = await fitScramVerifiers([
    { ...secrets, stored: stored.scramVerifiers },
    ...appPasswords.map((device) => ({ ...device, stored: storedOf(device).scramVerifiers })),
  ]);
  const ntHashOf = (owner: MailboxSecrets | AppPassword, known: unknown): Properties => {
    const hash = owner.password === undefined ? owner.ntHash : ntHashOfPassword(owner.password);
    return ntlmEnabled && hash !== undefined ? { ntHash: sealAgain(hash, known, box) } : {};
  };
  return {
    ...(own !== undefined && { passwordHash: own }),
    ...(password !== undefined && { scramVerifiers: ownVerifiers }),
    ...ntHashOf(secrets, stored.ntHash),
    ...(appPasswords.length > 0 && {
      appPasswords: appPasswords.map((device, index) => ({
        ...deviceProperties(device),
        passwordHash: devices[index] ?? null,
        scramVerifiers: deviceVerifiers[index] ?? [],
        ...ntHashOf(device, storedOf(device).ntHash),
      })),
    }),
  };
}

/** Seals a secret, or keeps the text that it was sealed as before; sealed text stays as it is. */
export function sealAgain(secret: string, known: unknown, box: SecretBox): string {
  if (isSealed(secret)) return secret;
  return typeof known === "string" && box.open(known) === secret ? known : box.seal(secret);
}

function deviceProperties({ name, senders, messagesPerHour, enabled }: AppPassword): Properties {
  const limit = Number.isFinite(messagesPerHour) ? String(messagesPerHour) : "unlimited";
  return { name, senders, messagesPerHour: limit, enabled: String(enabled) };
}

/** MD4 of the password in UTF-16LE, as NTLM has it: no SASLprep. */
function ntHashOfPassword(password: string): string {
  return ntHash(password).toString("hex");
}

interface Hashable {
  readonly password: string | undefined;
  readonly passwordHash: string | undefined;
  readonly stored: unknown;
}

/**
 * A hash for each password, all with one salt, so that a logon costs one calculation however many
 * devices there are: that of the first one given as a hash, else of the first that is kept.
 */
async function hashAll(owners: readonly Hashable[]): Promise<readonly (string | undefined)[]> {
  const given = owners.flatMap(({ password, passwordHash }) =>
    password === undefined && passwordHash !== undefined ? [passwordHash] : [],
  );
  let salt = given.map(sharedSalt).find((one) => one !== undefined);
  const hashes: (string | undefined)[] = [];
  for (const { password, passwordHash, stored } of owners) {
    const hash =
      password === undefined
        ? passwordHash
        : await fitHash(preparePassword(password), stored, salt);
    if (hash !== undefined) salt ??= sharedSalt(hash);
    hashes.push(hash);
  }
  return hashes;
}

async function fitHash(
  password: string,
  stored: unknown,
  salt: Buffer | undefined,
): Promise<string> {
  if (typeof stored === "string" && (await verifyPassword(password, stored))) {
    if (salt === undefined || sharedSalt(stored)?.equals(salt) === true) return stored;
  }
  return hashPassword(password, salt);
}

function readStoredDevices(stored: unknown): ReadonlyMap<string, StoredSecrets> {
  const devices = new Map<string, StoredSecrets>();
  if (!Array.isArray(stored)) return devices;
  for (const device of stored as readonly unknown[]) {
    if (typeof device !== "object" || device === null || !("name" in device)) continue;
    if (typeof device.name === "string") devices.set(device.name, device);
  }
  return devices;
}
