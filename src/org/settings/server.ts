import { endpoint, endpointText } from "./network-types.ts";
import { ADMIN_SIGN_IN } from "./security-settings.ts";
import { nullable, setting } from "./setting.ts";
import { domain, integer, listOf, section, serverPath } from "./setting-types.ts";

/** What the process itself needs. */
export const SERVER = {
  fqdn: nullable(
    domain(),
    { text: "the machine's host name" },
    "Our name in EHLO, banner, Received and notices (RFC 5321 §2.3.5).",
  ),
  transportThreads: nullable(
    integer({ min: 1, max: 256 }),
    { text: "one per core" },
    "Threads that serve sessions, categorize and deliver. Read at start.",
  ),
  dnsServers: setting(
    listOf(endpointText(53), { max: 16 }),
    [],
    "Resolvers to ask, in order; none: those of the system (/etc/resolv.conf). DANE counts what " +
      "they vouch for (AD): that takes resolvers that validate DNSSEC, on loopback or in a " +
      "network that you trust.",
  ),
  keytab: setting(
    serverPath(),
    "smtp.keytab",
    "Keys of our Kerberos service smtp/fqdn (GSSAPI), relative to the data directory; without " +
      "the file GSSAPI is not offered. Read at start.",
  ),
  admin: setting(
    section({
      listen: nullable(
        endpoint(),
        {},
        "Where management and metrics listen over HTTPS; null: nowhere. Read at start.",
      ),
      oidc: nullable(
        section(ADMIN_SIGN_IN),
        {},
        "The organization's own sign-in for administrators (OpenID Connect); null: none.",
      ),
    }),
    {},
    "Management of the server.",
  ),
};
