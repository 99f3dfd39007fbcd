import { argon2, randomBytes, timingSafeEqual } from "node:crypto";

/** A hash with what is needed to make it again; only `parsePasswordHash` makes one from text. */
interface PasswordHash {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** OWASP's parameters for argon2id: some 40 ms and 19 MiB per logon. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

// A hash from a file must not buy more work than a logon may cost.
const MEMORY_KIB_MAX = 1024 * 1024;
const PASSES_MAX = 64;
const LANES_MAX = 16;

const PHC = new RegExp(
  String.raw`^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})` +
    String.raw`\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,172})$`,
);

/** What a password of nobody is checked against. */
const NOBODY: PasswordHash = {
  memoryKiB: MEMORY_KIB,
  passes: PASSES,
  lanes: LANES,
  salt: Buffer.alloc(SALT_BYTES),
  hash: Buffer.alloc(HASH_BYTES),
};
const DEFAULT_COST = costOf(NOBODY);

/** Reads argon2id's PHC string, version 1.3 (RFC 9106 §3.1); `undefined`: none, or too costly. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const match = PHC.exec(text);
  if (match === null) return undefined;
  const [memoryKiB, passes, lanes] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (lanes < 1 || lanes > LANES_MAX || passes < 1 || passes > PASSES_MAX) return undefined;
  if (memoryKiB < 8 * lanes || memoryKiB > MEMORY_KIB_MAX) return undefined;
  const salt = Buffer.from(match[4] ?? "", "base64");
  const hash = Buffer.from(match[5] ?? "", "base64");
  return { memoryKiB, passes, lanes, salt, hash };
}

/**
 * Hashes a new password; the PHC string. Runs off the event loop.
 * @param salt of another password of the same user, so that one calculation checks both; without
 *   it a new one
 */
export async function hashPassword(
  password: string,
  salt: Buffer = randomBytes(SALT_BYTES),
): Promise<string> {
  const hash = await derive(password, { ...NOBODY, salt });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(hash)}`;
}

/** A salt that another password of the same user may share; `undefined`: other parameters. */
export function sharedSalt(phc: string): Buffer | undefined {
  const parsed = parsePasswordHash(phc);
  return parsed !== undefined && costOf(parsed) === DEFAULT_COST ? parsed.salt : undefined;
}

/**
 * Which of the hashes are of that password, by their places. Hashes that share salt and cost take
 * one calculation together, and one is made in vain where there is none: that nobody has this
 * name is not to be seen from the time. Runs off the event loop.
 */
export async function findPassword(
  password: string,
  hashes: readonly string[],
): Promise<readonly number[]> {
  const found: number[] = [];
  const groups = new Map<string, [PasswordHash, ...PasswordHash[]]>();
  const places = new Map<PasswordHash, number>();
  hashes.forEach((phc, place) => {
    const parsed = parsePasswordHash(phc);
    if (parsed === undefined) return;
    places.set(parsed, place);
    const key = `${costOf(parsed)} ${parsed.salt.toString("base64")}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [parsed]);
    else group.push(parsed);
  });
  if (groups.size === 0) await derive(password, NOBODY);
  for (const group of groups.values()) {
    const derived = await derive(password, group[0]);
    for (const stored of group) {
      const place = places.get(stored);
      if (timingSafeEqual(derived, stored.hash) && place !== undefined) found.push(place);
    }
  }
  return found;
}

/** All that a calculation depends on besides password and salt. */
function costOf({ memoryKiB, passes, lanes, hash }: PasswordHash): string {
  return `${memoryKiB} ${passes} ${lanes} ${hash.length}`;
}

/** Whether the hash is of that password; false for what is no hash. Runs off the event loop. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const stored = parsePasswordHash(phc);
  if (stored === undefined) return false;
  return timingSafeEqual(await derive(password, stored), stored.hash);
}

function derive(password: string, wanted: PasswordHash): Promise<Buffer> {
  const parameters = {
    // RFC 8265 §4.2.2: one password, whatever keyboard typed it.
    message: password.normalize("NFC"),
    nonce: wanted.salt,
    memory: wanted.memoryKiB,
    passes: wanted.passes,
    parallelism: wanted.lanes,
    tagLength: wanted.hash.length,
  };
  return new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** Base64 without padding, as the PHC format has it. */
function base64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
