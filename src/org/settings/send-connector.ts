import { DAY } from "../../base/units.ts";
import { addressSpace, ipAddress, smartHost } from "./network-types.ts";
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
  span,
} from "./setting-types.ts";

/** Reference §3.1. */
export const SEND_CONNECTOR = {
  name: required(name(), "The connector's name, as logs and queues show it."),
  enabled: setting(bool(), "true", "Whether routing may choose it."),
  addressSpaces: required(
    listOf(addressSpace(), { min: 1, max: 10_000 }),
    "Recipient domains that it serves: `*`, `contoso.com` alone, or `*.contoso.com` with its " +
      "subdomains. The most specific space wins, then the lowest cost; cost 1 when left out.",
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
  sourceIPAddress: nullable(
    ipAddress(),
    { text: "0.0.0.0" },
    "Our address towards the next hop; 0.0.0.0 and :: leave it to the system.",
  ),
  comment: setting(line({ max: 256 }), "", "For the administrator."),
};
