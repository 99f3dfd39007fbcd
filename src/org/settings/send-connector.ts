import { DAY } from "../../base/units.ts";
import { PROTOCOL_LOGGING_LEVEL } from "./log-settings.ts";
import { addressSpace, ipAddress, smartHost } from "./network-types.ts";
import {
  certificateName,
  domainPattern,
  OAUTH_CLIENT,
  SMART_HOST_CREDENTIAL,
} from "./security-settings.ts";
import { nullable, required, setting } from "./setting.ts";
import {
  bool,
  bytes,
  domain,
  INTEGER_MAX,
  integer,
  line,
  listOf,
  name,
  oneOf,
  section,
  span,
} from "./setting-types.ts";

const BASE = {
  name: required(name(), "The connector's name, as logs and queues show it."),
  enabled: setting(bool(), "true", "Whether routing may choose it."),
  addressSpaces: required(
    listOf(addressSpace(), { min: 1, max: 10_000 }),
    "Recipient domains that it serves: `*`, `contoso.com` alone, `*.contoso.com` with its " +
      "subdomains, or `--` for all authoritative and internal relay domains. The most specific " +
      "space wins, then the lowest cost; cost 1 when left out.",
  ),
  dnsRoutingEnabled: nullable(
    bool(),
    { text: "false with smartHosts, else true" },
    "Whether the MX records of the recipient's domain say where to go. Excludes smartHosts.",
  ),
  smartHosts: setting(
    listOf(smartHost(), { max: 64 }),
    [],
    "Hosts that take all its mail; several share the load and stand in for one another.",
  ),
  port: setting(integer({ min: 1, max: 65_535 }), "25", "Port of the next hop."),
  fqdn: nullable(domain(), { text: "server.fqdn" }, "Our name in EHLO."),
  forceHELO: setting(bool(), "false", "HELO instead of EHLO: no extension is used."),
  ignoreSTARTTLS: setting(bool(), "false", "STARTTLS is not used though offered."),
  requireTLS: setting(
    bool(),
    "false",
    "Without TLS there is no delivery. Excludes ignoreSTARTTLS.",
  ),
  maxMessageSize: setting(
    bytes({ min: 0, max: INTEGER_MAX, unlimited: true }),
    "35MB",
    "Routing passes the connector over for larger messages.",
  ),
  smtpMaxMessagesPerConnection: setting(
    integer({ min: 1, max: INTEGER_MAX }),
    "20",
    "Messages before a connection is closed.",
  ),
  connectionInactivityTimeout: setting(
    span({ min: 1, max: DAY }),
    "00:10:00",
    "How long an idle connection is kept.",
  ),
  sourceIPAddress: setting(
    listOf(ipAddress(), { max: 64 }),
    [],
    "Our addresses towards the next hop, used in turn; none, 0.0.0.0 or :: leave it to the system.",
  ),
  comment: setting(line({ max: 256 }), "", "For the administrator."),
  protocolLoggingLevel: PROTOCOL_LOGGING_LEVEL,
};

/** Where a connector may be used, and when what failed is tried again. */
const ROUTING = {
  usage: setting(
    oneOf(["Custom", "Internal", "Internet", "Partner"]),
    "Custom",
    "What it is for. Internal: maxMessageSize is unlimited where it is not given.",
  ),
  sourceTransportServers: setting(
    listOf(domain(), { max: 1000 }),
    [],
    "Names (server.fqdn) of the servers that send through it; none: this one.",
  ),
  isScopedConnector: setting(
    bool(),
    "false",
    "Visible only to the servers named in sourceTransportServers.",
  ),
  useExternalDNSServersEnabled: setting(
    bool(),
    "false",
    "Asks transportService.externalDNSServers in place of server.dnsServers.",
  ),
  errorPolicies: setting(
    listOf(
      oneOf([
        "Default",
        "DowngradeDnsFailures",
        "DowngradeCustomFailures",
        "UpgradeCustomFailures",
      ]),
      { min: 1, max: 4 },
    ),
    ["Default"],
    "DowngradeDnsFailures: DNS errors that say never are tried again. DowngradeCustomFailures, " +
      "UpgradeCustomFailures: the replies of customFailureCodes count as 4xx, or as 5xx.",
  ),
  customFailureCodes: setting(
    listOf(line({ max: 16 }), { max: 100 }),
    [],
    "Reply codes (550) or enhanced status codes (5.7.1) for the two policies.",
  ),
  maxConnections: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "unlimited",
    "Connections at one time through this connector.",
  ),
  messageRateLimit: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "unlimited",
    "Messages per minute to one destination domain or smart host.",
  ),
};

/** How we log on, and what TLS has to be (reference §3.1, §13). */
const SECURITY = {
  smartHostAuthMechanism: setting(
    oneOf([
      "None",
      "BasicAuth",
      "BasicAuthRequireTLS",
      "OAuth",
      "Ntlm",
      "Certificate",
      "ExternalAuthoritative",
    ]),
    "None",
    "How we log on to smartHosts. BasicAuth (SCRAM, PLAIN or LOGIN), BasicAuthRequireTLS and " +
      "Ntlm need authenticationCredential, OAuth (XOAUTH2) needs oauthClient, Certificate " +
      "(EXTERNAL) needs tlsCertificateName. ExternalAuthoritative: the network is secure.",
  ),
  authenticationCredential: nullable(
    section(SMART_HOST_CREDENTIAL),
    {},
    "User and password at the smart hosts.",
  ),
  oauthClient: nullable(
    section(OAUTH_CLIENT),
    {},
    "Where tokens for the smart hosts come from (client credentials).",
  ),
  tlsAuthLevel: nullable(
    oneOf(["EncryptionOnly", "CertificateValidation", "DomainValidation"]),
    { text: "EncryptionOnly with requireTLS" },
    "What the next hop's certificate must be. Needs requireTLS: true.",
  ),
  tlsDomain: nullable(
    domainPattern(),
    { text: "the recipient's domain" },
    "Name in the certificate with DomainValidation; required there with smartHosts.",
  ),
  tlsCertificateName: nullable(
    certificateName(),
    { text: "none is shown, with domainSecureEnabled the one for fqdn" },
    "Our certificate for the next hop, by issuer and subject.",
  ),
  tlsProfile: setting(
    oneOf(["modern", "intermediate", "legacy"]),
    "intermediate",
    "Versions and ciphers, as for receive connectors.",
  ),
  smtpDaneMode: setting(
    oneOf(["None", "Opportunistic", "Mandatory"]),
    "Opportunistic",
    "DANE (RFC 7672): where the domain has it, or nothing goes without it.",
  ),
  mtaStsMode: setting(
    oneOf(["None", "Opportunistic"]),
    "Opportunistic",
    "MTA-STS (RFC 8461), where the domain has it.",
  ),
  domainSecureEnabled: setting(
    bool(),
    "false",
    "Mutual TLS with the domains of transportConfig.tlsSendDomainSecureList.",
  ),
  cloudServicesMailEnabled: setting(
    bool(),
    "false",
    "Keeps the organization's headers for our own cloud organization.",
  ),
  connectorType: setting(
    oneOf(["Default", "XPremises"]),
    "Default",
    "XPremises: leads to our own cloud organization; needs cloudServicesMailEnabled: true.",
  ),
};

/** Reference §3.1. */
export const SEND_CONNECTOR = { ...BASE, ...ROUTING, ...SECURITY };
