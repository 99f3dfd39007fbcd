/** What somebody has typed into a list of senders. */
export type SenderEntry = {
  readonly kind: "address" | "domain" | "domainAndSubdomains";
  readonly name: string;
};

const DOMAIN = /^(?:[^\s@.,<>"]+\.)*[^\s@.,<>"]+$/;

/** An address, a domain, or `*.` with a domain; `undefined`: it is none of these. */
export function parseSenderEntry(text: string): SenderEntry | undefined {
  const name = text.trim().replace(/^<(.*)>$/, "$1");
  const at = name.lastIndexOf("@");
  if (at > 0) {
    const domain = name.slice(at + 1);
    if (/[\s<>]/.test(name) || !DOMAIN.test(domain)) return undefined;
    return { kind: "address", name };
  }
  const domain = name.replace(/^(?:@|\*\.|\.)/, "");
  if (!DOMAIN.test(domain) || !domain.includes(".")) return undefined;
  const isWide = name.startsWith("*.") || name.startsWith(".");
  return { kind: isWide ? "domainAndSubdomains" : "domain", name: domain };
}

/** The parameter of Add-IPBlockListEntry and Add-IPAllowListEntry for what was typed. */
export function ipParameters(text: string): Readonly<Record<string, string>> {
  return /[-/]/.test(text) ? { IPRange: text } : { IPAddress: text };
}
