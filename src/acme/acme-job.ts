import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { assert } from "../base/assert.ts";
import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { DAY, HOUR, KiB, MINUTE, MiB } from "../base/units.ts";
import { type CertificateMaterial, parsePemMaterial } from "../tls/certificate-material.ts";
import { isMissing, readBounded, writeDurably } from "../tls/durable-file.ts";
import { openAccountKey } from "./account-key.ts";
import { AcmeClient } from "./acme-client.ts";
import { openAcmeExchange } from "./acme-exchange.ts";
import { AcmeFailure } from "./acme-failure.ts";
import { ACME_OFF, type AcmeState } from "./acme-state.ts";
import { type ChallengeSolver, openDnsSolver, openHttpSolver } from "./challenge-solver.ts";
import { forgetOrder, runOrder } from "./order-run.ts";
import { renewalDueMs, renewalIdOf } from "./renewal.ts";

/** What certificate to have, and from whom. */
export interface AcmePlan {
  readonly directoryUrl: string;
  readonly contact: readonly string[];
  readonly domains: readonly string[];
  readonly challenge: "http-01" | "dns-01";
  readonly httpListen: { readonly address: string; readonly port: number } | undefined;
  readonly dnsHook: string | undefined;
  readonly caFile: string | undefined;
  readonly termsOfServiceAgreed: boolean;
}

/** What the job works with. */
export interface AcmeJobParts {
  /** Folder of the server's certificates. */
  readonly directory: string;
  /** Relative paths of the plan begin here. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Whom the server trusts, PEM. */
  readonly authorities: () => readonly string[];
  /** How the authority is asked; default: over HTTPS. */
  readonly openExchange?: typeof openAcmeExchange;
  /** A new certificate is in its place. */
  readonly installed: () => Promise<void>;
}

/** The certificate, its chain and its key in one file, so that they are replaced as one. */
const FILE = "acme.pem";
const FOLDER = "acme";
/** A server that can't stay up for as long must not ask each time it tries. */
const FIRST_MS = 2000;
const RETRY_MS = { first: 5 * MINUTE, last: DAY };
const RETRY_JITTER = 0.2;
/** An authority may ask for patience, but not for so much that a certificate runs out. */
const RETRY_AFTER_MS_MAX = 7 * DAY;
/** setTimeout's limit is 24 days; a look at the clock in between finds a changed date, too. */
const SLEEP_MS_MAX = 6 * HOUR;
const FILE_BYTES_MAX = MiB;
const ATTEMPTS_BYTES_MAX = 16 * KiB;
/** Characters of an authority's words that are kept. */
const WORDS_MAX = 2000;
const AGREE = "read the authority's terms and set acme.termsOfServiceAgreed to true";

/** What outlives a restart, so that it does not become another try each time. */
interface Attempts {
  readonly failures: number;
  readonly notBeforeMs: number;
  /** What was tried: another plan starts anew. */
  readonly plan: string;
  /** Why the last one came to nothing. */
  readonly reason?: string;
  readonly cure?: string;
}

/** Gets the certificate of the plan, and renews it in time (RFC 8555, RFC 9773). */
export class AcmeJob {
  readonly #parts: AcmeJobParts;
  #plan: AcmePlan | undefined;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;
  /** Somebody has mended what was wrong, and does not want to wait for the next try. */
  #isUrgent = false;
  #state = ACME_OFF;

  constructor(parts: AcmeJobParts) {
    this.#parts = parts;
  }

  /** What it is at. */
  get state(): AcmeState {
    return this.#state;
  }

  /** Puts a plan in force; the same one again changes nothing, `undefined` ends it all. */
  use(plan: AcmePlan | undefined): void {
    if (keyOf(plan) === keyOf(this.#plan) || this.#isStopped) return;
    this.#plan = plan;
    this.#timer?.cancel();
    this.#state = ACME_OFF;
    if (plan === undefined) return;
    const { directoryUrl, domains } = plan;
    this.#state = { ...ACME_OFF, directoryUrl, domains, kind: "TermsNotAgreed", cure: AGREE };
    if (!plan.termsOfServiceAgreed) {
      this.#parts.diagnostics.error("acme-terms-not-agreed", {
        directory: plan.directoryUrl,
        cure: AGREE,
      });
      return;
    }
    const nextMs = this.#parts.clock.nowMs() + FIRST_MS;
    this.#state = { ...ACME_OFF, directoryUrl, domains, kind: "Scheduled", nextMs };
    this.#sleep(FIRST_MS);
  }

