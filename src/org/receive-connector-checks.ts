import type { Domain } from "../mail/address.ts";
import type { TlsProfileName, TlsVersion } from "../tls/tls-profile.ts";
import { findAcceptedDomain } from "./accepted-domain.ts";
import type { AcceptedDomain, AuthMechanism, PermissionGroup } from "./organization.ts";
import type { ReadConnector, UsageProperties } from "./receive-connector-usage.ts";

/** A connector's properties, those that its usage sets included. */
type Properties = Omit<ReadConnector["values"], keyof UsageProperties> & UsageProperties;

/** What a check looks at. */
interface Checked {
  readonly values: Properties;
  readonly given: ReadConnector["given"];
  readonly acceptedDomains: readonly AcceptedDomain[];
  readonly has: (mechanism: AuthMechanism) => boolean;
  readonly admits: (group: PermissionGroup) => boolean;
  /** Its sessions can have TLS, by STARTTLS or from the first byte. */
  readonly hasTls: boolean;
}

/** One rule: what contradicts itself, reported at `property` with what to change. */
interface Check {
  readonly property: string;
  readonly find: (connector: Checked) => string | undefined | false;
}

const VERSIONS: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const PROFILE_MINIMUM: Readonly<Record<TlsProfileName, TlsVersion>> = {
  modern: "TLSv1.3",
  intermediate: "TLSv1.2",
  legacy: "TLSv1",
};
const TLS_CURE = "Tls in authMechanism, or implicitTlsEnabled: true";

/** Who may log on how (reference §2.5). */
const AUTHENTICATION: readonly Check[] = [
  {
    property: "authMechanism",
    find: ({ values, has }) =>
      has("None") && new Set(values.authMechanism).size > 1 && "None must stand alone",
  },
  {
    property: "authMechanism",
    find: ({ has }) =>
      has("BasicAuthRequireTLS") &&
      !has("BasicAuth") &&
      "BasicAuthRequireTLS needs BasicAuth beside it",
  },
  {
    property: "authMechanism",
    find: ({ has, hasTls }) =>
      has("BasicAuthRequireTLS") && !hasTls && "BasicAuthRequireTLS needs Tls beside it",
  },
  {
    property: "authMechanism",
    find({ values, has }) {
      if (!has("ExternalAuthoritative")) return undefined;
      const alone: readonly AuthMechanism[] = ["ExternalAuthoritative", "Tls"];
      const others = values.authMechanism.filter((mechanism) => !alone.includes(mechanism));
      const rule = "only Tls may stand beside ExternalAuthoritative";
      return others.length > 0 && `${rule}, not ${others.join(", ")}`;
    },
  },
  {
    property: "permissionGroups",
    find: ({ has, admits }) =>
      has("ExternalAuthoritative") &&
      !admits("ExchangeServers") &&
      "ExternalAuthoritative in authMechanism needs ExchangeServers here",
  },
  ...(["OAuth", "Certificate", "ExchangeServer"] as const).map(
    (mechanism): Check => ({
      property: "authMechanism",
      find: ({ has, hasTls }) =>
        has(mechanism) &&
        !hasTls &&
        `${mechanism} needs Tls beside it, or implicitTlsEnabled: true`,
    }),
  ),
  {
    property: "enableAuthGSSAPI",
    find: ({ values, has }) =>
      values.enableAuthGSSAPI && !has("Integrated") && "true needs Integrated in authMechanism",
  },
  {
    property: "ntlmV1Enabled",
    find: ({ values, has }) =>
      values.ntlmV1Enabled && !has("Integrated") && "true needs Integrated in authMechanism",
  },
  {
    property: "extendedProtectionPolicy",
    find({ values, has, hasTls }) {
      const { extendedProtectionPolicy: policy } = values;
      if (policy === "None") return undefined;
      if (!has("Integrated")) return `${policy} needs Integrated in authMechanism`;
      return policy === "Require" && !hasTls && `Require needs ${TLS_CURE}`;
    },
  },
];

