import { fault, ok, type Result } from "../../base/result.ts";
import { readMarkup } from "../../content/markup.ts";
import { type FoundReport, readDmarcReportMail } from "../../mail/dmarc-report-mail.ts";
import type { DmarcReport, DmarcReportRow } from "../../mailauth/dmarc-report.ts";
import type { DmarcPolicy } from "../../mailauth/sender-authentication.ts";

/** Rows that are read of one report; a very large domain has some thousands. */
const ROWS_MAX = 20_000;
const DEPTH_MAX = 16;
/** Of one value: longer ones are cut. */
const TEXT_MAX = 500;
const SIGNATURES_MAX = 10;
const ERRORS_MAX = 10;
const REASONS_MAX = 5;

/**
 * The report in a mail; `undefined`: it has none. One on a single failure is given as an aggregate
 * one that counts no message. Never rejects.
 */
export async function readDmarcReport(
  content: Uint8Array,
): Promise<Result<DmarcReport, string> | undefined> {
  const found = await readDmarcReportMail(content);
  if (found === undefined) return undefined;
  return found.kind === "aggregate" ? parseDmarcReport(found.xml) : parseFailureReport(found);
}

/** Reads the fields of a report on a failure of authentication (RFC 6591 §3.1, RFC 9991). */
export function parseFailureReport({
  fields,
  from,
  messageId,
}: Pick<
  Extract<FoundReport, { readonly kind: "failure" }>,
  "fields" | "from" | "messageId"
>): Result<DmarcReport, string> {
  const values: Values = new Map();
  for (const line of fields.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const text = oneLine(line.slice(colon + 1)).slice(0, TEXT_MAX);
    setOnce(values, line.slice(0, colon).trim().toLowerCase(), text);
  }
  const of = (name: string) => values.get(name) ?? "";
  if (of("feedback-type").toLowerCase() !== "auth-failure") return fault("is no failure report");
  const domain = of("reported-domain").toLowerCase();
  const sourceIp = of("source-ip").slice(0, 64);
  const atMs = Date.parse(of("arrival-date") || of("received-date"));
  if (domain === "" || sourceIp === "") return fault("names no domain or source");
  if (Number.isNaN(atMs)) return fault("has no date");
  const failed = of("identity-alignment").toLowerCase();
  const passOf = (name: string) => (failed === "" || failed.includes(name) ? "fail" : "pass");
  const reporter = from.slice(from.lastIndexOf("@") + 1).slice(0, TEXT_MAX);
  const row: DmarcReportRow = {
    ...{ sourceIp, count: 0, failureCount: 1, disposition: "none", reasons: [] },
    ...{ dkim: passOf("dkim"), spf: passOf("spf"), headerFrom: domain, envelopeFrom: "" },
    ...{ dkimResults: [], spfResult: undefined },
  };
  const policy = { policy: "none", adkim: "r", aspf: "r", isTesting: false, fo: "" } as const;
  return ok({
    ...{ organizationName: reporter, email: from.slice(0, TEXT_MAX), reportId: messageId },
    ...{ startMs: atMs, endMs: atMs, errors: [], domain, rows: [row] },
    policy: { ...policy, subdomainPolicy: undefined, nonexistentPolicy: undefined },
  });
}

/**
 * Reads a report of others, by RFC 9990 or RFC 7489 App. C, whatever the namespace. Lenient where
 * reports in the wild are, strict about what counts. Entities that it declares are not expanded.
 */
export function parseDmarcReport(xml: string): Result<DmarcReport, string> {
  const reader = new ReportReader();
  readMarkup(xml, "xml", reader);
  return reader.report();
}

type Values = Map<string, string>;

/** Gathers values by their paths; a record is closed before the next begins. */
class ReportReader {
  readonly #path: string[] = [];
  #tooDeep = 0;
  #text = "";
  readonly #values: Values = new Map();
  readonly #errors: string[] = [];
  readonly #rows: DmarcReportRow[] = [];
  #row: Values = new Map();
  #part: Values = new Map();
  #signatures: Values[] = [];
  #reasons: Values[] = [];

  open(name: string): void {
    if (this.#path.length >= DEPTH_MAX) {
      this.#tooDeep += 1;
      return;
    }
    this.#path.push(name.slice(name.indexOf(":") + 1).slice(0, TEXT_MAX));
    this.#text = "";
  }

