import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Metrics } from "../base/metrics.ts";
import { DAY, SECOND } from "../base/units.ts";
import type { HealthCheck } from "../management/health.ts";
import type { Organization } from "../org/organization.ts";
import { currentCertificates, findNearExpiry, type NearExpiry } from "../tls/certificate-expiry.ts";
import {
  type CertificateFolder,
  readCertificateFolder,
  readFolderState,
} from "../tls/certificate-folder.ts";
import type { CertificateMaterial } from "../tls/certificate-material.ts";
import {
  type CertificateSet,
  type CertificateStore,
  openCertificateStore,
} from "../tls/certificate-store.ts";
import { ensureSelfSigned } from "../tls/self-signed-file.ts";
import { findMissingCertificates } from "./missing-certificate.ts";

/** How often the folder is looked at. */
export const CERTIFICATE_POLL_MS = 5 * SECOND;
/** Files that have changed are read once they have stayed as they are for so long. */
export const CERTIFICATE_SETTLE_MS = SECOND;
/** A stolen key opens the sessions of one day. */
const TICKET_KEYS_MS = DAY;
/** What TLS tickets are sealed with: a name, a key for HMAC and one for AES, 16 bytes each. */
const TICKET_KEYS_BYTES = 48;

/** What the keeper works with. */
export interface CertificateKeeperParts {
  /** The folder itself. */
  readonly directory: string;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
  readonly organization: () => Organization;
}

/**
 * The certificates in force, as the main thread holds them: reads the folder, watches it, renews
 * what is self-signed, warns of what expires, and tells of every change.
 */
export class CertificateKeeper {
  readonly #parts: CertificateKeeperParts;
  #set: CertificateSet;
  #store: CertificateStore;
  /** State of the folder that was read, and the one that was last seen. */
  #loaded = "";
  #seen = "";
  #ticketKeysDueMs = 0;
  #selfSignedDueMs = 0;
  #told: ReadonlySet<string> = new Set();
  #warned: ReadonlySet<string> = new Set();
  #faults: readonly string[] = [];
  /** Why the folder cannot be read or written; told once. */
  #trouble: string | undefined;
  #publish: (set: CertificateSet) => void = () => undefined;
  #timer: Timer | undefined;
  #isStopped = false;
  #work: Promise<void> = Promise.resolve();

  private constructor(parts: CertificateKeeperParts) {
    this.#parts = parts;
    this.#set = { materials: [], authorities: [], ticketKeys: makeTicketKeys() };
    this.#store = openCertificateStore(this.#set, parts.clock);
  }

  /**
   * Makes the self-signed certificate where there is none and reads them all. Rejects with the
   * system's error when the folder can't be read or written.
   */
  static async open(parts: CertificateKeeperParts): Promise<CertificateKeeper> {
    const keeper = new CertificateKeeper(parts);
    await keeper.#renewSelfSigned();
    await keeper.#load(await readFolderState(parts.directory));
    return keeper;
  }

  /** What every thread works with. */
  get set(): CertificateSet {
    return this.#set;
  }

  /** The same for this thread. */
  get store(): CertificateStore {
    return this.#store;
  }

  /** Looks every few seconds from here on; `publish` is called with every change. */
  start(publish: (set: CertificateSet) => void): void {
    this.#publish = publish;
    this.#schedule(CERTIFICATE_POLL_MS);
  }

