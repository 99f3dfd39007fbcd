import type { DmarcRecord } from "./dmarc-record.ts";

/** Messages of one kind within a report (RFC 9990 §3.1.1.5). */
export interface DmarcReportRow {
  readonly sourceIp: string;
  readonly count: number;
  /** What was done: `pass` is nothing, to mail that passes an enforcing policy. */
  readonly disposition: "none" | "pass" | "quarantine" | "reject";
  /** Whether each passed, for a domain that belongs to the author's. */
  readonly dkim: "pass" | "fail";
  readonly spf: "pass" | "fail";
  readonly reasons: readonly { readonly type: string; readonly comment: string }[];
  readonly headerFrom: string;
  /** Domain of MAIL FROM; `""` of the null sender. */
  readonly envelopeFrom: string;
  readonly dkimResults: readonly {
    readonly domain: string;
    readonly selector: string;
    readonly result: string;
  }[];
  readonly spfResult: { readonly domain: string; readonly result: string } | undefined;
  /** Of a report on a failure: it is one, and no message is counted. Never in an aggregate one. */
  readonly failureCount?: number;
}

/** An aggregate report (RFC 9990). What others have written in one is hostile text. */
export interface DmarcReport {
  readonly organizationName: string;
  readonly email: string;
  readonly reportId: string;
  /** Epoch ms; both ends belong to it. */
  readonly startMs: number;
  readonly endMs: number;
  readonly errors: readonly string[];
  /** Where the policy stands, and what it asks for. */
  readonly domain: string;
  readonly policy: Pick<
    DmarcRecord,
    "policy" | "subdomainPolicy" | "nonexistentPolicy" | "adkim" | "aspf" | "isTesting" | "fo"
  >;
  readonly rows: readonly DmarcReportRow[];
}

/** What RFC 9990 §3.1.1.2 asks for in `generator`. */
const GENERATOR = "Postrider";

/** The report as XML (RFC 9990 §3.1 and its Appendix A), elements in the order of its tables. */
export function formatDmarcReport(report: DmarcReport): string {
  const { policy } = report;
  const seconds = (ms: number) => String(Math.floor(ms / 1000));
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">\n' +
    element("version", "1.0") +
    "<report_metadata>\n" +
    element("org_name", report.organizationName) +
    element("email", report.email) +
    element("report_id", report.reportId) +
    `<date_range>\n${element("begin", seconds(report.startMs))}` +
    `${element("end", seconds(report.endMs))}</date_range>\n` +
    report.errors.map((text) => element("error", text)).join("") +
    element("generator", GENERATOR) +
    "</report_metadata>\n<policy_published>\n" +
    element("domain", report.domain) +
    element("discovery_method", "treewalk") +
    element("p", policy.policy) +
    optional("sp", policy.subdomainPolicy) +
    optional("np", policy.nonexistentPolicy) +
    element("fo", policy.fo) +
    element("adkim", policy.adkim) +
    element("aspf", policy.aspf) +
    element("testing", policy.isTesting ? "y" : "n") +
    `</policy_published>\n${report.rows.map(formatRow).join("")}</feedback>\n`
  );
}

function formatRow(row: DmarcReportRow): string {
  const reasons = row.reasons.map(
    ({ type, comment }) =>
      `<reason>\n${element("type", type)}${element("comment", comment)}</reason>\n`,
  );
  const dkim = row.dkimResults.map(
    ({ domain, selector, result }) =>
      `<dkim>\n${element("domain", domain)}${element("selector", selector)}` +
      `${element("result", result)}</dkim>\n`,
  );
  const { spfResult } = row;
  const spf =
    spfResult === undefined
      ? ""
      : `<spf>\n${element("domain", spfResult.domain)}${element("scope", "mfrom")}` +
        `${element("result", spfResult.result)}</spf>\n`;
  return (
    `<record>\n<row>\n${element("source_ip", row.sourceIp)}${element("count", String(row.count))}` +
    `<policy_evaluated>\n${element("disposition", row.disposition)}` +
    `${element("dkim", row.dkim)}${element("spf", row.spf)}${reasons.join("")}` +
    `</policy_evaluated>\n</row>\n<identifiers>\n${element("header_from", row.headerFrom)}` +
    `${element("envelope_from", row.envelopeFrom)}</identifiers>\n` +
    `<auth_results>\n${dkim.join("")}${spf}</auth_results>\n</record>\n`
  );
}

function element(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>\n`;
}

function optional(name: string, text: string | undefined): string {
  return text === undefined ? "" : element(name, text);
}

/** What XML 1.0 does not allow at all becomes a question mark. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
