import { DAY, KiB, MINUTE } from "../../base/units.ts";
import { addressKey, parseAddress } from "../../mail/address.ts";
import { NOWHERE } from "../config-value.ts";
import type { PermissionGroup, Right } from "../organization.ts";
import { addressRange } from "./address-range.ts";
import { PROTOCOL_LOGGING_LEVEL } from "./log-settings.ts";
import { endpoint } from "./network-types.ts";
import { certificateName } from "./security-settings.ts";
import { SENDER_AUTHENTICATION } from "./sender-authentication.ts";
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
  "ms-Exch-SMTP-Accept-Authentication-Flag",
  "ms-Exch-Bypass-Anti-Spam",
  "ms-Exch-Bypass-Message-Size-Limit",
  "ms-Exch-Accept-Headers-Routing",
  "ms-Exch-Accept-Headers-Organization",
  "ms-Exch-Accept-Headers-Forest",
] as const satisfies readonly Right[];

/** A group, or one user by an address of his mailbox, in lower case. */
function principal(): SettingType<string> {
  const group = oneOf(PRINCIPALS);
  return scalarType({
    label: `${PRINCIPALS.join(", ")} or the address of a mailbox`,
    suffix: "",
    parse(text) {
      const user = parseAddress(text, { smtpUtf8: true });
      if (user !== undefined) return addressKey(user);
      let problem = "";
      const value = { kind: "scalar", text, at: NOWHERE } as const;
      return (
        group.read(value, (_, found) => {
          problem = found;
        }) ?? new Problem(`${problem}, nor the address of a mailbox`)
      );
    },
  });
}