  text(text: string): void {
    if (this.#text.length < TEXT_MAX) this.#text += text.slice(0, TEXT_MAX - this.#text.length);
  }

  close(name: string): void {
    if (this.#tooDeep > 0) {
      this.#tooDeep -= 1;
      return;
    }
    if (this.#path.at(-1) !== name.slice(name.indexOf(":") + 1).slice(0, TEXT_MAX)) return;
    this.#take(this.#path.slice(1).join("/"), oneLine(this.#text));
    this.#path.pop();
    this.#text = "";
  }

  /** One element is over; `path` begins below the root. */
  #take(path: string, text: string): void {
    switch (path) {
      case "record":
        this.#takeRow();
        return;
      case "record/auth_results/dkim":
        if (this.#signatures.length < SIGNATURES_MAX) this.#signatures.push(this.#part);
        this.#part = new Map();
        return;
      case "record/row/policy_evaluated/reason":
        if (this.#reasons.length < REASONS_MAX) this.#reasons.push(this.#part);
        this.#part = new Map();
        return;
      case "report_metadata/error":
        if (this.#errors.length < ERRORS_MAX) this.#errors.push(text);
        return;
      default:
    }
    const part = /^record\/(?:auth_results\/dkim|row\/policy_evaluated\/reason)\/(\w+)$/.exec(path);
    if (part !== null) setOnce(this.#part, part[1] ?? "", text);
    else if (path.startsWith("record/")) setOnce(this.#row, path.slice("record/".length), text);
    else if (/^(?:report_metadata|policy_published)\/[\w/]{1,40}$/.test(path)) {
      setOnce(this.#values, path, text);
    }
  }

  #takeRow(): void {
    const [row, signatures, reasons] = [this.#row, this.#signatures, this.#reasons];
    this.#row = new Map();
    this.#signatures = [];
    this.#reasons = [];
    const count = countOf(row.get("row/count"));
    const sourceIp = row.get("row/source_ip") ?? "";
    if (count === 0 || sourceIp === "" || this.#rows.length >= ROWS_MAX) return;
    const spfDomain = row.get("auth_results/spf/domain");
    this.#rows.push({
      sourceIp: sourceIp.slice(0, 64),
      count,
      disposition: dispositionOf(row.get("row/policy_evaluated/disposition")),
      dkim: passOrFail(row.get("row/policy_evaluated/dkim")),
      spf: passOrFail(row.get("row/policy_evaluated/spf")),
      reasons: reasons.map((one) => ({
        type: one.get("type") ?? "other",
        comment: one.get("comment") ?? "",
      })),
      headerFrom: (row.get("identifiers/header_from") ?? "").toLowerCase(),
      envelopeFrom: (row.get("identifiers/envelope_from") ?? "").toLowerCase(),
      dkimResults: signatures.map((one) => ({
        domain: one.get("domain") ?? "",
        selector: one.get("selector") ?? "",
        result: one.get("result") ?? "",
      })),
      spfResult:
        spfDomain === undefined
          ? undefined
          : { domain: spfDomain, result: row.get("auth_results/spf/result") ?? "" },
    });
  }

  report(): Result<DmarcReport, string> {
    const of = (path: string) => this.#values.get(path) ?? "";
    const range = "report_metadata/date_range";
    const [startMs, endMs] = [secondsOf(of(`${range}/begin`)), secondsOf(of(`${range}/end`))];
    if (startMs === undefined || endMs === undefined || startMs > endMs) {
      return fault("has no date_range");
    }
    const domain = of("policy_published/domain").toLowerCase();
    if (domain === "") return fault("names no domain");
    if (this.#rows.length === 0) return fault("has no records");
    const policy = (name: string) => policyOf(of(`policy_published/${name}`));
    const mode = (name: string) => (of(`policy_published/${name}`) === "s" ? "s" : "r");
    return ok({
      organizationName: of("report_metadata/org_name"),
      email: of("report_metadata/email"),
      reportId: of("report_metadata/report_id"),
      startMs,
      endMs,
      errors: this.#errors,
      domain,
      policy: {
        policy: policy("p") ?? "none",
        subdomainPolicy: policy("sp"),
        nonexistentPolicy: policy("np"),
        adkim: mode("adkim"),
        aspf: mode("aspf"),
        isTesting: of("policy_published/testing") === "y",
        fo: of("policy_published/fo"),
      },
      rows: this.#rows,
    });
  }
}

/** Of several, as some senders have of SPF, the first. */
function setOnce(values: Values, name: string, text: string): void {
  if (!values.has(name)) values.set(name, text);
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]/gu, " ")
    .trim()
    .toWellFormed();
}

/** Seconds since the epoch as milliseconds; some senders write a fraction. */
function secondsOf(text: string): number | undefined {
  const digits = /^(\d{1,11})(?:\.\d+)?$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits) * 1000;
}

function countOf(text = ""): number {
  return /^\d{1,12}$/.test(text) ? Number(text) : 0;
}

function dispositionOf(text = ""): DmarcReportRow["disposition"] {
  const folded = text.toLowerCase();
  return folded === "pass" || folded === "quarantine" || folded === "reject" ? folded : "none";
}

function passOrFail(text = ""): "pass" | "fail" {
  return text.toLowerCase() === "pass" ? "pass" : "fail";
}

function policyOf(text: string): DmarcPolicy | undefined {
  return text === "none" || text === "quarantine" || text === "reject" ? text : undefined;
}
