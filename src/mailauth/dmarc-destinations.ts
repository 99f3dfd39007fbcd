import { parseDomain } from "../mail/address.ts";
import { type DmarcRecord, parseDmarcRecord, type ReportDestination } from "./dmarc-record.ts";

/** TXT records of a name; `undefined`: not known just now. */
export type TextRecords = (name: string) => Promise<readonly string[] | undefined>;

/** Labels below which the tree is climbed one by one (RFC 9989 §4.10). */
const WALK_LABELS_MAX = 7;
const NAME_OCTETS_MAX = 253;

/** Where reports may go. */
export interface Destinations {
  readonly found: readonly ReportDestination[];
  /** About some it could not be found out just now. */
  readonly isUnsure: boolean;
}

/**
 * Which of the wanted destinations have agreed to get reports about the domain (RFC 9990 §4): those
 * of its own organization, and others that say so at `DOMAIN._report._dmarc.OTHER`. They may name
 * another address of theirs.
 * @param kind which tag of the confirming record counts
 */
export async function confirmDestinations(
  wanted: readonly ReportDestination[],
  about: { readonly domain: string; readonly kind: "rua" | "ruf" },
  texts: TextRecords,
): Promise<Destinations> {
  const found: ReportDestination[] = [];
  let isUnsure = false;
  for (const destination of wanted) {
    const confirmed = await confirm(destination, about, texts);
    if (confirmed === undefined) isUnsure = true;
    else found.push(...confirmed);
  }
  return { found, isUnsure };
}

async function confirm(
  destination: ReportDestination,
  { domain, kind }: { readonly domain: string; readonly kind: "rua" | "ruf" },
  texts: TextRecords,
): Promise<readonly ReportDestination[] | undefined> {
  const host = parseDomain(destination.address.slice(destination.address.lastIndexOf("@") + 1));
  if (host === undefined || host.startsWith("[")) return [];
  if (host === domain) return [destination];
  const [own, other] = [await findOrganization(domain, texts), await findOrganization(host, texts)];
  if (own === undefined || other === undefined) return undefined;
  if (own === other) return [destination];
  const name = `${domain}._report._dmarc.${host}`;
  if (name.length > NAME_OCTETS_MAX) return [];
  const records = await texts(name);
  if (records === undefined) return undefined;
  const agreed = records.flatMap((text) => parseDmarcRecord(text) ?? []);
  if (agreed.length === 0) return [];
  const instead = agreed.flatMap((record) => record[kind]);
  if (instead.length === 0) return [destination];
  const isTheirs = instead.every(({ address }) => address.toLowerCase().endsWith(`@${host}`));
  return isTheirs ? instead : [];
}

/** The organizational domain by the tree walk (RFC 9989 §4.10.2); `undefined`: not known now. */
async function findOrganization(domain: string, texts: TextRecords): Promise<string | undefined> {
  const found: { readonly name: string; readonly record: DmarcRecord }[] = [];
  let labels = domain.split(".");
  while (labels.length > 0) {
    const name = labels.join(".");
    const records = await texts(`_dmarc.${name}`);
    if (records === undefined) return undefined;
    const [record, ...others] = records.flatMap((text) => parseDmarcRecord(text) ?? []);
    if (record !== undefined && others.length === 0) {
      if (record.psd === "n") return name;
      if (record.psd === "y" && name !== domain) {
        return domain
          .split(".")
          .slice(-(labels.length + 1))
          .join(".");
      }
      found.push({ name, record });
    }
    labels = labels.length > WALK_LABELS_MAX ? labels.slice(-WALK_LABELS_MAX) : labels.slice(1);
  }
  return found.at(-1)?.name ?? domain;
}