/** `{ AnonymousUsers: [ms-Exch-SMTP-Accept-Any-Recipient] }` */
function rightsByPrincipal(): SettingType<Readonly<Record<string, readonly Right[]>>> {
  const holder = principal();
  const rights = listOf(oneOf(RIGHTS), { max: RIGHTS.length });
  return {
    label: `mapping of ${holder.label} to lists of rights`,
    suffix: "",
    form: { kind: "map" },
    read(value, report) {
      if (value.kind !== "map")
        return void report(value, "is not a mapping of groups or addresses to rights");
      const read: [string, readonly Right[]][] = [];
      for (const { name: text, at, value: list } of value.entries) {
        const who = holder.read({ kind: "scalar", text, at }, report);
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

/** Reference §2.2. */
export const USAGES = ["Client", "Custom", "Internal", "Internet", "Partner"] as const;

/** Who may connect, and to what. */
const ADMISSION = {
  name: required(name(), "The connector's name, as the logs show it."),
  enabled: setting(bool(), "true", "Whether it listens at all."),
  usage: nullable(
    oneOf(USAGES),
    { text: "all defaults are those of this page" },
    "What it is for: sets permissionGroups and authMechanism where they are not given. Client " +
      "and Internal listen on 0.0.0.0:587 and 0.0.0.0:25, Internet serves all IPv4 addresses; " +
      "the other of bindings and remoteIPRanges must be given, and both with Custom and Partner.",
  ),
  bindings: nullable(
    listOf(endpoint(), { min: 1, max: 64 }),
    { text: "must be given, but with usage Client or Internal" },
    "Addresses and ports to listen on; 0.0.0.0 and [::] are all addresses of their family. An " +
      "address of one link names it: [fe80::1%eth0]:25.",
  ),
  remoteIPRanges: nullable(
    listOf(addressRange(), { min: 1, max: 1000 }),
    { text: "all addresses, IPv4 and IPv6; must be given with most usages" },
    "Clients that it serves. On one binding the connector with the narrowest range wins; ranges " +
      "of two connectors must be apart or one inside the other. A range of one link names it: " +
      "fe80::1%eth0 or fe80::/10%eth0.",
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
        "OAuth",
        "Certificate",
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
    "Who may submit mail. AnonymousUsers: anybody, for accepted domains only. ExchangeUsers: who " +
      "has logged on. ExchangeServers, ExchangeLegacyServers: servers with a certificate of " +
      "transportConfig.exchangeServerCertificateNames; the latter without their organization " +
      "headers. Partners: see partnerCertificateNames. Custom: extendedRights only.",
  ),
  extendedRights: setting(
    rightsByPrincipal(),
    {},
    "Rights beyond those of the groups, for groups or for single users by an address of their " +
      "mailbox. ms-Exch-SMTP-Accept-Any-Recipient for " +
      `AnonymousUsers makes a relay: narrow remoteIPRanges first. There are ${RIGHTS.join(", ")}.`,
  ),
  implicitTlsEnabled: setting(
    bool(),
    "false",
    "TLS from the first byte (RFC 8314 §3.3), port 465.",
  ),
  requireTLS: setting(bool(), "false", "Mail is refused until the session is encrypted."),
  transportRole: setting(
    oneOf(["FrontendTransport", "HubTransport"]),
    "FrontendTransport",
    "Connectors on one binding have the same role; frontend sessions say so in Received. " +
      "HubTransport has other limits where none are given: 5000 recipients, no connection limits " +
      "per source.",
  ),
  defaultDomain: nullable(
    domain(),
    { text: "the default accepted domain" },
    "Domain of user names and of Postmaster without one.",
  ),
  proxyProtocolSources: setting(
    listOf(addressRange(), { max: 1000 }),
    [],
    "Load balancers whose connections begin with a PROXY header (v1 or v2): the client that it " +
      "names counts as the client. Nobody else's header is read.",
  ),
  xclientSources: setting(
    listOf(addressRange(), { max: 1000 }),
    [],
    "Clients that may name the real client with XCLIENT.",
  ),
};

/** Ours where reference §2.4 has no word: the profiles, certificates by name, NTLM v1. */
const SECURITY = {
  enableAuthGSSAPI: setting(bool(), "false", "Integrated offers GSSAPI (Kerberos) before NTLM."),
  extendedProtectionPolicy: setting(
    oneOf(["None", "Allow", "Require"]),
    "None",
    "Channel binding of Integrated logons: checked where the client sends it, or required.",
  ),
  ntlmV1Enabled: setting(
    bool(),
    "false",
    "Accepts NTLM v1, which is broken, for devices that know nothing else.",
  ),
  tlsCertificateName: nullable(
    certificateName(),
    { text: "chosen by fqdn" },
    "The certificate to show, by issuer and subject: <I>CN=CA<S>CN=mail.contoso.com.",
  ),
  tlsProfile: setting(
    oneOf(["modern", "intermediate", "legacy"]),
    "intermediate",
    "modern: TLS 1.3; intermediate: 1.2 and up; legacy: 1.0 and up with old ciphers, for old " +
      "devices on a connector of their own.",
  ),
  tlsMinimumVersion: nullable(
    oneOf(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]),
    { text: "that of tlsProfile" },
    "Oldest version; not below that of tlsProfile.",
  ),
  partnerCertificateNames: setting(
    listOf(certificateName(), { max: 1000 }),
    [],
    "Clients that show a valid certificate with one of these names are Partners (mutual TLS).",
  ),
  domainSecureEnabled: setting(
    bool(),
    "false",
    "Senders in transportConfig.tlsReceiveDomainSecureList need a certificate of their domain. " +
      "Needs Tls, excludes ExternalAuthoritative.",
  ),
  suppressXAnonymousTls: setting(
    bool(),
    "false",
    "With ExchangeServer: no client certificate is asked for, so that no client counts as one " +
      "of our servers.",
  ),
  advertiseClientSettings: setting(
    bool(),
    "false",
    "Whether clients that come to another connector, and may not send there before they log on, " +
      "are told to use this one.",
  ),
  serviceDiscoveryFqdn: nullable(
    domain(),
    { text: "fqdn" },
    "Name that advertiseClientSettings tells them.",
  ),
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
  authTarpitInterval: setting(
    span({ min: 0, max: 10 * MINUTE }),
    "00:00:05",
    "Delay before the reply to a failed logon; 00:00:00 is none.",
  ),
  maxLogonFailures: setting(
    integer({ min: 0, max: 10 }),
    "3",
    "Failed logons before the session is closed; 0: never.",
  ),
  messageRateLimit: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "unlimited",
    "Messages per minute from one source.",
  ),
  messageRateSource: setting(
    oneOf(["None", "IPAddress", "User", "All"]),
    "IPAddress",
    "What a source of messageRateLimit is: the address, the user, or both.",
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
  requireTlsExtensionEnabled: setting(bool(), "true", "REQUIRETLS (RFC 8689), over TLS only."),
  limitsExtensionEnabled: setting(bool(), "true", "LIMITS (RFC 9422): maxRecipientsPerMessage."),
  bareLinefeedRejectionEnabled: setting(
    bool(),
    "true",
    "Refuses an LF without its CR in content (SMTP smuggling); false turns each into CRLF.",
  ),
  longAddressesEnabled: setting(
    bool(),
    "false",
    "XLONGADDR: lines up to 8000 octets. HubTransport only.",
  ),
  orarEnabled: setting(
    bool(),
    "false",
    "XORAR: ORAR=address in RCPT names who gets the message when the recipient fails for good.",
  ),
  rejectReservedTopLevelRecipientDomains: setting(
    bool(),
    "false",
    "Refuses recipients in .test, .example, .invalid and .localhost with 5.1.4.",
  ),
  rejectReservedSecondLevelRecipientDomains: setting(
    bool(),
    "false",
    "Refuses recipients in example.com, example.net and example.org with 5.1.5.",
  ),
  rejectSingleLabelRecipientDomains: setting(
    bool(),
    "false",
    "Refuses recipients in a domain without a dot with 5.1.6.",
  ),
};

/** Reference §2.4. */
export const RECEIVE_CONNECTOR = {
  ...ADMISSION,
  ...SECURITY,
  ...SENDER_AUTHENTICATION,
  ...LIMITS,
  ...EXTENSIONS,
  protocolLoggingLevel: PROTOCOL_LOGGING_LEVEL,
};
