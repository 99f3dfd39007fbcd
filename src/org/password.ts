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

/** Hashes a new password with a new salt; the PHC string. Runs off the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const parameters = { memoryKiB: MEMORY_KIB, passes: PASSES, lanes: LANES, salt };
  const hash = await derive(password, { ...parameters, hash: Buffer.alloc(HASH_BYTES) });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(hash)}`;
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
