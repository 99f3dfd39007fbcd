import type { SendConnector } from "../../org/organization.ts";
import type { Fault, Outcome } from "../queue/outcome.ts";

/** What a connector makes of failures (reference §3.1). */
export type ErrorPolicies = Pick<SendConnector, "errorPolicies" | "customFailureCodes">;

/** The connector's policies, `undefined` where they change nothing. */
export function errorPoliciesOf(connector: ErrorPolicies): ErrorPolicies | undefined {
  return connector.errorPolicies.every((policy) => policy === "Default") ? undefined : connector;
}

/**
 * The outcome as the connector's policies have it: replies that the administrator has named count
 * as temporary, or as final. What was said stays verbatim; the status changes its class.
 */
export function applyErrorPolicies(outcome: Outcome, policies: ErrorPolicies): Outcome {
  if (outcome.kind !== "failed" && outcome.kind !== "deferred") return outcome;
  const { fault } = outcome;
  if (!isNamed(fault, policies.customFailureCodes)) return outcome;
  const { errorPolicies } = policies;
  if (outcome.kind === "failed") {
    if (!errorPolicies.includes("DowngradeCustomFailures")) return outcome;
    return { kind: "deferred", fault: { ...fault, status: fault.status.replace(/^5/, "4") } };
  }
  if (!errorPolicies.includes("UpgradeCustomFailures")) return outcome;
  return { kind: "failed", fault: { ...fault, status: fault.status.replace(/^4/, "5") } };
}

/** Only what a host said: our own words have codes that nobody has chosen. */
function isNamed(fault: Fault, codes: readonly string[]): boolean {
  if (fault.hop === undefined || fault.attemptUnknown === true) return false;
  return codes.includes(fault.diagnostic.slice(0, 3)) || codes.includes(fault.status);
}

/** The fault of a domain that DNS calls impossible, tried again with DowngradeDnsFailures. */
export function downgradeDns(fault: Fault, policies: ErrorPolicies): Fault | undefined {
  if (!policies.errorPolicies.includes("DowngradeDnsFailures")) return undefined;
  return {
    ...fault,
    status: fault.status.replace(/^5/, "4"),
    diagnostic: fault.diagnostic.replace(/^5\d\d 5\./, "451 4."),
  };
}
