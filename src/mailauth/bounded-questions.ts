import type { RecordType, ResourceRecord } from "../dns/message.ts";
import type { DnsAnswer, Resolver } from "../dns/resolver.ts";

/** Questions that one message may cause; SPF and DMARC have limits of their own below it. */
export const QUESTIONS_MAX = 200;

const TYPES: Readonly<Record<string, RecordType>> = {
  A: "A",
  AAAA: "AAAA",
  MX: "MX",
  CNAME: "CNAME",
  PTR: "PTR",
  TXT: "TXT",
};

/** DNS in the form of `node:dns`, which the library asks for. */
export type AskNode = (name: string, type: string) => Promise<string[] | string[][]>;

/**
 * Our resolver in the form of `node:dns`: no name is ENOTFOUND, no record ENODATA, and whatever is
 * not known just now ESERVFAIL. Beyond `QUESTIONS_MAX` every answer is that.
 * @param over once it resolves, only what has been answered by then is known
 */
export function boundedQuestions(resolver: Resolver, over?: Promise<unknown>): AskNode {
  let count = 0;
  const asked = new Map<string, Promise<DnsAnswer>>();
  const tooLate = over?.then((): DnsAnswer => ({ kind: "failed", reason: "too late" }));
  return async (name, type) => {
    const known = TYPES[type];
    count += 1;
    if (known === undefined || count > QUESTIONS_MAX) throw dnsError("ESERVFAIL", name);
    const key = `${type} ${name.toLowerCase()}`;
    const lookup = asked.get(key) ?? resolver.lookup(name, known);
    asked.set(key, lookup);
    const answer = await (tooLate === undefined ? lookup : Promise.race([lookup, tooLate]));
    switch (answer.kind) {
      case "nxdomain":
        throw dnsError("ENOTFOUND", name);
      case "nodata":
        throw dnsError("ENODATA", name);
      case "failed":
        throw dnsError("ESERVFAIL", name);
      default:
        // The library takes objects for MX, as `node:dns` gives them; its types do not say so.
        return answer.records.map(nodeForm) as string[];
    }
  };
}

function nodeForm(record: ResourceRecord): unknown {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "CNAME":
    case "PTR":
      return record.target;
    case "TXT":
      return [record.text];
    case "MX":
      return {
        exchange: record.exchange === "." ? "" : record.exchange,
        priority: record.preference,
      };
    default:
      return undefined;
  }
}

function dnsError(code: string, name: string): Error {
  return Object.assign(new Error(`${code} ${name}`), { code });
}
