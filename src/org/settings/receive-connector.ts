import { DAY, KiB, MINUTE } from "../../base/units.ts";
import type { PermissionGroup, Right } from "../organization.ts";
import { addressRange, endpoint } from "./network-types.ts";
import { nullable, required, type SettingType, setting } from "./setting.ts";
import {
  bool,
  bytes,
  checkLine,
  domain,
  INTEGER_MAX,
  integer,
  line,
  listOf,
  name,
  oneOf,
  Problem,
  scalarType,
  span,
} from "./setting-types.ts";

/** Principals that rights can be given to: those that the permission groups stand for. */
const PRINCIPALS = [
  "AnonymousUsers",
  "ExchangeUsers",
  "ExchangeServers",
  "ExchangeLegacyServers",
  "Partners",
] as const satisfies readonly PermissionGroup[];

const RIGHTS = [
  "ms-Exch-SMTP-Submit",
  "ms-Exch-SMTP-Accept-Any-Recipient",
  "ms-Exch-SMTP-Accept-Any-Sender",
  "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
  "ms-Exch-Bypass-Message-Size-Limit",
  "ms-Exch-Accept-Headers-Routing",
  "ms-Exch-Accept-Headers-Organization",
  "ms-Exch-Accept-Headers-Forest",
] as const satisfies readonly Right[];

/** `{ AnonymousUsers: [ms-Exch-SMTP-Accept-Any-Recipient] }` */
function rightsByPrincipal(): SettingType<Readonly<Record<string, readonly Right[]>>> {
  const principal = oneOf(PRINCIPALS);
  const rights = listOf(oneOf(RIGHTS), { max: RIGHTS.length });
  return {
    label: `mapping of ${PRINCIPALS.join(", ")} to lists of rights`,
    suffix: "",
    read(value, report) {
      if (value.kind !== "map") return void report(value, "is not a mapping of groups to rights");
      const read: [string, readonly Right[]][] = [];
      for (const { name: text, at, value: list } of value.entries) {
        const who = principal.read({ kind: "scalar", text, at }, report);
        const what = list.kind === "null" ? [] : rights.read(list, report);
        if (who !== undefined && what !== undefined) read.push([who, what]);
      }
      return read.length === value.entries.length ? Object.fromEntries(read) : undefined;
    },
  };
}

/** The whole text of the 220 reply; the value is what follows `220 `. */
function banner(): SettingType<string> {
  return scalarType({
    label: "text that begins with 220",
    suffix: "",
    parse(text) {
      const rest = /^220 (?=\S)([ -~]*)$/.exec(text)?.[1];
      // RFC 5321 §4.5.3.1.5: a reply line is 512 octets with its CRLF.
      if (rest !== undefined) return checkLine(rest, { max: 506 });
      return new Problem("is not a banner; write 220, a space and text in ASCII");
    },
  });
}

