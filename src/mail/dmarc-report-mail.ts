import { promisify } from "node:util";
import { gunzip, gzipSync } from "node:zlib";
import { type Entry, fromBuffer } from "yauzl";
import { base64Lines } from "./base64-lines.ts";
import { formatDate } from "./date.ts";
import { formatField } from "./header-text.ts";

/** A report of a very large domain has some megabytes; what would be more is not unpacked. */
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024;
const PARTS_DEPTH_MAX = 8;
const HEADER_BYTES_MAX = 256 * 1024;
const ATTACHMENTS_MAX = 10;
/** Of a report on a failure. */
const FIELDS_OCTETS_MAX = 16 * 1024;
const ENTRIES_MAX = 10;

/** What a mail with an aggregate report is made of (RFC 9990 §3.5.2). */
export interface DmarcReportMail {
  readonly from: string;
  readonly to: string;
  /** The policy's domain, and who the report comes from. */
  readonly domain: string;
  readonly submitter: string;
  readonly reportId: string;
  /** The report, packed by `packDmarcReport`. */
  readonly packed: Buffer;
  readonly startMs: number;
  readonly endMs: number;
  readonly messageId: string;
  readonly nowMs: number;
}

/** A report as it is attached. */
export function packDmarcReport(xml: string): Buffer {
  return gzipSync(xml);
}

/** The subject that RFC 9990 §3.5.2 asks for. */
export function dmarcReportSubject(
  mail: Pick<DmarcReportMail, "domain" | "submitter" | "reportId">,
): string {
  return `Report Domain: ${mail.domain} Submitter: ${mail.submitter} Report-ID: <${mail.reportId}>`;
}

/** Writes the mail. All lines are short ASCII. */
export function composeDmarcReportMail(mail: DmarcReportMail): Buffer {
  const { packed, domain, submitter } = mail;
  const [start, end] = [mail.startMs, mail.endMs].map((ms) => Math.floor(ms / 1000));
  const fileName = `${submitter}!${domain}!${start}!${end}.xml.gz`;
  const boundary = `dmarc_${start}_${packed.length}`;
  const fields =
    formatField("From", `<${mail.from}>`) +
    formatField("To", `<${mail.to}>`) +
    formatField("Subject", dmarcReportSubject(mail)) +
    formatField("Date", formatDate(mail.nowMs, "utc")) +
    formatField("Message-ID", mail.messageId) +
    "Auto-Submitted: auto-generated\r\n" +
    "MIME-Version: 1.0\r\n" +
    `Content-Type: multipart/mixed; boundary="${boundary}"\r\n`;
  return Buffer.from(
    `${fields}\r\n--${boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n` +
      `This is a DMARC aggregate report from ${submitter}\r\nabout ${domain}.\r\n\r\n` +
      `--${boundary}\r\nContent-Type: application/gzip\r\n` +
      "Content-Transfer-Encoding: base64\r\n" +
      `Content-Disposition: attachment;\r\n filename="${fileName}"\r\n\r\n` +
      `${base64Lines(packed)}--${boundary}--\r\n`,
    "latin1",
  );
}

const unpack = promisify(gunzip);

/** A report as it was found in a mail. */
export type FoundReport =
  | { readonly kind: "aggregate"; readonly xml: string }
  /** On a single message: the fields of RFC 6591 §3.1, who has sent it, and its Message-ID. */
  | {
      readonly kind: "failure";
      readonly fields: string;
      readonly from: string;
      readonly messageId: string;
    };

/**
 * The report on DMARC in a mail: an aggregate one packed by gzip or zip or not at all, or one on a
 * failure; `undefined` when there is none, or none that could be unpacked within bounds. Never
 * rejects.
 */
export async function readDmarcReportMail(content: Uint8Array): Promise<FoundReport | undefined> {
  try {
    const { default: PostalMime } = await import("postal-mime");
    const mail = await PostalMime.parse(content, {
      maxNestingDepth: PARTS_DEPTH_MAX,
      maxHeadersSize: HEADER_BYTES_MAX,
      attachmentEncoding: "arraybuffer",
    });
    for (const { content: bytes, mimeType } of mail.attachments.slice(0, ATTACHMENTS_MAX)) {
      if (typeof bytes === "string") continue;
      const file = Buffer.from(new Uint8Array(bytes));
      if (/^message\/feedback-report$/i.test(mimeType)) {
        const fields = file.toString("latin1", 0, FIELDS_OCTETS_MAX);
        return {
          kind: "failure",
          fields,
          from: mail.from?.address ?? "",
          messageId: mail.messageId ?? "",
        };
      }
      const xml = await unpackReport(file).catch(() => undefined);
      if (xml !== undefined && looksLikeReport(xml)) return { kind: "aggregate", xml };
    }
  } catch {
    // Whatever is wrong with it, there is no report in it that we could read.
  }
  return undefined;
}

/** By what the file is, whatever its name and type say: senders differ over both. */
async function unpackReport(file: Buffer): Promise<string | undefined> {
  if (file[0] === 0x1f && file[1] === 0x8b) {
    return (await unpack(file, { maxOutputLength: UNPACKED_BYTES_MAX })).toString("utf8");
  }
  if (file.toString("latin1", 0, 4) === "PK\x03\x04") return unzip(file);
  return file.toString("utf8");
}

function looksLikeReport(text: string): boolean {
  return /<(?:\w+:)?feedback[\s>]/.test(text.slice(0, 4096));
}

/** The first XML file of an archive. */
function unzip(file: Buffer): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    fromBuffer(file, { lazyEntries: true, validateEntrySizes: true }, (error, archive) => {
      if (error !== null) {
        reject(error);
        return;
      }
      let count = 0;
      archive.on("error", reject);
      archive.on("end", () => resolve(undefined));
      archive.on("entry", (entry: Entry) => {
        count += 1;
        const isReport = /\.xml$/i.test(entry.fileName);
        if (count > ENTRIES_MAX) resolve(undefined);
        else if (!isReport || entry.uncompressedSize > UNPACKED_BYTES_MAX) archive.readEntry();
        else {
          archive.openReadStream(entry, (failure, stream) => {
            if (failure !== null) {
              reject(failure);
              return;
            }
            const pieces: Buffer[] = [];
            stream.on("data", (piece: Buffer) => pieces.push(piece));
            stream.on("error", reject);
            stream.on("end", () => resolve(Buffer.concat(pieces).toString("utf8")));
          });
        }
      });
      archive.readEntry();
    });
  });
}