  /** Ends it; a look under way is finished. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#work;
  }

  /** Reads everything anew: names may have changed, or files that are known to be complete. */
  refresh(): Promise<void> {
    return this.#do(async () => {
      await this.#renewSelfSigned();
      await this.#load(await readFolderState(this.#parts.directory));
    });
  }

  /** Resolves when no look is under way. */
  whenIdle(): Promise<void> {
    return this.#work;
  }

  /** What ends within 30 days, and what else is to be looked after. */
  get state(): {
    readonly near: readonly NearExpiry<CertificateMaterial>[];
    readonly faults: readonly string[];
  } {
    const trouble = this.#trouble === undefined ? [] : [this.#trouble];
    const near = findNearExpiry(this.#set.materials, this.#parts.clock.nowMs());
    return { near, faults: [...trouble, ...this.#faults, ...this.#told] };
  }

  /** Never "not ok": mail flows with an old certificate too. The reason says what to look after. */
  health(): HealthCheck {
    const { near, faults } = this.state;
    const expiring = near.map(({ certificate, level, daysLeft }) =>
      level === "expired"
        ? `${certificate.file} has expired`
        : `${certificate.file} expires in ${daysLeft} days`,
    );
    const reasons = [...expiring, ...faults];
    return {
      name: "certificates",
      ok: true,
      ...(reasons.length > 0 && { reason: reasons.join("; ") }),
    };
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#parts.clock.startTimer(delayMs, () => {
      void this.#do(() => this.#look()).then(() => {
        if (this.#isStopped) return;
        const isSettled = this.#seen === this.#loaded;
        this.#schedule(isSettled ? CERTIFICATE_POLL_MS : CERTIFICATE_SETTLE_MS);
      });
    });
  }

  /** One after another; a folder that can't be read is told and looked at again. */
  #do(act: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(act).then(
      () => {
        this.#trouble = undefined;
      },
      (error: unknown) => this.#tellTrouble(error),
    );
    return this.#work;
  }

  #tellTrouble(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    const { directory, diagnostics } = this.#parts;
    const cure = "let the server's user read and write this folder";
    diagnostics.error("certificates-unreadable", { directory, reason, cure });
  }

  async #look(): Promise<void> {
    const { clock, directory } = this.#parts;
    const isRenewed = clock.nowMs() >= this.#selfSignedDueMs && (await this.#renewSelfSigned());
    const state = await readFolderState(directory);
    // A file that is still being written, or a pair of which one half has come, changes again.
    const isSettled = state === this.#seen || isRenewed;
    if (state !== this.#loaded && isSettled) {
      // It may be what has gone, with the whole folder: without it there would be no TLS at all.
      const isMade = await this.#renewSelfSigned();
      await this.#load(isMade ? await readFolderState(directory) : state);
      return;
    }
    if (clock.nowMs() >= this.#ticketKeysDueMs) this.#use(this.#set);
    this.#seen = state;
    this.#warn();
  }

  async #renewSelfSigned(): Promise<boolean> {
    const { clock, diagnostics, directory, organization } = this.#parts;
    const names = [organization().server.fqdn, hostname()] as const;
    this.#selfSignedDueMs = clock.nowMs() + DAY;
    return ensureSelfSigned({ directory, clock, diagnostics, names });
  }

  async #load(state: string): Promise<void> {
    const { directory, diagnostics } = this.#parts;
    const folder = await readCertificateFolder(directory);
    for (const { file, reason, cure } of folder.faults) {
      const isReplaced = this.#set.materials.some((one) => join(directory, one.file) === file);
      const notice = isReplaced ? { notice: "the one before it stays in force" } : {};
      diagnostics.error("certificate-unusable", { file, reason, cure, ...notice });
    }
    this.#faults = folder.faults.map(({ file, reason }) => `${file}: ${reason}`);
    const { authorities } = folder;
    const materials = keepUsable(this.#set.materials, folder, directory);
    this.#use({ ...this.#set, materials, authorities });
    this.#loaded = state;
    this.#seen = state;
    this.#warn();
  }

  #use(set: CertificateSet): void {
    const { clock } = this.#parts;
    // With every change: what was resumable under another certificate or authority is not any more.
    this.#set = { ...set, ticketKeys: makeTicketKeys() };
    this.#ticketKeysDueMs = clock.nowMs() + TICKET_KEYS_MS;
    this.#store = openCertificateStore(this.#set, clock);
    this.#publish(this.#set);
  }

  #warn(): void {
    const { clock, diagnostics, directory, metrics, organization } = this.#parts;
    const nowMs = clock.nowMs();
    const near = findNearExpiry(this.#set.materials, nowMs);
    const warned = new Set<string>();
    for (const { certificate, level, daysLeft } of near) {
      const key = `${certificate.fingerprint} ${level}`;
      warned.add(key);
      if (this.#warned.has(key)) continue;
      const event = level === "expired" ? "certificate-expired" : "certificate-expires-soon";
      const { file, names } = certificate;
      diagnostics.warn(event, { file: join(directory, file), names, daysLeft, cure: RENEW });
    }
    this.#warned = warned;
    const ends = currentCertificates(this.#set.materials, nowMs).map(({ validToMs }) => validToMs);
    const leftMs = ends.length === 0 ? 0 : Math.min(...ends) - nowMs;
    metrics.set("postrider_certificate_expiry_seconds", leftMs / SECOND);
    metrics.set("postrider_certificates_near_expiry", near.length);
    const missing = findMissingCertificates(organization(), this.#store);
    for (const problem of missing) {
      if (!this.#told.has(problem)) {
        diagnostics.error("certificate-missing", { problem, cure: PROVIDE });
      }
    }
    this.#told = new Set(missing);
  }
}

const RENEW = "put a current certificate in its place; it is taken up without a restart";
const PROVIDE =
  "put a valid certificate with that name into the folder certificates of the data directory, " +
  "or change the connector";

/** What has been read, and of what can't be read now what was in force before. */
function keepUsable(
  before: readonly CertificateMaterial[],
  folder: CertificateFolder,
  directory: string,
): readonly CertificateMaterial[] {
  const broken = new Set(folder.faults.map(({ file }) => file));
  const kept = before.filter(({ file }) => broken.has(join(directory, file)));
  return [...folder.materials, ...kept];
}

function makeTicketKeys(): Uint8Array {
  return new Uint8Array(randomBytes(TICKET_KEYS_BYTES));
}
