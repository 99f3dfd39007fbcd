import type { Domain } from "../mail/address.ts";
import type { SendConnector } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";

type ReadConnector = ReadObject<"sendConnector">;

/** Send connectors whose properties fit together (reference §3.1). */
export function buildSendConnectors(
  objects: readonly ReadConnector[],
  context: { readonly serverFqdn: Domain; readonly externalDNSServers: readonly string[] },
): readonly SendConnector[] {
  return objects.map((object) => {
    checkRouting(object, context.externalDNSServers);
    checkTls(object);
    checkLogon(object);
    checkErrorPolicies(object);
    return build(object, context.serverFqdn);
  });
}

function build({ values, given }: ReadConnector, serverFqdn: Domain): SendConnector {
  const { sourceIPAddress, usage, dnsRoutingEnabled: _, ...rest } = values;
  const isUnlimited = usage === "Internal" && !given.has("maxMessageSize");
  return {
    ...rest,
    maxMessageSize: isUnlimited ? Number.POSITIVE_INFINITY : values.maxMessageSize,
    fqdn: values.fqdn ?? serverFqdn,
    sourceIPAddresses: sourceIPAddress.filter((one) => one !== "0.0.0.0" && one !== "::"),
  };
}

function checkRouting(
  { values, report }: ReadConnector,
  externalDNSServers: readonly string[],
): void {
  const hasSmartHosts = values.smartHosts.length > 0;
  if (values.dnsRoutingEnabled === true && hasSmartHosts) {
    report("dnsRoutingEnabled", "dnsRoutingEnabled: must be false or left out with smartHosts");
  }
  if (values.dnsRoutingEnabled === false && !hasSmartHosts) {
    report("dnsRoutingEnabled", "dnsRoutingEnabled: false needs smartHosts");
  }
  if (values.useExternalDNSServersEnabled && externalDNSServers.length === 0) {
    report(
      "useExternalDNSServersEnabled",
      "useExternalDNSServersEnabled: true needs transportService.externalDNSServers",
    );
  }
  if (values.connectorType === "XPremises" && !values.cloudServicesMailEnabled) {
    report("connectorType", "connectorType: XPremises needs cloudServicesMailEnabled: true");
  }
}

function checkTls({ values, report }: ReadConnector): void {
  const complain = (property: keyof typeof values, message: string): void =>
    report(property, `${property}: ${message}`);
  const noTls = values.ignoreSTARTTLS ? "ignoreSTARTTLS" : "forceHELO";
  const hasNoTls = values.ignoreSTARTTLS || values.forceHELO;
  if (values.requireTLS && hasNoTls) complain(noTls, "must be false with requireTLS: true");
  if (values.tlsAuthLevel !== undefined && !values.requireTLS) {
    complain("tlsAuthLevel", `${values.tlsAuthLevel} needs requireTLS: true`);
  }
  const isByDomain = values.tlsAuthLevel === "DomainValidation";
  if (isByDomain && values.smartHosts.length > 0 && values.tlsDomain === undefined) {
    complain("tlsAuthLevel", "DomainValidation with smartHosts needs tlsDomain");
  }
  if (values.tlsDomain !== undefined && !isByDomain) {
    complain("tlsDomain", "needs tlsAuthLevel: DomainValidation");
  }
  if (values.tlsCertificateName !== undefined && hasNoTls) {
    complain("tlsCertificateName", `is never shown with ${noTls}: true; leave one of them out`);
  }
  if (values.smtpDaneMode === "Mandatory" && hasNoTls) {
    complain(noTls, "must be false with smtpDaneMode: Mandatory");
  }
  if (!values.domainSecureEnabled) return;
  if (values.smartHosts.length > 0) {
    complain("domainSecureEnabled", "true needs DNS routing; leave smartHosts out");
  }
  if (hasNoTls) complain(noTls, "must be false with domainSecureEnabled: true");
  // "*" is no wildcard domain: the list of secure domains says which of all are meant.
  const tree = values.addressSpaces.find(({ space }) => space.startsWith("*."));
  if (tree !== undefined) {
    complain(
      "domainSecureEnabled",
      `true excludes address spaces with subdomains, as ${tree.space}; name the domains`,
    );
  }
}

function checkLogon({ values, report }: ReadConnector): void {
  const mechanism = values.smartHostAuthMechanism;
  const complain = (message: string): void =>
    report("smartHostAuthMechanism", `smartHostAuthMechanism: ${message}`);
  const usesPassword =
    mechanism === "BasicAuth" || mechanism === "BasicAuthRequireTLS" || mechanism === "Ntlm";
  const logsOn = usesPassword || mechanism === "OAuth" || mechanism === "Certificate";
  if (mechanism !== "None" && values.smartHosts.length === 0) {
    complain(`${mechanism} needs smartHosts`);
  }
  if (logsOn && values.forceHELO) complain(`${mechanism} needs EHLO; forceHELO must be false`);
  const needsTls = logsOn && mechanism !== "BasicAuth" && mechanism !== "Ntlm";
  if (needsTls && values.ignoreSTARTTLS) {
    complain(`${mechanism} needs TLS; ignoreSTARTTLS must be false`);
  }
  if (usesPassword && values.authenticationCredential === undefined) {
    complain(`${mechanism} needs authenticationCredential`);
  }
  if (!usesPassword && values.authenticationCredential !== undefined) {
    report(
      "authenticationCredential",
      "authenticationCredential: needs smartHostAuthMechanism: BasicAuth, BasicAuthRequireTLS " +
        `or Ntlm, not ${mechanism}`,
    );
  }
  if (mechanism === "OAuth" && values.oauthClient === undefined)
    complain("OAuth needs oauthClient");
  if (mechanism !== "OAuth" && values.oauthClient !== undefined) {
    report("oauthClient", `oauthClient: needs smartHostAuthMechanism: OAuth, not ${mechanism}`);
  }
  if (mechanism === "Certificate" && values.tlsCertificateName === undefined) {
    complain("Certificate needs tlsCertificateName");
  }
}

const FAILURE_CODE = /^([45])(?:\d\d|\.\d{1,3}\.\d{1,3})$/;

function checkErrorPolicies({ values, given, report }: ReadConnector): void {
  const policies = new Set(values.errorPolicies);
  if (policies.has("Default") && policies.size > 1) {
    report("errorPolicies", "errorPolicies: Default must stand alone");
  }
  const classes = new Set<string>();
  for (const code of values.customFailureCodes) {
    const digit = FAILURE_CODE.exec(code)?.[1];
    if (digit === undefined) {
      report(
        "customFailureCodes",
        `customFailureCodes: "${code}" is no failure; write a reply code as in 550 or an ` +
          "enhanced status code as in 5.7.1",
      );
      return;
    }
    classes.add(digit);
  }
  for (const { policy, digit } of CUSTOM_POLICIES) {
    if (policies.has(policy) === classes.has(digit)) continue;
    const isMissing = policies.has(policy);
    const property =
      isMissing || !given.has("customFailureCodes") ? "errorPolicies" : "customFailureCodes";
    report(
      property,
      isMissing
        ? `errorPolicies: ${policy} needs codes that begin with ${digit} in customFailureCodes`
        : `customFailureCodes: codes that begin with ${digit} need ${policy} in errorPolicies`,
    );
  }
}

const CUSTOM_POLICIES = [
  { policy: "DowngradeCustomFailures", digit: "5" },
  { policy: "UpgradeCustomFailures", digit: "4" },
] as const;
