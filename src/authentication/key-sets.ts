import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { JSONWebKeySet, LocalJWKSet } from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { jose } from "../base/jose-library.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { DAY, HOUR, KiB, MINUTE, SECOND } from "../base/units.ts";
import type { httpsExchange } from "../net/https-exchange.ts";

/** Keys of an issuer; large ones publish some ten. */
const KEYS_MAX = 64;
const BYTES_MAX = 256 * KiB;
const TIMEOUT_MS = 10 * SECOND;
/** Fetched keys are fetched again when they are this old. */
const FRESH_MS = HOUR;
/** How long keys are used of an issuer who cannot be reached: he may have revoked one. */
const USABLE_MS = DAY;
/** An unknown key is a reason to ask for new ones so often at most: anybody can name one. */
const REFRESH_INTERVAL_MS = 5 * MINUTE;
/** After a failure. */
const RETRY_INTERVAL_MS = 30 * SECOND;
/** Addresses and files remembered; a configuration hardly has more. */
const SETS_MAX = 256;

/** The public keys of token issuers (RFC 7517). */
export interface KeySets {
  /**
   * @param jwks an https address, or a file relative to the data directory
   * @param lacking a set that lacks the key of a token: another one, where there can be one by now
   * @returns the fault is for the log
   */
  read(jwks: string, lacking?: LocalJWKSet): Promise<Result<LocalJWKSet, string>>;
}

/** What key sets need. */
export interface KeySetParts {
  readonly clock: Clock;
  readonly dataDirectory: string;
  readonly get: typeof httpsExchange;
}

interface KnownSet {
  set: LocalJWKSet | undefined;
  /** Of a file: what it was when it was read. */
  mark: string;
  fetchedMs: number;
  triedMs: number;
  fault: string;
  pending: Promise<void> | undefined;
}

/** Key sets of files, read again when they have changed, and of the web, kept for an hour. */
export function createKeySets(parts: KeySetParts): KeySets {
  const known = new LRUCache<string, KnownSet>({ max: SETS_MAX });
  return {
    async read(jwks, lacking) {
      const entry = known.get(jwks) ?? newEntry();
      known.set(jwks, entry);
      const isWeb = /^https:/i.test(jwks);
      const due = !isWeb || isDue(entry, parts.clock.monotonicMs(), lacking);
      if (due) {
        entry.pending ??= (isWeb ? fetchSet : readFile)(jwks, entry, parts).finally(() => {
          entry.pending = undefined;
        });
        await entry.pending;
      }
      const ageMs = parts.clock.monotonicMs() - entry.fetchedMs;
      if (entry.set === undefined) return fault(entry.fault);
      return isWeb && ageMs > USABLE_MS ? fault(entry.fault) : ok(entry.set);
    },
  };
}

function newEntry(): KnownSet {
  const never = Number.NEGATIVE_INFINITY;
  return {
    set: undefined,
    mark: "",
    fetchedMs: never,
    triedMs: never,
    fault: "",
    pending: undefined,
  };
}

function isDue(entry: KnownSet, nowMs: number, lacking: LocalJWKSet | undefined): boolean {
  const sinceTryMs = nowMs - entry.triedMs;
  if (entry.fault !== "" && sinceTryMs < RETRY_INTERVAL_MS) return false;
  if (entry.set === undefined || nowMs - entry.fetchedMs > FRESH_MS) return true;
  return lacking === entry.set && sinceTryMs >= REFRESH_INTERVAL_MS;
}

async function fetchSet(url: string, entry: KnownSet, parts: KeySetParts): Promise<void> {
  const { clock, get } = parts;
  const answer = await get(url, { clock, timeoutMs: TIMEOUT_MS, bytesMax: BYTES_MAX });
  entry.triedMs = clock.monotonicMs();
  if (!answer.ok) {
    entry.fault = `${url}: ${answer.fault.text}`;
  } else if (answer.value.status !== 200) {
    entry.fault = `${url}: status ${answer.value.status}`;
  } else {
    takeSet(url, Buffer.from(answer.value.body).toString("utf8"), entry);
    if (entry.fault === "") entry.fetchedMs = entry.triedMs;
  }
}

async function readFile(path: string, entry: KnownSet, parts: KeySetParts): Promise<void> {
  try {
    await using file = await open(resolve(parts.dataDirectory, path));
    const { mtimeMs, size, ino } = await file.stat();
    const mark = `${mtimeMs} ${size} ${ino}`;
    if (mark === entry.mark) return;
    if (size > BYTES_MAX) {
      entry.fault = `${path}: longer than ${BYTES_MAX} bytes`;
      return;
    }
    takeSet(path, await file.readFile("utf8"), entry);
    // A file that is being written may be half there: it is read again until it is right.
    if (entry.fault === "") entry.mark = mark;
  } catch (error) {
    entry.fault = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    // Who takes the file away takes the keys out of force.
    entry.set = undefined;
    entry.mark = "";
  }
}

/** What cannot be read leaves the keys from before in force. */
function takeSet(where: string, text: string, entry: KnownSet): void {
  const parsed = parseKeySet(text);
  entry.fault =
    parsed === undefined ? `${where}: no JSON Web Key Set of up to ${KEYS_MAX} keys` : "";
  entry.set = parsed ?? entry.set;
}

function parseKeySet(text: string): LocalJWKSet | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (!isKeySet(json) || json.keys.length > KEYS_MAX) return undefined;
    return jose().createLocalJWKSet(json);
  } catch {
    // No JSON, or none of jose's liking.
    return undefined;
  }
}

function isKeySet(json: unknown): json is JSONWebKeySet {
  return typeof json === "object" && json !== null && "keys" in json && Array.isArray(json.keys);
}
