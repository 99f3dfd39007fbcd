import { promisify } from "node:util";
import { gunzip, gzipSync } from "node:zlib";
import { base64Lines } from "./base64-lines.ts";
import { formatDate } from "./date.ts";
import { formatField } from "./header-text.ts";

/** A report is small: one of a very large domain has some hundred kilobytes. */
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024;
const PARTS_DEPTH_MAX = 8;
const HEADER_BYTES_MAX = 256 * 1024;

/** What a mail with a TLS report is made of (RFC 8460 §5.3). */
export interface TlsReportMail {
  readonly from: string;
  readonly to: string;
  /** The domain that the report is about, and who it comes from. */
  readonly domain: string;
  readonly submitter: string;
  readonly reportId: string;
  readonly json: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly messageId: string;
  readonly nowMs: number;
}

const unpack = promisify(gunzip);

/** The packed report, and the name that its file has (RFC 8460 §5.1, §5.2). */
export function packTlsReport(
  report: Pick<TlsReportMail, "domain" | "submitter" | "json" | "startMs" | "endMs">,
): { readonly bytes: Buffer; readonly fileName: string } {
  const [start, end] = [report.startMs, report.endMs].map((ms) => Math.floor(ms / 1000));
  const fileName = `${report.submitter}!${report.domain}!${start}!${end}.json.gz`;
  return { bytes: gzipSync(report.json), fileName };
}

/** The subject that RFC 8460 §5.3 asks for. */
export function tlsReportSubject(
  mail: Pick<TlsReportMail, "domain" | "submitter" | "reportId">,
): string {
  return `Report Domain: ${mail.domain} Submitter: ${mail.submitter} Report-ID: <${mail.reportId}>`;
}

/** Writes the mail. All lines are short ASCII. */
export function composeTlsReportMail(mail: TlsReportMail): Buffer {
  const { bytes, fileName } = packTlsReport(mail);
  const boundary = `tlsrpt_${mail.startMs}_${bytes.length}`;
  const fields =
    formatField("From", `<${mail.from}>`) +
    formatField("To", `<${mail.to}>`) +
    formatField("Subject", tlsReportSubject(mail)) +
    formatField("Date", formatDate(mail.nowMs, "utc")) +
    formatField("Message-ID", mail.messageId) +
    formatField("TLS-Report-Domain", mail.domain) +
    formatField("TLS-Report-Submitter", mail.submitter) +
    // The report must arrive although TLS fails: that is what it tells of (RFC 8689 §3).
    "TLS-Required: No\r\n" +
    "Auto-Submitted: auto-generated\r\n" +
    "MIME-Version: 1.0\r\n" +
    'Content-Type: multipart/report; report-type="tlsrpt";\r\n' +
    ` boundary="${boundary}"\r\n`;
  return Buffer.from(
    `${fields}\r\n--${boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n` +
      `This is an aggregate TLS report from ${mail.submitter}\r\nabout ${mail.domain}.\r\n\r\n` +
      `--${boundary}\r\nContent-Type: application/tlsrpt+gzip\r\n` +
      "Content-Transfer-Encoding: base64\r\n" +
      `Content-Disposition: attachment;\r\n filename="${fileName}"\r\n\r\n` +
      `${base64Lines(bytes)}--${boundary}--\r\n`,
    "latin1",
  );
}

/**
 * Whether a subject is one that reports have, on TLS and on DMARC: what is worth looking into. Not
 * all who send the latter keep to the form that is asked for (RFC 9990 §3.5.2).
 */
export function looksLikeReport(subject: string): boolean {
  return SUBJECTS.test(subject);
}

const SUBJECTS = new RegExp(
  "^\\s*(?:\\[[^\\]]{1,40}\\]\\s*)?Report Domain:|\\bDMARC (?:Aggregate |Failure )?Report\\b|" +
    "\\bAuth(?:entication)? failure report\\b",
  "i",
);

/**
 * The JSON of the report in a mail; `undefined` when there is none, or none that could be unpacked
 * within bounds. Never rejects.
 */
export async function readTlsReportMail(content: Uint8Array): Promise<string | undefined> {
  try {
    const { default: PostalMime } = await import("postal-mime");
    const mail = await PostalMime.parse(content, {
      maxNestingDepth: PARTS_DEPTH_MAX,
      maxHeadersSize: HEADER_BYTES_MAX,
      attachmentEncoding: "arraybuffer",
    });
    for (const { mimeType, content: bytes } of mail.attachments) {
      if (!/^application\/tlsrpt\+(?:gzip|json)$/i.test(mimeType)) continue;
      if (typeof bytes === "string") continue;
      const file = Buffer.from(new Uint8Array(bytes));
      const json = /gzip$/i.test(mimeType)
        ? await unpack(file, { maxOutputLength: UNPACKED_BYTES_MAX })
        : file;
      return json.toString("utf8");
    }
  } catch {
    // Whatever is wrong with it, there is no report in it that we could read.
  }
  return undefined;
}
