import { type Domain, domainOf } from "../mail/address.ts";
import { readMailboxList } from "../mail/mailbox-list.ts";
import { RelaxedBodyHash } from "./body-hash.ts";
import { HeaderSection, type RawField } from "./header-section.ts";
import { formatSignature, type SigningKey, selectSignedNames } from "./signature.ts";

/** What the keys of a domain are: some, none, or some that cannot be read. */
export type DomainKeys =
  | { readonly kind: "keys"; readonly keys: readonly SigningKey[] }
  | { readonly kind: "none" }
  | { readonly kind: "unreadable" };

/** What came of signing. */
export type Signing =
  /** `text`: one field for each key, each ending in CRLF, for the top of the message. */
  | { readonly kind: "signed"; readonly text: string }
  /** Its author's domain does not sign, or who its author is can be read in two ways. */
  | { readonly kind: "none" }
  /** It ought to be signed, and cannot be. */
  | { readonly kind: "failed"; readonly domain: Domain };

/**
 * Signs a message for the domain of its author (RFC 6376 §5), which is the one address of its one
 * From field. Reads it once in constant memory; of a message that is not to be signed, the header
 * alone. Rejects when `source` does.
 */
export async function signMessage(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  keysOf: (domain: Domain) => DomainKeys,
  nowMs: number,
): Promise<Signing> {
  const section = new HeaderSection();
  const body = new RelaxedBodyHash();
  let author: Author | undefined;
  for await (const piece of source) {
    const rest = section.push(piece);
    if (section.isTooLong) return NOT_SIGNED;
    if (rest === undefined) continue;
    author ??= readAuthor(section, keysOf);
    if (author.found.kind !== "keys") return refusal(author);
    body.push(rest);
  }
  author ??= readAuthor(section, keysOf);
  const { found, domain, fields } = author;
  if (found.kind !== "keys" || domain === undefined) return refusal(author);
  const names = selectSignedNames(fields);
  if (names === undefined) return NOT_SIGNED;
  const facts = { domain, fields, bodyHash: body.end(), nowMs };
  const made = found.keys.map((key) => formatSignature(key, facts, names));
  try {
    return { kind: "signed", text: (await Promise.all(made)).join("") };
  } catch {
    return { kind: "failed", domain };
  }
}

const NOT_SIGNED: Signing = { kind: "none" };

interface Author {
  readonly domain: Domain | undefined;
  readonly found: DomainKeys;
  readonly fields: readonly RawField[];
}

function readAuthor(section: HeaderSection, keysOf: (domain: Domain) => DomainKeys): Author {
  const fields = section.fields() ?? [];
  const domain = authorDomain(fields);
  return { domain, found: domain === undefined ? { kind: "none" } : keysOf(domain), fields };
}

function refusal({ domain, found }: Author): Signing {
  if (found.kind !== "unreadable" || domain === undefined) return NOT_SIGNED;
  return { kind: "failed", domain };
}

/** `undefined` unless everybody reads the same single author. */
function authorDomain(fields: readonly RawField[]): Domain | undefined {
  const [from, other] = fields.filter(({ name }) => name === "from");
  if (from === undefined || other !== undefined) return undefined;
  const value = Buffer.from(from.value.replaceAll("\r\n", ""), "latin1").toString("utf8");
  const { mailboxes, isClear } = readMailboxList(value, 2);
  const [author] = mailboxes;
  if (!isClear || mailboxes.length !== 1 || author?.address === undefined) return undefined;
  return domainOf(author.address);
}
