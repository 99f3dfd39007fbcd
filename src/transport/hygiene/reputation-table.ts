import { hash, randomFillSync } from "node:crypto";
import { assert } from "../../base/assert.ts";
import { HOUR, MINUTE } from "../../base/units.ts";
import { formatIpAddress } from "../../mail/address-literal.ts";
import { addressNumber, isMappedIpv4 } from "./address-number.ts";
import {
  REPUTATION_COUNTS,
  type ReputationCount,
  type ReputationProfile,
} from "./reputation-level.ts";

const SALT_BYTES = 16;
/** Sources that are known at one time. */
const PLACES = 1 << 15;
/** Places that one source may have: a full group forgets whom it has heard of least recently. */
const WAYS = 8;
/** 32-bit words of a place: source, its family, hour, block, its level, names, counts. */
const WORDS = 16;
const [HIGH, LOW, FAMILY, HOURS, BLOCK, LEVEL, NAMES, COUNTS] = [0, 1, 2, 3, 4, 5, 6, 7];
const MEMORY_BYTES = SALT_BYTES + PLACES * WORDS * Int32Array.BYTES_PER_ELEMENT;
/** Counts are kept in hundredths, so that halves of one are not lost. */
const UNIT = 100;
const COUNT_MAX = 2 ** 31 - 1;
const HALF_LIFE_HOURS = 24;
const NAME_BITS = 16;

/** A source under an address of its own, or an IPv6 network of 64 bits. */
export interface KnownSource {
  /** `192.0.2.1`, `2001:db8::/64` */
  readonly source: string;
  readonly profile: ReputationProfile;
  /** Epoch ms until which it is blocked; 0: it is not. */
  readonly blockedUntilMs: number;
  /** Its level when it was blocked. */
  readonly blockedLevel: number;
}

/** When something is counted, and what the source has called itself. */
interface CountedAt {
  readonly nowMs: number;
  readonly hello?: string;
}

/** For how long a source is blocked, and the level that it is blocked for. */
interface SourceBlock {
  readonly nowMs: number;
  readonly untilMs: number;
  readonly level: number;
}

/** Shared memory for all threads of a server, salted. */
export function createReputationMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(MEMORY_BYTES);
  randomFillSync(new Uint8Array(memory, 0, SALT_BYTES));
  return memory;
}

/**
 * What is known of the sources of mail, for all threads: a table of constant size however many
 * sources there are. Places are chosen by a salted hash, so that nobody can look for addresses that
 * push others out. Threads may overwrite each other's count now and then: it is about hundreds.
 */
export class ReputationTable {
  readonly #words: Int32Array;
  readonly #salt: string;

  constructor(memory: SharedArrayBuffer) {
    assert(memory.byteLength === MEMORY_BYTES, "memory made by createReputationMemory");
    this.#words = new Int32Array(memory, SALT_BYTES);
    this.#salt = Buffer.from(memory, 0, SALT_BYTES).toString("base64");
  }

