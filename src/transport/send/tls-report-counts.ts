import { DAY } from "../../base/units.ts";
import type { TlsReportPolicy } from "../../tls/tls-report.ts";
import type { TlsAttempt } from "./tls-attempt.ts";

/** Sums of one policy's attempts, as they are kept until the day's report. */
export type TlsCounts = Omit<TlsReportPolicy, "failures"> & {
  readonly failures: readonly TlsReportPolicy["failures"][number][];
};

/** Domains counted on one day by one thread; attempts with more are not reported. */
const DOMAINS_MAX = 10_000;
/** Policies of one domain on one day: it may change its policy, but not for every message. */
const POLICIES_MAX = 20;
/** Kinds of failure of one policy; more are counted, but not told apart. */
const FAILURES_MAX = 100;
const DETAIL_CHARACTERS_MAX = 200;

/** The day of RFC 8460 §4.1 that a moment belongs to: `2026-11-21`, in UTC. */
export function reportDayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10);
}

/** First and last millisecond of a day. */
export function spanOfDay(day: string): { readonly startMs: number; readonly endMs: number } {
  const startMs = Date.parse(`${day}T00:00:00Z`);
  return { startMs, endMs: startMs + DAY - 1 };
}

/** Counts attempts by day, domain and policy, in bounded memory. */
export class TlsReportCounts {
  readonly #days = new Map<string, Map<string, TlsCounts[]>>();
  readonly #changed = new Set<string>();

  /** Counts one attempt. */
  add(attempt: TlsAttempt, nowMs: number): void {
    const day = reportDayOf(nowMs);
    let domains = this.#days.get(day);
    if (domains === undefined) {
      domains = new Map();
      this.#days.set(day, domains);
    }
    const known = domains.get(attempt.domain);
    if (known === undefined && domains.size >= DOMAINS_MAX) return;
    domains.set(attempt.domain, addAttempt(known ?? [], attempt));
    this.#changed.add(`${day} ${attempt.domain}`);
  }

  /**
   * What has changed since the last call, each with its sums of the whole day. Days before `day`
   * are forgotten after it: their sums are with the caller now.
   */
  take(day: string): readonly {
    readonly day: string;
    readonly domain: string;
    readonly counts: readonly TlsCounts[];
  }[] {
    const taken = [...this.#changed].flatMap((key) => {
      const [of = "", domain = ""] = key.split(" ");
      const counts = this.#days.get(of)?.get(domain);
      return counts === undefined ? [] : [{ day: of, domain, counts }];
    });
    this.#changed.clear();
    for (const known of this.#days.keys()) if (known < day) this.#days.delete(known);
    return taken;
  }
}

function addAttempt(counts: readonly TlsCounts[], attempt: TlsAttempt): TlsCounts[] {
  const { failure, policy, domain } = attempt;
  const one: TlsCounts = {
    ...policy,
    domain,
    successCount: failure === undefined ? 1 : 0,
    failureCount: failure === undefined ? 0 : 1,
    failures:
      failure === undefined
        ? []
        : [
            {
              resultType: failure.type,
              sendingMtaIp: attempt.localAddress,
              receivingMxHostname: attempt.host,
              receivingIp: attempt.address,
              failedSessionCount: 1,
              reasonCode: failure.detail.slice(0, DETAIL_CHARACTERS_MAX),
            },
          ],
  };
  return mergeCounts([...counts, one]);
}

/** Sums of several threads as one: equal policies and equal failures are added up. Pure. */
export function mergeCounts(counts: readonly TlsCounts[]): TlsCounts[] {
  const merged = new Map<string, TlsCounts>();
  for (const one of counts) {
    const key = JSON.stringify([one.type, one.text, one.mxHosts]);
    const known = merged.get(key);
    if (known === undefined && merged.size >= POLICIES_MAX) continue;
    merged.set(key, known === undefined ? one : addUp(known, one));
  }
  return [...merged.values()];
}

function addUp(left: TlsCounts, right: TlsCounts): TlsCounts {
  const failures = [...left.failures];
  for (const failure of right.failures) {
    const at = failures.findIndex(
      (known) =>
        known.resultType === failure.resultType &&
        known.receivingIp === failure.receivingIp &&
        known.receivingMxHostname === failure.receivingMxHostname &&
        known.sendingMtaIp === failure.sendingMtaIp,
    );
    const known = failures[at];
    if (known !== undefined) {
      const failedSessionCount = known.failedSessionCount + failure.failedSessionCount;
      failures[at] = { ...known, failedSessionCount };
    } else if (failures.length < FAILURES_MAX) {
      failures.push(failure);
    }
  }
  return {
    ...left,
    successCount: left.successCount + right.successCount,
    failureCount: left.failureCount + right.failureCount,
    failures,
  };
}
