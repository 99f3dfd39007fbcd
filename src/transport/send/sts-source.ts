import { LRUCache } from "lru-cache";
import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { fault, ok, type Result } from "../../base/result.ts";
import { DAY, KiB, MINUTE, SECOND } from "../../base/units.ts";
import type { Resolver } from "../../dns/resolver.ts";
import { httpsExchange } from "../../net/https-exchange.ts";
import type { RecordStore } from "../../store/record-store.ts";
import { parseStsPolicy, parseStsRecord, type StsPolicy } from "../../tls/mta-sts.ts";
import type { TlsResultType } from "../../tls/tls-report.ts";

/** What is known of a domain's MTA-STS (RFC 8461). */
export type StsState =
  /** Nothing to hold it to; `failure` when it says that it has a policy, and we cannot have it. */
  | {
      readonly kind: "none";
      readonly failure: { readonly type: TlsResultType; readonly detail: string } | undefined;
    }
  | { readonly kind: "policy"; readonly policy: StsPolicy; readonly text: readonly string[] };

/** Keeps policies: in memory, and durably for as long as they are to be kept. */
export interface StsSource {
  /** Never rejects. May take as long as the domain's web server does, once. */
  find(domain: string): Promise<StsState>;
}

/** Text of a domain's policy file; a fault says what went wrong, in RFC 8460's words. */
export type FetchPolicy = (
  domain: string,
) => Promise<Result<string, { readonly type: TlsResultType; readonly detail: string }>>;

const KIND = "mta-sts";
/** RFC 8461 §3.3: at least five minutes between two tries. */
const RETRY_MS = 5 * MINUTE;
/** Asked for again, if the domain does not say before that there is another one. */
const REFRESH_MS = DAY;
/** However often the domain says that it has another one, and however short it is to be kept. */
const KEPT_MS_MIN = MINUTE;
const FETCH_TIMEOUT_MS = 60 * SECOND;
const POLICY_BYTES_MAX = 64 * KiB;
const DOMAINS_MAX = 10_000;
/** How long a domain without a stored policy is not read again: another thread may store one. */
const ABSENT_MS = MINUTE;
/** Policies in memory, in characters; the rest is read from the store. */
const CHARACTERS_MAX = 16 * 1024 * KiB;
const NONE = { kind: "none", failure: undefined } as const;

interface Known {
  readonly id: string;
  readonly body: string;
  readonly fetchedMs: number;
  readonly expiresMs: number;
  readonly policy: StsPolicy;
}

/** Opens it over what the rest of the server has. */
export function createStsSource(options: {
  readonly resolver: Resolver;
  readonly records: RecordStore;
  readonly fetchPolicy: FetchPolicy;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}): StsSource {
  const source = new PolicyKeeper(options);
  return { find: (domain) => source.find(domain) };
}

type Options = Parameters<typeof createStsSource>[0];
type Failure = (StsState & { readonly kind: "none" })["failure"];

