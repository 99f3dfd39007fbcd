/** A certificate by its issuer, its subject or both: `<I>CN=CA<S>CN=mail.contoso.com`. */
export interface CertificateName {
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
}

/**
 * Subject and issuer as the runtime's lines, most general attribute first; "" for a name without
 * any attribute, which is all that many certificates have besides their DNS names.
 */
export function partiesOf(certificate: {
  // The runtime's types say `string`, and it gives undefined for an empty name.
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
}): { readonly subject: string; readonly issuer: string } {
  return { subject: certificate.subject ?? "", issuer: certificate.issuer ?? "" };
}

/** Keywords of one attribute, and its object identifier (RFC 4514 §3, RFC 5280 §4.1.2.6). */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["COMMONNAME", "CN"],
  ["2.5.4.6", "C"],
  ["COUNTRYNAME", "C"],
  ["2.5.4.7", "L"],
  ["LOCALITYNAME", "L"],
  ["2.5.4.8", "ST"],
  ["S", "ST"],
  ["STATEORPROVINCENAME", "ST"],
  ["2.5.4.9", "STREET"],
  ["STREETADDRESS", "STREET"],
  ["2.5.4.10", "O"],
  ["ORGANIZATIONNAME", "O"],
  ["2.5.4.11", "OU"],
  ["ORGANIZATIONALUNITNAME", "OU"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["DOMAINCOMPONENT", "DC"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["USERID", "UID"],
  ["1.2.840.113549.1.9.1", "E"],
  ["EMAIL", "E"],
  ["EMAILADDRESS", "E"],
]);

/** A name may come from a peer; a longer one matches nothing. */
const NAME_CHARS_MAX = 8192;

/** One attribute of a name: its keyword in upper case, its value without any escaping. */
interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

/**
 * Whether a certificate with this issuer and subject is the one that is meant. The order of the
 * attributes, spaces around `=` and separators, and case make no difference (RFC 4518 §2.6.1), nor
 * does the way it is written: RFC 4514, OpenSSL's lines, or `/C=DE/CN=x`.
 */
export function isCertificateNamed(
  name: CertificateName,
  certificate: { readonly issuer: string; readonly subject: string },
): boolean {
  if (name.issuer === undefined && name.subject === undefined) return false;
  return (
    (name.issuer === undefined || isSameName(name.issuer, certificate.issuer)) &&
    (name.subject === undefined || isSameName(name.subject, certificate.subject))
  );
}

function isSameName(left: string, right: string): boolean {
  const [wanted, found] = [canonicalName(left), canonicalName(right)];
  return wanted !== undefined && wanted === found;
}

/** A text that two names share when they are the same; `undefined` when it is no name. */
function canonicalName(text: string): string | undefined {
  const attributes = parseDistinguishedName(text);
  if (attributes === undefined || attributes.length === 0) return undefined;
  const folded = attributes.map(({ type, value }) => {
    return JSON.stringify([
      type,
      value.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase(),
    ]);
  });
  return folded.sort().join();
}

/** The attributes in the order written; `undefined` for what is no name. Never throws. */
export function parseDistinguishedName(text: string): readonly NameAttribute[] | undefined {
  if (text.length > NAME_CHARS_MAX) return undefined;
  const isSlashed = text.startsWith("/");
  const parts = splitName(isSlashed ? text.slice(1) : text, isSlashed ? "/" : ",;+\n");
  const attributes = parts.map((part) => {
    const at = part.indexOf("=");
    const type = part
      .slice(0, at)
      .trim()
      .toUpperCase()
      .replace(/^OID\./, "");
    if (at < 1 || type === "") return undefined;
    return { type: ALIASES.get(type) ?? type, value: unescapeValue(part.slice(at + 1)) };
  });
  return attributes.every((one) => one !== undefined) ? attributes : undefined;
}

/** Cuts at separators that are neither escaped nor quoted; empty parts are left out. */
function splitName(text: string, separators: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\") {
      part += text.slice(at, at + 2);
      at += 1;
    } else if (!isQuoted && separators.includes(character)) {
      parts.push(part);
      part = "";
    } else {
      if (character === '"') isQuoted = !isQuoted;
      part += character;
    }
  }
  parts.push(part);
  return parts.filter((one) => one.trim() !== "");
}

/** RFC 4514 §2.4: `\,` and `\2C`; the latter are octets of UTF-8. */
function unescapeValue(text: string): string {
  const trimmed = text.trim();
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const bare = isQuoted ? trimmed.slice(1, -1) : trimmed;
  return bare.replace(/(?:\\[0-9a-f]{2})+|\\(.)/gis, (run: string, character?: string) => {
    return character ?? Buffer.from(run.replaceAll("\\", ""), "hex").toString("utf8");
  });
}
