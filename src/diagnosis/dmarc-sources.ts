import { ipAddressNumber, parseIpAddress } from "../mail/address-literal.ts";
import type { Organization } from "../org/organization.ts";
import type { KeptDmarcReport } from "../transport/deliver/kept-dmarc-report.ts";

/** One who sends mail in the name of a domain of ours, as reports of others have it. */
export interface DmarcSource {
  readonly domain: string;
  readonly headerFrom: string;
  readonly sourceIp: string;
  /** The address is one that our own mail leaves by. */
  readonly isOurs: boolean;
  readonly count: number;
  /** Of these: passed by DKIM, by SPF, by either. */
  readonly dkimCount: number;
  readonly spfCount: number;
  readonly alignedCount: number;
  readonly quarantinedCount: number;
  readonly rejectedCount: number;
  /** Reports on single messages that have failed; these count as no message above. */
  readonly failureReportCount: number;
  /** Domains that have signed, or whose SPF has passed, whether they belong to ours or not. */
  readonly signedBy: readonly string[];
  readonly sentBy: readonly string[];
  readonly reporters: readonly string[];
  /** Epoch ms. */
  readonly firstMs: number;
  readonly lastMs: number;
}

const NAMES_MAX = 20;

/** Whether mail from an address is ours: addresses of this machine, of connectors, and others. */
export function ownAddressCheck(
  { sendConnectors, transportConfig }: Pick<Organization, "sendConnectors" | "transportConfig">,
  addresses: readonly string[],
): (address: string) => boolean {
  const own = new Set<bigint>();
  for (const text of [...addresses, ...sendConnectors.flatMap((one) => one.sourceIPAddresses)]) {
    const number = numberOf(text);
    if (number !== undefined) own.add(number);
  }
  return (text) => {
    const number = numberOf(text);
    if (number === undefined) return false;
    const { internalSMTPServers } = transportConfig;
    return (
      own.has(number) ||
      internalSMTPServers.some(({ first, last }) => first <= number && number <= last)
    );
  };
}

function numberOf(text: string): bigint | undefined {
  const address = parseIpAddress(text);
  return address === undefined ? undefined : ipAddressNumber(address);
}

/** Sums of many reports by domain, author's domain and source. */
export class DmarcSources {
  readonly #isOurs: (address: string) => boolean;
  readonly #max: number;
  readonly #sources = new Map<string, DmarcSource>();
  /** Messages that were not put to any source: there were too many, here or in their reports. */
  omittedCount = 0;

  /** @param max sources that are told apart; further ones are only counted */
  constructor(isOurs: (address: string) => boolean, max: number) {
    this.#isOurs = isOurs;
    this.#max = max;
  }

  add(report: KeptDmarcReport): void {
    const { domain, organizationName, startMs, endMs } = report;
    this.omittedCount += report.omittedCount;
    for (const row of report.rows) {
      const { sourceIp, headerFrom, count, dkim, spf, disposition } = row;
      const key = [domain, headerFrom, sourceIp].join("\n");
      const known = this.#sources.get(key);
      if (known === undefined && this.#sources.size >= this.#max) {
        this.omittedCount += count;
        continue;
      }
      const of = (isSo: boolean) => (isSo ? count : 0);
      this.#sources.set(key, {
        ...{ domain, headerFrom, sourceIp },
        isOurs: known?.isOurs ?? this.#isOurs(sourceIp),
        count: (known?.count ?? 0) + count,
        dkimCount: (known?.dkimCount ?? 0) + of(dkim === "pass"),
        spfCount: (known?.spfCount ?? 0) + of(spf === "pass"),
        alignedCount: (known?.alignedCount ?? 0) + of(dkim === "pass" || spf === "pass"),
        quarantinedCount: (known?.quarantinedCount ?? 0) + of(disposition === "quarantine"),
        failureReportCount: (known?.failureReportCount ?? 0) + (row.failureCount ?? 0),
        rejectedCount: (known?.rejectedCount ?? 0) + of(disposition === "reject"),
        signedBy: join(known?.signedBy, row.signedBy),
        sentBy: join(known?.sentBy, row.sentBy),
        reporters: join(known?.reporters, [organizationName]),
        firstMs: Math.min(known?.firstMs ?? startMs, startMs),
        lastMs: Math.max(known?.lastMs ?? endMs, endMs),
      });
    }
  }

  /** Those that fail most first: whom a stricter policy would hit. */
  list(): readonly DmarcSource[] {
    const failures = ({ count, alignedCount }: DmarcSource) => count - alignedCount;
    return [...this.#sources.values()].sort(
      (one, other) => failures(other) - failures(one) || other.count - one.count,
    );
  }
}

function join(known: readonly string[] = [], more: readonly string[]): readonly string[] {
  return [...new Set([...known, ...more])].slice(0, NAMES_MAX);
}