/** Who may do what. */
const PERMISSIONS: readonly Check[] = [
  {
    property: "permissionGroups",
    find: ({ values, admits }) =>
      admits("None") && new Set(values.permissionGroups).size > 1 && "None must stand alone",
  },
  {
    property: "permissionGroups",
    find: ({ values, admits }) =>
      admits("Custom") &&
      Object.keys(values.extendedRights).length === 0 &&
      "Custom needs extendedRights, which says who has which rights",
  },
  {
    property: "partnerCertificateNames",
    find: ({ values, admits }) =>
      values.partnerCertificateNames.length > 0 &&
      !admits("Partners") &&
      "needs Partners in permissionGroups",
  },
  {
    property: "partnerCertificateNames",
    find: ({ values, hasTls }) =>
      values.partnerCertificateNames.length > 0 && !hasTls && `needs ${TLS_CURE}`,
  },
  {
    property: "defaultDomain",
    find({ values, acceptedDomains }) {
      const domain: Domain | undefined = values.defaultDomain;
      if (domain === undefined) return undefined;
      const found = findAcceptedDomain({ acceptedDomains }, domain);
      return found === undefined && `${domain} is not among acceptedDomains; add it there`;
    },
  },
];

const CHANNEL: readonly Check[] = [
  {
    property: "requireTLS",
    find: ({ values, hasTls }) => values.requireTLS && !hasTls && "true needs Tls in authMechanism",
  },
  {
    property: "domainSecureEnabled",
    find: ({ values, hasTls }) =>
      values.domainSecureEnabled && !hasTls && "true needs Tls in authMechanism",
  },
  {
    property: "domainSecureEnabled",
    find: ({ values, has }) =>
      values.domainSecureEnabled &&
      has("ExternalAuthoritative") &&
      "must be false with ExternalAuthoritative in authMechanism",
  },
  {
    property: "tlsCertificateName",
    find: ({ values, hasTls }) =>
      values.tlsCertificateName !== undefined && !hasTls && `needs ${TLS_CURE}`,
  },
  {
    property: "tlsMinimumVersion",
    find({ values }) {
      const { tlsMinimumVersion: minimum, tlsProfile } = values;
      const least = PROFILE_MINIMUM[tlsProfile];
      if (minimum === undefined || VERSIONS.indexOf(minimum) >= VERSIONS.indexOf(least)) {
        return undefined;
      }
      return `${minimum} is below ${least}, the oldest of tlsProfile ${tlsProfile}; raise it`;
    },
  },
];

const EXTENSIONS: readonly Check[] = [
  {
    property: "binaryMimeEnabled",
    find: ({ values, given }) =>
      given.has("binaryMimeEnabled") &&
      values.binaryMimeEnabled &&
      !values.chunkingEnabled &&
      "true needs chunkingEnabled: true",
  },
  {
    property: "longAddressesEnabled",
    find: ({ values }) =>
      values.longAddressesEnabled &&
      values.transportRole !== "HubTransport" &&
      "true needs transportRole: HubTransport",
  },
];

const CHECKS: readonly Check[] = [...AUTHENTICATION, ...PERMISSIONS, ...CHANNEL, ...EXTENSIONS];

/** Reports whatever of a connector's properties contradicts another (reference §2.4, §2.5). */
export function checkReceiveConnector(
  object: ReadConnector,
  usage: UsageProperties,
  acceptedDomains: readonly AcceptedDomain[],
): void {
  const { given, report } = object;
  const values: Properties = { ...object.values, ...usage };
  const has = (mechanism: AuthMechanism) => values.authMechanism.includes(mechanism);
  const admits = (group: PermissionGroup) => values.permissionGroups.includes(group);
  const hasTls = has("Tls") || values.implicitTlsEnabled;
  const checked = { values, given, acceptedDomains, has, admits, hasTls };
  for (const { property, find } of CHECKS) {
    const message = find(checked);
    if (typeof message === "string") report(property, `${property}: ${message}`);
  }
  checkTimes(object);
}

function checkTimes({ values, given, report }: ReadConnector): void {
  if (values.connectionTimeoutMs > values.connectionInactivityTimeoutMs) return;
  const isInactivity = !given.has("connectionTimeout");
  const property = isInactivity ? "connectionInactivityTimeout" : "connectionTimeout";
  report(
    property,
    `${property}: connectionTimeout must be longer than connectionInactivityTimeout`,
  );
}
