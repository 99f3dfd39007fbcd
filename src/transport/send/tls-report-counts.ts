import type { TlsReportPolicy } from "../../tls/tls-report.ts";
import { reportDayOf } from "../queue/daily-reports.ts";
import type { TlsAttempt } from "./tls-attempt.ts";

/** Sums of one policy's attempts, as they are kept until the day's report. */
export type TlsCounts = Omit<TlsReportPolicy, "failures"> & {
  readonly failures: readonly TlsReportPolicy["failures"][number][];
};

/** Domains counted on one day by one thread; attempts with more are not reported. */
const DOMAINS_MAX = 10_000;
/** Policies of one domain on one day: it may change its policy, but not for every message. */
const POLICIES_MAX = 10;
/** Kinds of failure of one policy; more are counted, but not told apart. */
const FAILURES_MAX = 50;
/** Policies and kinds of failure of all domains together, for one thread. */
const ALL_POLICIES_MAX = 20_000;
const ALL_FAILURES_MAX = 50_000;
/** Lines of a policy and hosts in it that a report shows; whoever runs the domain wrote them. */
const LINES_MAX = 20;
const LINE_CHARACTERS_MAX = 256;
const DETAIL_CHARACTERS_MAX = 200;

/** Counts attempts by day, domain and policy, in bounded memory. */
export class TlsReportCounts {
  readonly #days = new Map<string, Map<string, TlsCounts[]>>();
  readonly #changed = new Set<string>();
  /** Of all that is held: what bounds the memory, however many domains fail in how many ways. */
  #size: Size = EMPTY;

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
    const { policies, failures } = this.#size;
    const one = countOne(attempt, { isTold: failures < ALL_FAILURES_MAX });
    const isKnown = known?.some((other) => keyOf(other) === keyOf(one)) === true;
    if (!isKnown && policies >= ALL_POLICIES_MAX) return;
    // What is kept must not be a window on the whole of a policy file.
    const kept = isKnown ? one : (JSON.parse(JSON.stringify(one)) as TlsCounts);
    const counts = mergeCounts([...(known ?? []), kept]);
    domains.set(attempt.domain, counts);
    const [before, after] = [sizeOf(known ?? []), sizeOf(counts)];
    this.#size = {
      policies: policies + after.policies - before.policies,
      failures: failures + after.failures - before.failures,
    };
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
    this.#size = sizeOf(
      [...this.#days.values()].flatMap((domains) => [...domains.values()].flat()),
    );
    return taken;
  }
}

interface Size {
  readonly policies: number;
  readonly failures: number;
}

const EMPTY: Size = { policies: 0, failures: 0 };

function sizeOf(counts: readonly TlsCounts[]): Size {
  const failures = counts.reduce((sum, one) => sum + one.failures.length, 0);
  return { policies: counts.length, failures };
}

function keyOf({ type, text, mxHosts }: TlsCounts): string {
  return JSON.stringify([type, text, mxHosts]);
}

function cutLines(lines: readonly string[]): readonly string[] {
  return lines.slice(0, LINES_MAX).map((line) => line.slice(0, LINE_CHARACTERS_MAX));
}

function countOne(attempt: TlsAttempt, { isTold }: { readonly isTold: boolean }): TlsCounts {
  const { failure, policy, domain } = attempt;
  return {
    type: policy.type,
    text: cutLines(policy.text),
    mxHosts: cutLines(policy.mxHosts),
    domain,
    successCount: failure === undefined ? 1 : 0,
    failureCount: failure === undefined ? 0 : 1,
    failures:
      failure === undefined || !isTold
        ? []
        : [
            {
              resultType: failure.type,
              sendingMtaIp: attempt.localAddress,
              receivingMxHostname: attempt.host.slice(0, LINE_CHARACTERS_MAX),
              receivingIp: attempt.address,
              failedSessionCount: 1,
              reasonCode: failure.detail.slice(0, DETAIL_CHARACTERS_MAX),
            },
          ],
  };
}

/** Sums of several threads as one: equal policies and equal failures are added up. Pure. */
export function mergeCounts(counts: readonly TlsCounts[]): TlsCounts[] {
  const merged = new Map<string, TlsCounts>();
  for (const one of counts) {
    const key = keyOf(one);
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
