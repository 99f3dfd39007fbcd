import { fault, ok, type Result } from "../base/result.ts";

/** How one attempt at TLS went wrong, in RFC 8460's words (§4.3). */
export const TLS_RESULT_TYPES = [
  "starttls-not-supported",
  "certificate-host-mismatch",
  "certificate-expired",
  "certificate-not-trusted",
  "validation-failure",
  "tlsa-invalid",
  "dnssec-invalid",
  "dane-required",
  "sts-policy-fetch-error",
  "sts-policy-invalid",
  "sts-webpki-invalid",
] as const;

/** One of TLS_RESULT_TYPES. */
export type TlsResultType = (typeof TLS_RESULT_TYPES)[number];

/** Failures of one kind with one host. */
export interface TlsFailureDetail {
  /** As the report has it; reports of others may use words that we don't know. */
  readonly resultType: string;
  readonly sendingMtaIp: string;
  readonly receivingMxHostname: string;
  readonly receivingIp: string;
  readonly failedSessionCount: number;
  /** Words of ours for who reads it, or "". */
  readonly reasonCode: string;
}

/** What was found with one policy of the domain. */
export interface TlsReportPolicy {
  readonly type: "tlsa" | "sts" | "no-policy-found";
  /** The policy as it was: lines of the file, or TLSA records. */
  readonly text: readonly string[];
  readonly domain: string;
  readonly mxHosts: readonly string[];
  readonly successCount: number;
  readonly failureCount: number;
  readonly failures: readonly TlsFailureDetail[];
}

/** A report about one domain and one day (RFC 8460 §4.4). */
export interface TlsReport {
  readonly organizationName: string;
  /** Epoch ms; both ends belong to it. */
  readonly startMs: number;
  readonly endMs: number;
  readonly contactInfo: string;
  readonly reportId: string;
  readonly policies: readonly TlsReportPolicy[];
}

/** Where a domain wants its reports (RFC 8460 §3). */
export interface TlsReportAddresses {
  /** Addresses, percent-encoding undone. */
  readonly mail: readonly string[];
  readonly https: readonly string[];
}

/** More than this many of anything in a report is somebody's mistake, or malice. */
const POLICIES_MAX = 1000;
const FAILURES_MAX = 10_000;
const TEXT_MAX = 1000;
const ADDRESSES_MAX = 8;

/**
 * Reads the TXT records at `_smtp._tls.DOMAIN`: exactly one must be of this version. Addresses of
 * other schemes are passed over.
 */
export function parseTlsReportRecord(records: readonly string[]): TlsReportAddresses | undefined {
  const [record, ...others] = records.filter((text) => /^v=TLSRPTv1(?:$|[;\s])/.test(text));
  if (record === undefined || others.length > 0) return undefined;
  const fields = record.split(";").map((field) => field.trim());
  const rua = fields.find((field) => /^rua\s*=/.test(field));
  if (rua === undefined) return undefined;
  const mail: string[] = [];
  const https: string[] = [];
  for (const text of rua.slice(rua.indexOf("=") + 1).split(",")) {
    const uri = URL.parse(text.trim());
    if (uri?.protocol === "mailto:") {
      const address = decodeSafely(uri.pathname);
      if (address !== undefined && mail.length < ADDRESSES_MAX) mail.push(address);
    } else if (uri?.protocol === "https:" && https.length < ADDRESSES_MAX) {
      https.push(uri.href);
    }
  }
  return mail.length + https.length === 0 ? undefined : { mail, https };
}

function decodeSafely(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return /^[!-~]+@[!-~]+$/.test(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** The report as JSON (RFC 8460 §4.4). */
export function formatTlsReport(report: TlsReport): string {
  return JSON.stringify({
    "organization-name": report.organizationName,
    "date-range": {
      "start-datetime": formatSeconds(report.startMs),
      "end-datetime": formatSeconds(report.endMs),
    },
    "contact-info": report.contactInfo,
    "report-id": report.reportId,
    policies: report.policies.map((policy) => ({
      policy: {
        "policy-type": policy.type,
        ...(policy.text.length > 0 && { "policy-string": policy.text }),
        "policy-domain": policy.domain,
        ...(policy.mxHosts.length > 0 && { "mx-host": policy.mxHosts }),
      },
      summary: {
        "total-successful-session-count": policy.successCount,
        "total-failure-session-count": policy.failureCount,
      },
      ...(policy.failures.length > 0 && {
        "failure-details": policy.failures.map(formatFailure),
      }),
    })),
  });
}

function formatFailure(failure: TlsFailureDetail) {
  return {
    "result-type": failure.resultType,
    "sending-mta-ip": failure.sendingMtaIp,
    "receiving-mx-hostname": failure.receivingMxHostname,
    "receiving-ip": failure.receivingIp,
    "failed-session-count": failure.failedSessionCount,
    ...(failure.reasonCode !== "" && { "failure-reason-code": failure.reasonCode }),
  };
}

/** RFC 3339 in whole seconds. */
function formatSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Reads a report of others. Lenient where reports in the wild are, strict about what counts. */
export function parseTlsReport(text: string): Result<TlsReport, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fault("is not JSON");
  }
  const range = field(json, "date-range");
  const [startMs, endMs] = ["start-datetime", "end-datetime"].map((name) =>
    Date.parse(textOf(range, name)),
  );
  if (startMs === undefined || endMs === undefined || !(startMs <= endMs)) {
    return fault("has no date-range");
  }
  const policies = listOf(json, "policies", POLICIES_MAX).flatMap((entry) => {
    const read = readPolicy(entry);
    return read === undefined ? [] : [read];
  });
  if (policies.length === 0) return fault("names no policy");
  return ok({
    organizationName: textOf(json, "organization-name"),
    startMs,
    endMs,
    contactInfo: textOf(json, "contact-info"),
    reportId: textOf(json, "report-id"),
    policies,
  });
}

function readPolicy(entry: unknown): TlsReportPolicy | undefined {
  const policy = field(entry, "policy");
  const summary = field(entry, "summary");
  const domain = textOf(policy, "policy-domain").toLowerCase();
  if (domain === "") return undefined;
  const type = textOf(policy, "policy-type");
  return {
    type: type === "tlsa" || type === "sts" ? type : "no-policy-found",
    text: listOf(policy, "policy-string", 100).map(cutText),
    domain,
    mxHosts: listOf(policy, "mx-host", 100).map(cutText),
    successCount: countOf(summary, "total-successful-session-count"),
    failureCount: countOf(summary, "total-failure-session-count"),
    failures: listOf(entry, "failure-details", FAILURES_MAX).map((failure) => ({
      resultType: textOf(failure, "result-type"),
      sendingMtaIp: textOf(failure, "sending-mta-ip"),
      receivingMxHostname: textOf(failure, "receiving-mx-hostname"),
      receivingIp: textOf(failure, "receiving-ip"),
      failedSessionCount: countOf(failure, "failed-session-count"),
      reasonCode: textOf(failure, "failure-reason-code"),
    })),
  };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function textOf(value: unknown, name: string): string {
  return cutText(field(value, name));
}

/** One line, and not more of it than a view can show. */
function cutText(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.replace(/[\p{Cc}\u2028\u2029]/gu, " ").slice(0, TEXT_MAX);
}

function countOf(value: unknown, name: string): number {
  const count = field(value, name);
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : 0;
}

/** A single value stands for a list of one: some senders write `mx-host` so. */
function listOf(value: unknown, name: string, max: number): readonly unknown[] {
  const found = field(value, name);
  if (Array.isArray(found)) return found.slice(0, max);
  return found === undefined || found === null ? [] : [found];
}
