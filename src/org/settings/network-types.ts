import { formatIpAddress, parseIpAddress } from "../../mail/address-literal.ts";
import type { AddressSpace, Endpoint, SmartHost } from "../organization.ts";
import type { SettingType } from "./setting.ts";
import { Problem, parseDomainName, scalarType } from "./setting-types.ts";

const PORT_MAX = 65_535;
const COST_MAX = 100;

/** An IP address and a port: `127.0.0.1:25`, `[::1]:25`. */
export function endpoint(): SettingType<Endpoint> {
  return scalarType({
    label: "address:port",
    suffix: "",
    parse: (text) =>
      parseEndpoint(text) ??
      new Problem("is not an IP address and a port; write 127.0.0.1:25, 0.0.0.0:25 or [::]:25"),
  });
}

/** `address:port` in one form; the port may be left out. */
export function endpointText(defaultPort: number): SettingType<string> {
  return scalarType({
    label: `address or address:port (port ${defaultPort} when left out)`,
    suffix: "",
    parse(text) {
      const bare = parseIpAddress(text.replace(/^\[(.*)\]$/, "$1"));
      const found =
        bare === undefined
          ? parseEndpoint(text)
          : { address: formatIpAddress(bare), port: defaultPort };
      if (found === undefined) return new Problem("is not an IP address; write 127.0.0.1:53");
      return formatEndpoint(found);
    },
  });
}

/** `192.0.2.1:25`, `[2001:db8::1]:25`. */
export function formatEndpoint(at: Endpoint): string {
  return at.address.includes(":") ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`;
}

/** Reads an IP address and a port; `undefined` when it is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]%]+)(%[^\]]+)?\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = parseIpAddress(match?.[1] ?? match?.[3] ?? "");
  const port = Number(match?.[4]);
  if (address === undefined || !(port >= 1 && port <= PORT_MAX)) return undefined;
  // Brackets are IPv6's: they tell its colons from the port's.
  if ((address.family === 6) !== (match?.[1] !== undefined)) return undefined;
  const scope = match?.[2] ?? "";
  if (scope !== "" && !SCOPE.test(scope)) return undefined;
  return { address: formatIpAddress(address) + scope, port };
}

/** `%` and an interface's name or number (RFC 4007 §11.2). */
const SCOPE = /^%[\w.:@-]{1,15}$/;

/** An address as text, for those who log on elsewhere with it. */
export function addressText(): SettingType<string> {
  return scalarType({
    label: "address",
    suffix: "",
    parse: (text) =>
      /^[!-~]+@[!-~]+$/.test(text)
        ? text
        : new Problem("is not an address; write one as in scanner@contoso.com"),
  });
}

/** An IP address without a port, written in one form. */
export function ipAddress(): SettingType<string> {
  return scalarType({
    label: "IP address",
    suffix: "",
    parse(text) {
      const parsed = parseIpAddress(text);
      return parsed === undefined ? new Problem("is not an IP address") : formatIpAddress(parsed);
    },
  });
}

/** `SMTP:contoso.com;5`; type SMTP and cost 1 when left out (reference §3.1). */
export function addressSpace(): SettingType<AddressSpace> {
  return scalarType({
    label: `SMTP:space;cost, cost 1–${COST_MAX}`,
    suffix: "",
    parse(text) {
      const match = /^(?:([^:;]*):)?([^:;]+)(?:;(\d{1,3}))?$/.exec(text.trim());
      if (match === null) {
        return new Problem("is not an address space; write SMTP:*;10 or *.contoso.com;5");
      }
      const [, type = "SMTP", space = "", costText = "1"] = match;
      if (type.toUpperCase() !== "SMTP") {
        return new Problem(
          "is not of type SMTP; mail for other types cannot be sent, write SMTP:*;10",
        );
      }
      const cost = Number(costText);
      if (cost < 1 || cost > COST_MAX) return new Problem(`has a cost outside 1–${COST_MAX}`);
      return parseSpace(space.trim(), cost);
    },
  });
}

function parseSpace(space: string, cost: number): AddressSpace | Problem {
  if (space === "*" || space === "--") return { space, cost };
  if (space.startsWith("*") && !space.startsWith("*.")) {
    return new Problem(
      `has a "*" that is not followed by a dot; did you mean "*.${space.slice(1)}"?`,
    );
  }
  const isTree = space.startsWith("*.");
  const domain = parseDomainName(isTree ? space.slice(2) : space);
  if (domain instanceof Problem) {
    return new Problem("is not an address space; write *, contoso.com, *.contoso.com or --");
  }
  return { space: isTree ? `*.${domain}` : domain, cost };
}

/** `mail.fabrikam.com`, `[192.0.2.1]`, `[IPv6:2001:db8::1]`; brackets may be left out. */
export function smartHost(): SettingType<SmartHost> {
  return scalarType({
    label: "host name or [address]",
    suffix: "",
    parse(text) {
      const inner = /^\[(?:IPv6:)?([^\]]*)\]$/i.exec(text)?.[1];
      const address = parseIpAddress(inner ?? text);
      if (address !== undefined) return { host: formatIpAddress(address), isAddress: true };
      const host = inner === undefined ? parseDomainName(text) : undefined;
      // A last label of digits is no name (RFC 3696 §2): it is a mistyped IPv4 address.
      if (host === undefined || host instanceof Problem || /(?:^|\.)\d+$/.test(host)) {
        return new Problem("is not a smart host; write mail.contoso.com or [192.0.2.1]");
      }
      return { host, isAddress: false };
    },
  });
}

/** Where an LMTP server listens: `host:port` or the path of a socket. */
export function lmtpHost(): SettingType<string> {
  return scalarType({
    label: "host:port or /path/of/socket",
    suffix: "",
    parse(text) {
      const problem = new Problem(
        "is not an LMTP server; write dovecot.contoso.com:24, [::1]:24 or /run/dovecot/lmtp",
      );
      if (/^\/[\x21-\x7e]{1,106}$/.test(text)) return text;
      const at = parseEndpoint(text);
      if (at !== undefined) return formatEndpoint(at);
      const [host = "", port = "", ...more] = text.split(":");
      const parsed = parseDomainName(host);
      const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= PORT_MAX;
      if (parsed instanceof Problem || !isPort || more.length > 0) return problem;
      return /(?:^|\.)\d+$/.test(parsed) ? problem : `${parsed}:${port}`;
    },
  });
}