  /** Tries at once, however often that has failed; where nothing can be tried, nothing happens. */
  tryNow(): void {
    if (this.#state.kind !== "Scheduled" && this.#state.kind !== "Failed") return;
    this.#isUrgent = true;
    this.#state = { ...this.#state, nextMs: this.#parts.clock.nowMs() };
    this.#sleep(0);
  }

  /** Ends it; an order under way is gone on with after the next start. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Resolves when nothing is under way. */
  async whenIdle(): Promise<void> {
    await this.#running;
  }

  #sleep(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    const boundedMs = Math.min(Math.max(delayMs, 0), SLEEP_MS_MAX);
    this.#timer = this.#parts.clock.startTimer(boundedMs, () => {
      // One at a time: a plan that changes meanwhile waits for the end of the one before.
      const before = this.#running ?? Promise.resolve();
      this.#running = before.then(() => this.#wake());
    });
  }

  async #wake(): Promise<void> {
    const plan = this.#plan;
    if (plan === undefined || this.#isStopped) return;
    const { clock } = this.#parts;
    // By hand it begins anew, as with another plan: trying often must not make the waiting longer.
    let attempts = this.#isUrgent ? noAttempts(plan) : await this.#readAttempts(plan);
    this.#isUrgent = false;
    if (attempts.notBeforeMs <= clock.nowMs()) {
      this.#tell(plan, { kind: "Running", lastMs: clock.nowMs(), nextMs: undefined });
      const before = attempts;
      attempts = await this.#try(plan).then(
        (notBeforeMs) => ({ failures: 0, notBeforeMs, plan: before.plan }),
        (error: unknown) => this.#failed(plan, before, error),
      );
    }
    const { failures, notBeforeMs: nextMs, reason = "", cure = "" } = attempts;
    const kind = failures > 0 ? "Failed" : "Scheduled";
    this.#tell(plan, { kind, step: "", nextMs, failures, reason, cure });
    // Another plan has its own timer.
    if (plan === this.#plan) this.#sleep(nextMs - clock.nowMs());
  }

  #tell(plan: AcmePlan, news: Partial<AcmeState>): void {
    if (plan === this.#plan) this.#state = { ...this.#state, ...news };
  }

  /** Renews when it is time; resolves with when to look again. */
  async #try(plan: AcmePlan): Promise<number> {
    const { clock, diagnostics, directory } = this.#parts;
    const [first, ...others] = plan.domains;
    assert(first !== undefined, "the settings ask for at least one domain");
    const domains = [first, ...others] as const;
    const installed = await this.#readInstalled(plan);
    const told = (step: string) => this.#tell(plan, { step });
    told("asks the authority");
    const client = await this.#openClient(plan);
    const due = installed && (await this.#readDue(client, installed));
    const stateFile = join(directory, FOLDER, "order.json");
    if (due !== undefined && due.renewMs > clock.nowMs()) {
      // An order that led to this one must not be taken for the next one's.
      await forgetOrder(stateFile);
      return Math.min(due.renewMs, due.askAgainMs);
    }
    await client.openAccount(plan.contact);
    const issued = await runOrder({
      client,
      directoryUrl: plan.directoryUrl,
      domains,
      openSolver: () => this.#openSolver(plan),
      stateFile,
      replaces: installed?.renewalId,
      told,
      warn: ({ message, cure }) =>
        diagnostics.warn("acme-not-cleaned-up", { reason: message, cure }),
    });
    const text = `${issued.certificate.trimEnd()}\n${issued.key}`;
    await writeDurably(join(directory, FILE), text, 0o600);
    await forgetOrder(stateFile);
    const file = join(directory, FILE);
    diagnostics.info("acme-certificate-issued", { file, names: domains });
    await this.#parts.installed();
    await this.#checkFresh(plan);
    await this.#writeAttempts(noAttempts(plan));
    return clock.nowMs() + MINUTE;
  }

  /** One that is due again already would be an order a minute: it counts as a failure. */
  async #checkFresh(plan: AcmePlan): Promise<void> {
    const fresh = await this.#readInstalled(plan);
    if (fresh === undefined) return;
    const { material } = fresh;
    const dueMs = renewalDueMs(material, undefined, steadyShare(material.fingerprint));
    if (dueMs > this.#parts.clock.nowMs()) return;
    const until = new Date(material.validToMs).toISOString();
    throw new AcmeFailure(
      `the certificate that has come is to be renewed already: it is valid until ${until}`,
      "set this machine's clock right, or ask the authority",
    );
  }

  async #readDue(
    client: AcmeClient,
    installed: Installed,
  ): Promise<{ readonly renewMs: number; readonly askAgainMs: number }> {
    const { clock, diagnostics } = this.#parts;
    const { material, renewalId } = installed;
    try {
      const info = renewalId && (await client.readRenewalInfo(renewalId));
      if (info) {
        const renewMs = renewalDueMs(material, info.window, steadyShare(material.fingerprint));
        return { renewMs, askAgainMs: info.askAgainMs };
      }
    } catch (error) {
      if (!(error instanceof AcmeFailure)) throw error;
      diagnostics.warn("acme-renewal-info-failed", { reason: error.message });
    }
    const renewMs = renewalDueMs(material, undefined, steadyShare(material.fingerprint));
    return { renewMs, askAgainMs: clock.nowMs() + SLEEP_MS_MAX };
  }

  async #failed(plan: AcmePlan, before: Attempts, error: unknown): Promise<Attempts> {
    const { clock, diagnostics } = this.#parts;
    const failures = before.failures + 1;
    const backOffMs = Math.min(RETRY_MS.first * 2 ** (failures - 1), RETRY_MS.last);
    const retryMs = clock.nowMs() + backOffMs * (1 + RETRY_JITTER * clock.random());
    const askedMs = error instanceof AcmeFailure ? (error.notBeforeMs ?? 0) : 0;
    const latestMs = clock.nowMs() + RETRY_AFTER_MS_MAX;
    const notBeforeMs = Math.max(retryMs, Math.min(askedMs, latestMs));
    const reason = error instanceof Error ? error.message : String(error);
    const cure = error instanceof AcmeFailure ? error.cure : "see the reason";
    diagnostics.error("acme-failed", {
      names: plan.domains,
      directory: plan.directoryUrl,
      reason,
      cure,
      nextTry: new Date(notBeforeMs).toISOString(),
    });
    const kept = { reason: reason.slice(0, WORDS_MAX), cure };
    const attempts = { failures, notBeforeMs, plan: keyOf(plan), ...kept };
    await this.#writeAttempts(attempts).catch((why: unknown) =>
      diagnostics.error("acme-state-not-written", { reason: String(why) }),
    );
    return attempts;
  }

  async #openClient(plan: AcmePlan): Promise<AcmeClient> {
    const { clock, directory, dataDirectory, authorities } = this.#parts;
    await mkdir(join(directory, FOLDER), { recursive: true, mode: 0o700 });
    const caFile = plan.caFile && resolve(dataDirectory, plan.caFile);
    const own = caFile && (await readAuthorityFile(caFile));
    const open = this.#parts.openExchange ?? openAcmeExchange;
    const exchange = open(clock, own ? [...authorities(), own] : undefined);
    const key = await openAccountKey(join(directory, FOLDER, "account.key"));
    return new AcmeClient({ exchange, clock, key, directoryUrl: plan.directoryUrl });
  }

  async #openSolver(plan: AcmePlan): Promise<ChallengeSolver> {
    const { clock, dataDirectory } = this.#parts;
    if (plan.challenge === "http-01") {
      if (plan.httpListen !== undefined) return openHttpSolver(plan.httpListen);
      throw new AcmeFailure("acme.httpListen is null", "set it, or acme.challenge to dns-01");
    }
    if (plan.dnsHook === undefined) {
      throw new AcmeFailure("dns-01 needs acme.dnsHook", "set it, or acme.challenge to http-01");
    }
    return openDnsSolver(resolve(dataDirectory, plan.dnsHook), clock);
  }

  /** The certificate that there is, if it is the plan's. */
  async #readInstalled(plan: AcmePlan): Promise<Installed | undefined> {
    let text: string;
    try {
      text = String(await readBounded(join(this.#parts.directory, FILE), FILE_BYTES_MAX));
    } catch (error) {
      if (!isMissing(error)) this.#passOver(error instanceof Error ? error.message : String(error));
      return undefined;
    }
    const parsed = parsePemMaterial({
      file: FILE,
      certificate: text,
      key: text,
      passphrase: undefined,
    });
    if (!parsed.ok) {
      this.#passOver(parsed.fault.reason);
      return undefined;
    }
    if (!plan.domains.every((name) => parsed.value.names.includes(name))) return undefined;
    return { material: parsed.value, renewalId: renewalIdOf(text) };
  }

  #passOver(reason: string): void {
    const { diagnostics, directory } = this.#parts;
    const [file, notice] = [join(directory, FILE), "another one is ordered"];
    diagnostics.warn("acme-certificate-unusable", { file, reason, notice });
  }

  async #readAttempts(plan: AcmePlan): Promise<Attempts> {
    const none = noAttempts(plan);
    try {
      const text = await readBounded(this.#attemptsFile, ATTEMPTS_BYTES_MAX);
      const value: unknown = JSON.parse(text.toString("utf8"));
      if (!isAttempts(value) || value.plan !== none.plan) return none;
      // Nobody waits so long: the clock was ahead when that was written.
      const latestMs = this.#parts.clock.nowMs() + RETRY_AFTER_MS_MAX;
      return value.notBeforeMs > latestMs ? none : value;
    } catch {
      // None yet, or unreadable: the next failure writes it anew.
      return none;
    }
  }

  async #writeAttempts(attempts: Attempts): Promise<void> {
    await mkdir(join(this.#parts.directory, FOLDER), { recursive: true, mode: 0o700 });
    await writeDurably(this.#attemptsFile, JSON.stringify(attempts), 0o600);
  }

  get #attemptsFile(): string {
    return join(this.#parts.directory, FOLDER, "attempts.json");
  }
}

interface Installed {
  readonly material: CertificateMaterial;
  readonly renewalId: string | undefined;
}

async function readAuthorityFile(path: string): Promise<string> {
  try {
    return (await readBounded(path, FILE_BYTES_MAX)).toString("latin1");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AcmeFailure(`acme.caFile cannot be read: ${reason}`, "correct acme.caFile");
  }
}

function noAttempts(plan: AcmePlan): Attempts {
  return { failures: 0, notBeforeMs: 0, plan: keyOf(plan) };
}

function keyOf(plan: AcmePlan | undefined): string {
  return plan === undefined ? "" : createHash("sha256").update(JSON.stringify(plan)).digest("hex");
}

/** In [0, 1) and the same for a certificate each time it is asked for (RFC 9773 §4.2). */
function steadyShare(fingerprint: string): number {
  return Number.parseInt(fingerprint.replaceAll(":", "").slice(0, 8), 16) / 2 ** 32;
}

function isAttempts(value: unknown): value is Attempts {
  if (typeof value !== "object" || value === null) return false;
  const { failures, notBeforeMs, plan, reason, cure } = value as Readonly<Record<string, unknown>>;
  const isText = (text: unknown) => text === undefined || typeof text === "string";
  return (
    typeof failures === "number" &&
    typeof notBeforeMs === "number" &&
    typeof plan === "string" &&
    isText(reason) &&
    isText(cure)
  );
}