  /** Counts something of a source. */
  add(address: string, counts: readonly ReputationCount[], at: CountedAt): void {
    const key = sourceKey(address);
    if (key === undefined) return;
    const place = this.#find(key) ?? this.#take(key, at.nowMs);
    this.#age(place, at.nowMs);
    for (const count of counts) {
      const word = place + COUNTS + REPUTATION_COUNTS.indexOf(count);
      const before = Atomics.load(this.#words, word);
      Atomics.store(this.#words, word, Math.min(COUNT_MAX, before + UNIT));
    }
    if (at.hello !== undefined) Atomics.or(this.#words, place + NAMES, 1 << nameBit(at.hello));
  }

  /** What is known of the source of an address; `undefined`: nothing. */
  read(address: string, nowMs: number): KnownSource | undefined {
    const key = sourceKey(address);
    const place = key && this.#find(key);
    if (place === undefined) return undefined;
    this.#age(place, nowMs);
    return this.#show(place, nowMs);
  }

  /** Whether mail of the address is blocked now. */
  isBlocked(address: string, nowMs: number): boolean {
    const key = sourceKey(address);
    const place = key && this.#find(key);
    return place !== undefined && this.#blockedUntilMs(place) > nowMs;
  }

  /** Blocks a source, and begins anew with what is counted of it. */
  block(address: string, block: SourceBlock): void {
    const key = sourceKey(address);
    if (key === undefined) return;
    const place = this.#find(key) ?? this.#take(key, block.nowMs);
    for (let word = place + NAMES; word < place + WORDS; word += 1) {
      Atomics.store(this.#words, word, 0);
    }
    Atomics.store(this.#words, place + LEVEL, block.level);
    Atomics.store(this.#words, place + BLOCK, Math.ceil(block.untilMs / MINUTE));
  }

  /** Forgets a source; whether anything was known of it. */
  forget(address: string): boolean {
    const key = sourceKey(address);
    const place = key && this.#find(key);
    if (place === undefined) return false;
    this.#clear(place);
    return true;
  }

  /** All that are known, in no order. */
  *all(nowMs: number): Generator<KnownSource, void, undefined> {
    for (let place = 0; place < this.#words.length; place += WORDS) {
      if (Atomics.load(this.#words, place + FAMILY) === 0) continue;
      this.#age(place, nowMs);
      yield this.#show(place, nowMs);
    }
  }

  #find(key: SourceKey): number | undefined {
    const first = this.#firstPlace(key);
    for (let place = first; place < first + WAYS * WORDS; place += WORDS) {
      if (this.#holds(place, key)) return place;
    }
    return undefined;
  }

  #holds(place: number, { high, low, family }: SourceKey): boolean {
    return (
      Atomics.load(this.#words, place + FAMILY) === family &&
      Atomics.load(this.#words, place + HIGH) === high &&
      Atomics.load(this.#words, place + LOW) === low
    );
  }

  /** A place for a source that has none: an empty one, or that of the one not heard of longest. */
  #take(key: SourceKey, nowMs: number): number {
    const first = this.#firstPlace(key);
    let chosen = first;
    let least = Number.POSITIVE_INFINITY;
    for (let place = first; place < first + WAYS * WORDS; place += WORDS) {
      const isEmpty = Atomics.load(this.#words, place + FAMILY) === 0;
      // Who is blocked is forgotten last.
      const blocked = this.#blockedUntilMs(place) > nowMs ? COUNT_MAX : 0;
      const age = isEmpty ? -1 : Atomics.load(this.#words, place + HOURS) + blocked;
      if (age >= least) continue;
      least = age;
      chosen = place;
    }
    this.#clear(chosen);
    Atomics.store(this.#words, chosen + HIGH, key.high);
    Atomics.store(this.#words, chosen + LOW, key.low);
    Atomics.store(this.#words, chosen + HOURS, Math.floor(nowMs / HOUR));
    Atomics.store(this.#words, chosen + FAMILY, key.family);
    return chosen;
  }

  #clear(place: number): void {
    for (let word = place; word < place + WORDS; word += 1) Atomics.store(this.#words, word, 0);
  }

  #firstPlace({ high, low, family }: SourceKey): number {
    const digest = hash("sha256", `${this.#salt} ${family} ${high} ${low}`, "buffer");
    return (digest.readUInt32LE(0) % (PLACES / WAYS)) * WAYS * WORDS;
  }

  /** Lets the counts fade; the names of HELO are forgotten after a day without mail. */
  #age(place: number, nowMs: number): void {
    const hour = Math.floor(nowMs / HOUR);
    const before = Atomics.exchange(this.#words, place + HOURS, hour);
    const hours = hour - before;
    if (hours <= 0) return;
    const share = 2 ** (-hours / HALF_LIFE_HOURS);
    for (let index = 0; index < REPUTATION_COUNTS.length; index += 1) {
      const word = place + COUNTS + index;
      Atomics.store(this.#words, word, Math.round(Atomics.load(this.#words, word) * share));
    }
    if (hours >= HALF_LIFE_HOURS) Atomics.store(this.#words, place + NAMES, 0);
  }

  #blockedUntilMs(place: number): number {
    return Atomics.load(this.#words, place + BLOCK) * MINUTE;
  }

  #show(place: number, nowMs: number): KnownSource {
    const word = (index: number) => Atomics.load(this.#words, place + index);
    const count = (name: ReputationCount) => word(COUNTS + REPUTATION_COUNTS.indexOf(name)) / UNIT;
    const untilMs = this.#blockedUntilMs(place);
    return {
      source: formatSource({ high: word(HIGH), low: word(LOW), family: word(FAMILY) }),
      profile: {
        messages: count("messages"),
        rated: count("rated"),
        spam: count("spam"),
        unauthenticated: count("unauthenticated"),
        nameless: count("nameless"),
        oddHello: count("oddHello"),
        ownHello: count("ownHello"),
        unknownRecipients: count("unknownRecipients"),
        refused: count("refused"),
        helloNames: bitCount(word(NAMES)),
      },
      blockedUntilMs: untilMs > nowMs ? untilMs : 0,
      blockedLevel: untilMs > nowMs ? word(LEVEL) : 0,
    };
  }
}

/** A source in two words: an IPv4 address, or the first half of an IPv6 one. */
interface SourceKey {
  readonly high: number;
  readonly low: number;
  readonly family: number;
}

function sourceKey(address: string): SourceKey | undefined {
  // `2001:db8::/64` is how a source is shown; it may come back so.
  const number = addressNumber(address.replace(/\/64$/, ""));
  if (number === undefined) return undefined;
  if (isMappedIpv4(number)) return { high: 0, low: Number(number & 0xffffffffn) | 0, family: 4 };
  const network = number >> 64n;
  const [high, low] = [Number(network >> 32n) | 0, Number(network & 0xffffffffn) | 0];
  return { high, low, family: 6 };
}

function formatSource({ high, low, family }: SourceKey): string {
  const halves = (word: number) => [(word >>> 16) & 0xffff, word & 0xffff];
  if (family === 4) {
    return formatIpAddress({ family: 4, groups: [0, 0, 0, 0, 0, 0xffff, ...halves(low)] });
  }
  const groups = [...halves(high), ...halves(low), 0, 0, 0, 0];
  return `${formatIpAddress({ family: 6, groups })}/64`;
}

function nameBit(hello: string): number {
  return hash("sha256", hello.toLowerCase(), "buffer").readUInt8(0) % NAME_BITS;
}

function bitCount(word: number): number {
  return word.toString(2).replaceAll("0", "").length;
}
