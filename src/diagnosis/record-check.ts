import type { RecordType, ResourceRecord } from "../dns/message.ts";
import type { DnsAnswer, Resolver } from "../dns/resolver.ts";
import type { Verdict } from "./step.ts";

/** Records that are looked at. */
export const CHECKED_RECORDS = [
  "MX",
  "Host",
  "SPF",
  "DKIM",
  "DMARC",
  "MTA-STS",
  "TLS-RPT",
  "TLSA",
  "PTR",
] as const;
/** A name out of CHECKED_RECORDS. */
export type CheckedRecord = (typeof CHECKED_RECORDS)[number];

/** What DNS says, and what it should say. */
export interface RecordCheck {
  /** The accepted domain; "" for what belongs to the server. */
  readonly domain: string;
  readonly record: CheckedRecord;
  /** Where it is: `_dmarc.contoso.test`. */
  readonly name: string;
  readonly verdict: Verdict;
  /** As it is now, one text per record. */
  readonly found: readonly string[];
  /** As it should be, lines of a zone file; empty when nothing is missing. */
  readonly expected: readonly string[];
  readonly detail: string;
}

/** A line of a zone file. */
export function zoneLine(name: string, type: RecordType, data: string): string {
  return `${name}. IN ${type} ${data}`;
}

/** A TXT record's line; strings of a record are at most 255 octets long (RFC 1035 §3.3.14). */
export function textLine(name: string, text: string): string {
  const parts = text.match(/.{1,255}/gs) ?? [""];
  return zoneLine(name, "TXT", parts.map((part) => `"${part}"`).join(" "));
}

/** TXT records at a name; `failed` when nobody knows just now. */
export async function lookUpTexts(
  resolver: Resolver,
  name: string,
): Promise<{ readonly texts: readonly string[]; readonly failed: string | undefined }> {
  const answer = await resolver.lookup(name, "TXT");
  if (answer.kind === "failed") return { texts: [], failed: answer.reason };
  const records = answer.kind === "records" ? answer.records : [];
  const texts = records.flatMap((record) => (record.type === "TXT" ? [record.text] : []));
  return { texts, failed: undefined };
}

/** Addresses of a name, of both families. */
export async function lookUpAddresses(
  resolver: Resolver,
  name: string,
): Promise<{
  readonly addresses: readonly string[];
  readonly authenticated: boolean;
  /** Why it is not known whether there are more. */
  readonly failed: string | undefined;
}> {
  const answers = await Promise.all([resolver.lookup(name, "A"), resolver.lookup(name, "AAAA")]);
  const found = answers.filter((answer) => answer.kind === "records");
  const addresses = found.flatMap(({ records }) =>
    records.flatMap((record) => ("address" in record ? [record.address] : [])),
  );
  const authenticated = found.length > 0 && found.every((one) => one.authenticated);
  const failed = answers.find((answer) => answer.kind === "failed")?.reason;
  return { addresses, authenticated, failed };
}

/** An answer in words: `10 mx.fabrikam.test; 20 …`, `NXDOMAIN`, why there is none. */
export function describeAnswer(answer: DnsAnswer): string {
  switch (answer.kind) {
    case "records":
      return answer.records
        .toSorted((one, other) => preferenceOf(one) - preferenceOf(other))
        .slice(0, RECORDS_SHOWN)
        .map(describeRecord)
        .join("; ");
    case "nxdomain":
      return "no such name (NXDOMAIN)";
    case "nodata":
      return "no such record";
    case "failed":
      return answer.reason;
  }
}

const RECORDS_SHOWN = 16;

/** Servers put them in any order. */
function preferenceOf(record: ResourceRecord): number {
  return record.type === "MX" ? record.preference : 0;
}

function describeRecord(record: ResourceRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "CNAME":
    case "PTR":
      return record.target;
    case "MX":
      return `${record.preference} ${record.exchange}`;
    case "TXT":
      return JSON.stringify(record.text);
    case "TLSA": {
      const { usage, selector, matchingType, data } = record;
      return `${usage} ${selector} ${matchingType} ${Buffer.from(data).toString("hex")}`;
    }
  }
}