class PolicyKeeper {
  readonly #options: Options;
  readonly #known = new LRUCache<string, Known>({
    max: DOMAINS_MAX,
    maxSize: CHARACTERS_MAX,
    sizeCalculation: ({ body }) => body.length + 1,
  });
  /** Fetches that failed: until when there is no other, and why. */
  readonly #failed = new LRUCache<string, { readonly untilMs: number; readonly failure: Failure }>({
    max: DOMAINS_MAX,
  });
  readonly #absentUntilMs = new LRUCache<string, number>({ max: DOMAINS_MAX });
  readonly #underWay = new Map<string, Promise<Known | undefined>>();

  constructor(options: Options) {
    this.#options = options;
  }

  async find(domain: string): Promise<StsState> {
    const [answer, known] = await Promise.all([
      this.#options.resolver.lookup(`_mta-sts.${domain}`, "TXT"),
      this.#recall(domain),
    ]);
    const texts =
      answer.kind === "records"
        ? answer.records.flatMap((record) => (record.type === "TXT" ? [record.text] : []))
        : [];
    const id = parseStsRecord(texts);
    const nowMs = this.#options.clock.nowMs();
    const isNew = known !== undefined && nowMs - known.fetchedMs < KEPT_MS_MIN;
    if (known !== undefined && (id === undefined || id === known.id || isNew)) {
      // It is in force until it expires, whatever became of the record (RFC 8461 §5.1).
      if (id !== undefined && nowMs - known.fetchedMs >= REFRESH_MS) void this.#fetch(domain, id);
      return stateOf(known);
    }
    if (id === undefined) return NONE;
    const fetched = await this.#fetch(domain, id);
    if (fetched !== undefined) return stateOf(fetched);
    if (known !== undefined) return stateOf(known);
    return { kind: "none", failure: this.#failed.get(domain)?.failure };
  }

  /** One that has not expired, from memory or from the store. */
  async #recall(domain: string): Promise<Known | undefined> {
    const { clock } = this.#options;
    const isAbsent = (this.#absentUntilMs.get(domain) ?? 0) > clock.monotonicMs();
    const known = this.#known.get(domain) ?? (isAbsent ? undefined : await this.#read(domain));
    if (known !== undefined && known.expiresMs > clock.nowMs()) return known;
    this.#known.delete(domain);
    if (!isAbsent) this.#absentUntilMs.set(domain, clock.monotonicMs() + ABSENT_MS);
    return undefined;
  }

  async #read(domain: string): Promise<Known | undefined> {
    const { records, diagnostics } = this.#options;
    try {
      const record = await records.read(KIND, domain);
      const known = record && readKnown(record.json, record.expiresMs);
      if (known !== undefined) this.#known.set(domain, known);
      return known;
    } catch (error) {
      diagnostics.warn("mta-sts-not-read", { domain, reason: String(error) });
      return undefined;
    }
  }

  /** The policy with that id, at most once in five minutes; `undefined` when it cannot be had. */
  #fetch(domain: string, id: string): Promise<Known | undefined> {
    const running = this.#underWay.get(domain);
    if (running !== undefined) return running;
    const failed = this.#failed.get(domain);
    if (failed !== undefined && failed.untilMs > this.#options.clock.monotonicMs()) {
      return Promise.resolve(undefined);
    }
    const fetched = this.#fetchNow(domain, id).finally(() => this.#underWay.delete(domain));
    this.#underWay.set(domain, fetched);
    return fetched;
  }

  async #fetchNow(domain: string, id: string): Promise<Known | undefined> {
    const { fetchPolicy, clock, diagnostics } = this.#options;
    // Another thread may have been here already.
    const stored = await this.#read(domain);
    const isFresh = stored !== undefined && clock.nowMs() - stored.fetchedMs < REFRESH_MS;
    if (isFresh && stored.id === id && stored.expiresMs > clock.nowMs()) return stored;
    const fetched = await fetchPolicy(domain);
    const parsed = fetched.ok ? parseStsPolicy(fetched.value) : undefined;
    if (!fetched.ok || parsed?.ok !== true) {
      const detail = parsed?.ok === false ? parsed.fault : "";
      const failure = fetched.ok
        ? ({ type: "sts-policy-invalid", detail } as const)
        : fetched.fault;
      this.#failed.set(domain, { untilMs: clock.monotonicMs() + RETRY_MS, failure });
      diagnostics.warn("mta-sts-policy-unavailable", { domain, ...failure });
      return undefined;
    }
    const fetchedMs = clock.nowMs();
    const policy = parsed.value;
    const known: Known = {
      id,
      body: fetched.value,
      fetchedMs,
      expiresMs: fetchedMs + Math.max(policy.maxAgeMs, KEPT_MS_MIN),
      policy,
    };
    this.#known.set(domain, known);
    this.#failed.delete(domain);
    await this.#write(domain, known);
    return known;
  }

  async #write(domain: string, { id, body, fetchedMs, expiresMs }: Known): Promise<void> {
    const { records, diagnostics } = this.#options;
    const json = JSON.stringify({ id, body, fetchedMs });
    try {
      await records.write([{ kind: KIND, key: domain, json, expiresMs }]);
    } catch (error) {
      // In force all the same, until this thread ends.
      diagnostics.warn("mta-sts-not-written", { domain, reason: String(error) });
    }
  }
}

function readKnown(json: string, expiresMs: number): Known | undefined {
  // Written by us: what it holds was checked then. Another release may have written it otherwise.
  const { id, body, fetchedMs } = JSON.parse(json) as Partial<Known>;
  const parsed = typeof body === "string" ? parseStsPolicy(body) : undefined;
  if (typeof id !== "string" || typeof fetchedMs !== "number" || parsed?.ok !== true) {
    return undefined;
  }
  return { id, body: body ?? "", fetchedMs, expiresMs, policy: parsed.value };
}

function stateOf({ policy, body }: Known): StsState {
  const text = body.split(/\r?\n/).filter((line) => line !== "");
  return { kind: "policy", policy, text };
}

/** Gets policies by HTTPS from `mta-sts.DOMAIN` (RFC 8461 §3.3). */
export function createFetchPolicy(options: {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly ca?: readonly string[] | undefined;
  /** In place of 443, for tests. */
  readonly port?: number | undefined;
}): FetchPolicy {
  const { resolver, clock, ca, port } = options;
  const lookup = async (host: string) => {
    const found = await Promise.all([resolver.lookup(host, "A"), resolver.lookup(host, "AAAA")]);
    return found.flatMap((answer) =>
      answer.kind === "records"
        ? answer.records.flatMap((record) => ("address" in record ? [record.address] : []))
        : [],
    );
  };
  return async (domain) => {
    const got = await httpsExchange(`https://mta-sts.${domain}/.well-known/mta-sts.txt`, {
      clock,
      timeoutMs: FETCH_TIMEOUT_MS,
      bytesMax: POLICY_BYTES_MAX,
      ca,
      lookup,
      port,
    });
    if (!got.ok) {
      const type = got.fault.isCertificate ? "sts-webpki-invalid" : "sts-policy-fetch-error";
      return fault({ type, detail: got.fault.text });
    }
    const { status, headers, body } = got.value;
    const mediaType = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    if (status !== 200 || mediaType !== "text/plain") {
      const detail = status === 200 ? `media type ${mediaType ?? "none"}` : `status ${status}`;
      return fault({ type: "sts-policy-fetch-error", detail });
    }
    return ok(Buffer.from(body).toString("utf8"));
  };
}
