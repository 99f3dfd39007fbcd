import type { AuthenticationResult, SenderAuthentication } from "./sender-authentication.ts";

/** Values from the network are cut here, so that no line comes near 998 octets. */
const VALUE_OCTETS_MAX = 253;
/** RFC 2045 §5.1: what a value may hold unquoted. */
const TOKEN = /^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+$/;

/** Our Authentication-Results field (RFC 8601 §2.2), with its line ends. */
export function formatAuthenticationResults(
  { spf, dkim, dmarc, arc, iprev }: SenderAuthentication,
  at: { readonly serverName: string; readonly clientAddress: string },
): string {
  const lines = [`spf=${spf.result} smtp.${spf.identity}=${value(spf.domain)}`];
  if (dkim.length === 0) lines.push("dkim=none");
  for (const { result, domain, selector, algorithm } of dkim) {
    const properties = [
      ["header.d", domain],
      ["header.s", selector],
      ["header.a", algorithm],
    ] as const;
    const said = properties.filter(([, text]) => text !== "");
    lines.push(
      [`dkim=${result}`, ...said.map(([name, text]) => `${name}=${value(text)}`)].join(" "),
    );
  }
  const policy = dmarc.policy === undefined ? "" : ` policy.dmarc=${dmarc.policy}`;
  const from = dmarc.domain === "" ? "" : ` header.from=${value(dmarc.domain)}`;
  lines.push(`dmarc=${dmarc.result}${policy}${from}`, `arc=${arc.result}`);
  lines.push(`iprev=${iprev.result} policy.iprev=${value(at.clientAddress)}`);
  return `Authentication-Results: ${[at.serverName, ...lines].join(";\r\n ")}\r\n`;
}

/** Our Received-SPF field (RFC 7208 §9.1), with its line ends. */
export function formatReceivedSpf(
  { spf }: Pick<SenderAuthentication, "spf">,
  at: {
    readonly serverName: string;
    readonly clientAddress: string;
    readonly helo: string;
    readonly sender: string;
  },
): string {
  const pairs = [
    ["client-ip", at.clientAddress],
    ["envelope-from", at.sender],
    ["helo", at.helo],
    ["receiver", at.serverName],
    ["identity", spf.identity],
  ] as const;
  const said = pairs.filter(([, text]) => text !== "");
  const lines = said.map(([name, text]) => `${name}=${value(text)}`);
  return `Received-SPF: ${senderIdStatus(spf.result)}\r\n ${lines.join(";\r\n ")}\r\n`;
}

/** A result of SPF as Received-SPF and Exchange's stamps write it (RFC 7208 §9.1): `SoftFail`. */
export function senderIdStatus(result: AuthenticationResult): string {
  return MIXED_CASE[result] ?? `${result.slice(0, 1).toUpperCase()}${result.slice(1)}`;
}

const MIXED_CASE: Readonly<Record<string, string>> = {
  softfail: "SoftFail",
  temperror: "TempError",
  permerror: "PermError",
};

/** As a token, or quoted; what is not printable ASCII becomes a question mark. */
function value(text: string): string {
  const cut = text.slice(0, VALUE_OCTETS_MAX).replace(/[^ -~]/g, "?");
  return TOKEN.test(cut) ? cut : `"${cut.replace(/["\\]/g, "\\$&")}"`;
}