/** Who may connect, and to what. */
const ADMISSION = {
  name: required(name(), "The connector's name, as the logs show it."),
  enabled: setting(bool(), "true", "Whether it listens at all."),
  bindings: required(
    listOf(endpoint(), { min: 1, max: 64 }),
    "Addresses and ports to listen on; 0.0.0.0 and [::] are all addresses of their family.",
  ),
  remoteIPRanges: setting(
    listOf(addressRange(), { min: 1, max: 1000 }),
    ["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    "Clients that it serves. On one binding the connector with the narrowest range wins; ranges " +
      "of two connectors must be apart or one inside the other.",
  ),
  fqdn: nullable(
    domain(),
    { text: "server.fqdn" },
    "Our name in banner, EHLO reply and Received; the certificate should bear it.",
  ),
  banner: nullable(
    banner(),
    { text: "220 fqdn and the date" },
    "First line of a session, from its 220 on.",
  ),
  comment: setting(line({ max: 256 }), "", "For the administrator."),
  authMechanism: setting(
    listOf(
      oneOf([
        "None",
        "Tls",
        "Integrated",
        "BasicAuth",
        "BasicAuthRequireTLS",
        "ExchangeServer",
        "ExternalAuthoritative",
      ]),
      { min: 1, max: 7 },
    ),
    ["Tls"],
    "Tls offers STARTTLS. BasicAuthRequireTLS needs BasicAuth and Tls. External" +
      "Authoritative takes the network for secure: only Tls beside it, and permissionGroups " +
      "with ExchangeServers.",
  ),
  permissionGroups: setting(
    listOf(oneOf(["None", ...PRINCIPALS, "Custom"]), { min: 1, max: 7 }),
    ["None"],
    "Who may submit mail. AnonymousUsers: anybody, for accepted domains only.",
  ),
  extendedRights: setting(
    rightsByPrincipal(),
    {},
    "Rights beyond those of the groups. ms-Exch-SMTP-Accept-Any-Recipient for AnonymousUsers " +
      `makes a relay: narrow remoteIPRanges first. There are ${RIGHTS.join(", ")}.`,
  ),
  implicitTlsEnabled: setting(
    bool(),
    "false",
    "TLS from the first byte (RFC 8314 §3.3), port 465.",
  ),
  requireTLS: setting(bool(), "false", "Mail is refused until the session is encrypted."),
};

const LIMITS = {
  maxMessageSize: setting(
    bytes({ min: 64 * KiB, max: INTEGER_MAX }),
    "36MB",
    "Announced as SIZE (RFC 1870) and enforced.",
  ),
  maxHeaderSize: setting(bytes({ min: 1, max: INTEGER_MAX }), "256KB", "Size of the header."),
  maxRecipientsPerMessage: setting(
    integer({ min: 1, max: 512_000 }),
    "200",
    "More get 452 4.5.3; the message goes to those before.",
  ),
  maxHopCount: setting(integer({ min: 1, max: 500 }), "30", "Received fields; more are a loop."),
  maxLocalHopCount: setting(
    integer({ min: 0, max: 50 }),
    "8",
    "Received fields that name this server; more are a loop, 0 is no limit.",
  ),
  maxInboundConnection: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "5000",
    "Sessions at one time.",
  ),
  maxInboundConnectionPerSource: setting(
    integer({ min: 1, max: 10_000, unlimited: true }),
    "20",
    "Sessions at one time from one address.",
  ),
  maxInboundConnectionPercentagePerSource: setting(
    integer({ min: 1, max: 100 }),
    "2",
    "Share of the connections still free that one address may take, in percent.",
  ),
  connectionTimeout: setting(
    span({ min: 1, max: DAY }),
    "00:10:00",
    "Length of a session, however busy. Must exceed connectionInactivityTimeout.",
  ),
  connectionInactivityTimeout: setting(
    span({ min: 1, max: DAY }),
    "00:05:00",
    "Silence before a 421 (RFC 5321 §4.5.3.2.7).",
  ),
  maxProtocolErrors: setting(
    integer({ min: 0, max: INTEGER_MAX, unlimited: true }),
    "5",
    "Wrong commands before the session is closed.",
  ),
  tarpitInterval: setting(
    span({ min: 0, max: 10 * MINUTE }),
    "00:00:05",
    "Delay before a 5xx to a client that is not authenticated; 00:00:00 is none.",
  ),
};

const EXTENSIONS = {
  sizeEnabled: setting(
    oneOf(["Enabled", "Disabled", "EnabledWithoutValue"]),
    "Enabled",
    "SIZE (RFC 1870), with or without its number.",
  ),
  binaryMimeEnabled: setting(bool(), "true", "BINARYMIME (RFC 3030); needs chunkingEnabled."),
  chunkingEnabled: setting(bool(), "true", "CHUNKING, that is BDAT (RFC 3030)."),
  deliveryStatusNotificationEnabled: setting(bool(), "true", "DSN (RFC 3461)."),
  eightBitMimeEnabled: setting(bool(), "true", "8BITMIME (RFC 6152)."),
  enhancedStatusCodesEnabled: setting(bool(), "true", "ENHANCEDSTATUSCODES (RFC 2034)."),
  pipeliningEnabled: setting(bool(), "true", "PIPELINING (RFC 2920)."),
  smtpUtf8Enabled: setting(bool(), "true", "SMTPUTF8 (RFC 6531)."),
  requireEHLODomain: setting(bool(), "false", "HELO and EHLO must carry a domain."),
};

/** Reference §2.4. */
export const RECEIVE_CONNECTOR = { ...ADMISSION, ...LIMITS, ...EXTENSIONS };
