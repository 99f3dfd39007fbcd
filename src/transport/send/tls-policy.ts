import { unreachable } from "../../base/assert.ts";
import type { TlsaRecord } from "../../dns/message.ts";
import type { TlsaAnswer } from "../../dns/tlsa-lookup.ts";
import type { SendConnector } from "../../org/organization.ts";
import type { TlsPolicy } from "../../org/tls-settings.ts";
import { usableTlsa } from "../../tls/dane.ts";
import { isAllowedMx } from "../../tls/mta-sts.ts";
import type { PeerCheck } from "../../tls/peer-check.ts";
import type { TlsReportPolicy, TlsResultType } from "../../tls/tls-report.ts";
import type { StsState } from "./sts-source.ts";

type Wanted = "off" | "opportunistic" | "required";

/** What our own settings want of TLS with the hosts of one domain. */
export interface TlsRequirement {
  /** Which setting says so: for the logs, and for whoever has to change it. */
  readonly origin: string;
  readonly startTls: "never" | "opportunistic" | "required";
  readonly check: "none" | "chain" | "name";
  /** For `name`; empty: the name of the host. */
  readonly names: readonly string[];
  readonly dane: Wanted;
  readonly sts: Wanted;
  /** Our own certificate is shown, too. */
  readonly isMutual: boolean;
}

/** What decides it. */
export interface TlsQuestion {
  readonly connector: SendConnector;
  readonly policies: readonly TlsPolicy[];
  /** `tlsSendDomainSecureList` */
  readonly secureDomains: readonly string[];
  /** The recipients' domain; with smart hosts the name of the smart host, "" for an address. */
  readonly domain: string;
}

const NO_CHECK = { check: "none", names: [] } as const;
const UNPUBLISHED = { dane: "off", sts: "off", isMutual: false } as const;

/**
 * The requirement of a domain, from one place alone, the first that knows it:
 * 1. Domain Security: the connector has it switched on, and the domain is on the list.
 * 2. The TLS policy with the most specific name. It stands in place of all that the connector says
 *    about TLS: an administrator who names a domain means it, also where that asks for less.
 * 3. The connector.
 */
export function requirementOf(question: TlsQuestion): TlsRequirement {
  const { connector, policies, secureDomains, domain } = question;
  if (connector.domainSecureEnabled && secureDomains.includes(domain)) {
    return {
      origin: `transportConfig.tlsSendDomainSecureList (${domain})`,
      startTls: "required",
      check: "name",
      names: [domain, `*.${domain}`],
      ...UNPUBLISHED,
      isMutual: true,
    };
  }
  const policy = selectTlsPolicy(policies, domain);
  return policy === undefined ? ofConnector(connector, domain) : ofPolicy(policy);
}

/** The policy with the longest name that is or holds the domain. */
export function selectTlsPolicy(
  policies: readonly TlsPolicy[],
  domain: string,
): TlsPolicy | undefined {
  let best: TlsPolicy | undefined;
  for (const policy of policies) {
    if (policy.name === domain) return policy;
    if (!policy.name.startsWith("*.")) continue;
    const tree = policy.name.slice(2);
    if (domain !== tree && !domain.endsWith(`.${tree}`)) continue;
    if (best === undefined || policy.name.length > best.name.length) best = policy;
  }
  return best;
}

function ofPolicy({ name, mode, tlsDomain }: TlsPolicy): TlsRequirement {
  const origin = `TLS policy ${name}`;
  const base = { origin, startTls: "required", ...NO_CHECK, ...UNPUBLISHED } as const;
  switch (mode) {
    case "None":
      return { ...base, startTls: "never" };
    case "Opportunistic":
      return { ...base, startTls: "opportunistic" };
    case "EncryptionOnly":
      return base;
    case "CertificateValidation":
      return { ...base, check: "chain" };
    case "DomainValidation":
      return { ...base, check: "name", names: tlsDomain === undefined ? [] : [tlsDomain] };
    case "Dane":
      return { ...base, dane: "required" };
    case "MtaSts":
      return { ...base, sts: "required" };
    default:
      return unreachable(mode);
  }
}

const WANTED = { None: "off", Opportunistic: "opportunistic", Mandatory: "required" } as const;

function ofConnector(connector: SendConnector, domain: string): TlsRequirement {
  const origin = `send connector ${connector.name}`;
  const published = {
    dane: WANTED[connector.smtpDaneMode],
    sts: WANTED[connector.mtaStsMode],
    isMutual: false,
  } as const;
  if (connector.requireTLS || published.dane === "required") {
    const check = CHECK_OF[connector.tlsAuthLevel ?? "EncryptionOnly"];
    // Reference §3.1: without TlsDomain the recipient's domain is what the name is compared with.
    const named = connector.tlsDomain ?? (connector.smartHosts.length > 0 ? undefined : domain);
    const names = check === "name" && named !== undefined ? [named] : [];
    return { origin, startTls: "required", check, names, ...published };
  }
  if (connector.ignoreSTARTTLS) return { origin, startTls: "never", ...NO_CHECK, ...UNPUBLISHED };
  return { origin, startTls: "opportunistic", ...NO_CHECK, ...published };
}

/**
 * The requirement for messages with `TLS-Required: No` (RFC 8689 §3): what the recipients' domain
 * publishes is passed over, what our own settings ask for is not.
 */
export function withoutPublished(requirement: TlsRequirement): TlsRequirement {
  const { origin, dane, sts } = requirement;
  return {
    ...requirement,
    origin: `${origin}, TLS-Required: No`,
    dane: dane === "required" ? dane : "off",
    sts: sts === "required" ? sts : "off",
  };
}

const CHECK_OF = {
  EncryptionOnly: "none",
  CertificateValidation: "chain",
  DomainValidation: "name",
} as const;

/** What is known of one host when the decision falls. */
export interface TlsHostFacts {
  /** As `TlsQuestion`. */
  readonly domain: string;
  /** Name of the host, "" where only an address is known. */
  readonly host: string;
  /** `none` where DNSSEC does not vouch for the host list (RFC 7672 §2.2.1). */
  readonly tlsa: TlsaAnswer;
  readonly sts: StsState;
}

/** What TLS with one host must come to. */
export type TlsDecision = {
  /** What the policy is, and who says so, for the logs. */
  readonly label: string;
  readonly policy: Pick<TlsReportPolicy, "type" | "text" | "mxHosts">;
} & (
  | {
      readonly kind: "try";
      readonly startTls: "never" | "opportunistic" | "required";
      /** What a connection has come to that passes, in the words of `tlsPolicies`. */
      readonly mode: TlsPolicy["mode"];
      /** All must be passed before anything else is said. */
      readonly checks: readonly PeerCheck[];
      /** What would have to be passed if the domain did not just test its policy. */
      readonly watched: readonly PeerCheck[];
      /** Known already to go wrong, and only reported. */
      readonly failure: TlsFailure | undefined;
    }
  /** The host must not be used. */
  | { readonly kind: "refuse"; readonly failure: TlsFailure }
);

/** Why a policy is not met. */
export interface TlsFailure {
  readonly type: TlsResultType;
  readonly detail: string;
}

/**
 * Decides for one host. What the settings want is always met; DANE, where it applies, comes besides
 * and instead of MTA-STS (RFC 8461 §2), which comes besides where DANE does not.
 */
export function decideTls(requirement: TlsRequirement, facts: TlsHostFacts): TlsDecision {
  const own = ownChecks(requirement, facts.host);
  if (own === undefined) {
    const detail = "the host has no name that its certificate could bear: set tlsDomain";
    return refuse(requirement, NO_POLICY, { type: "validation-failure", detail });
  }
  // TLSA records that nobody can use say at least that there is TLS (RFC 7672 §2.2).
  const startTls = isEncryptedByDane(requirement, facts) ? "required" : requirement.startTls;
  const usual = { startTls, mode: modeOf(requirement.check, startTls), checks: own } as const;
  return (
    decideByDane(requirement, facts, own) ??
    decideBySts(requirement, facts, usual) ?? {
      ...usual,
      kind: "try",
      label: labelOf(LEVEL_LABEL[requirement.check], requirement),
      policy: NO_POLICY,
      watched: [],
      failure: undefined,
    }
  );
}

const NO_POLICY = { type: "no-policy-found", text: [], mxHosts: [] } as const;
const LEVEL_LABEL = { none: "no policy", chain: "valid certificate", name: "certificate name" };

function labelOf(what: string, { origin, startTls }: TlsRequirement): string {
  return `${what}, TLS ${startTls} by ${origin}`;
}

function modeOf(
  check: TlsRequirement["check"],
  startTls: TlsRequirement["startTls"],
): TlsPolicy["mode"] {
  if (check === "name") return "DomainValidation";
  if (check === "chain") return "CertificateValidation";
  return STARTTLS_MODE[startTls];
}

const STARTTLS_MODE = {
  never: "None",
  opportunistic: "Opportunistic",
  required: "EncryptionOnly",
} as const;

function ownChecks(
  { check, names }: TlsRequirement,
  host: string,
): readonly PeerCheck[] | undefined {
  if (check === "none") return [];
  if (check === "chain") return [{ kind: "chain" }];
  const wanted = names.length > 0 ? names : [host];
  if (wanted.includes("")) return undefined;
  return [{ kind: "name", names: wanted, commonName: "fallback" }];
}

function refuse(
  requirement: TlsRequirement,
  policy: TlsDecision["policy"],
  failure: TlsFailure,
): TlsDecision {
  return { kind: "refuse", label: labelOf(policy.type, requirement), policy, failure };
}

function isEncryptedByDane({ dane }: TlsRequirement, { tlsa }: TlsHostFacts): boolean {
  return dane !== "off" && tlsa.kind === "records";
}

function decideByDane(
  requirement: TlsRequirement,
  { domain, host, tlsa }: TlsHostFacts,
  own: readonly PeerCheck[],
): TlsDecision | undefined {
  if (requirement.dane === "off") return undefined;
  const text = tlsa.kind === "records" ? tlsa.records.slice(0, RECORDS_SHOWN).map(formatTlsa) : [];
  const policy = { type: "tlsa", text, mxHosts: [host] } as const;
  if (tlsa.kind === "failed") {
    // RFC 7672 §2.1.1: whoever keeps the answer from us may want us to do without.
    const detail = `TLSA records cannot be looked up: ${tlsa.reason}`;
    return refuse(requirement, policy, { type: "dnssec-invalid", detail });
  }
  if (tlsa.kind === "none") {
    if (requirement.dane !== "required") return undefined;
    const detail = "the domain has no TLSA records that DNSSEC vouches for";
    return refuse(requirement, policy, { type: "dane-required", detail });
  }
  const records = usableTlsa(tlsa.records);
  if (records.length === 0) {
    if (requirement.dane !== "required") return undefined;
    return refuse(requirement, policy, {
      type: "tlsa-invalid",
      detail: "no TLSA record is usable",
    });
  }
  // RFC 7672 §3.2.2
  const names = [...new Set([tlsa.baseDomain, host, domain])].filter((name) => name !== "");
  return {
    kind: "try",
    label: labelOf("DANE", requirement),
    policy,
    startTls: "required",
    mode: "Dane",
    checks: [{ kind: "dane", records, names }, ...own],
    watched: [],
    failure: undefined,
  };
}

const RECORDS_SHOWN = 8;

function formatTlsa({ usage, selector, matchingType, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matchingType} ${Buffer.from(data).toString("hex")}`;
}

function decideBySts(
  requirement: TlsRequirement,
  facts: TlsHostFacts,
  usual: Pick<TlsDecision & { readonly kind: "try" }, "startTls" | "mode" | "checks">,
): TlsDecision | undefined {
  const { sts, host } = facts;
  if (requirement.sts === "off") return undefined;
  const base = { ...usual, kind: "try", watched: [] } as const;
  if (sts.kind === "none" || sts.policy.mode === "none") {
    const failure = sts.kind === "none" ? sts.failure : undefined;
    const policy = { ...NO_POLICY, type: "sts" } as const;
    if (requirement.sts === "required") {
      const detail = "the domain has no MTA-STS policy";
      return refuse(requirement, policy, failure ?? { type: "sts-policy-fetch-error", detail });
    }
    if (failure === undefined) return undefined;
    // Without a policy there is nothing to hold the domain to (RFC 8461 §3.3), but to tell it.
    return { ...base, label: labelOf("MTA-STS unknown", requirement), policy, failure };
  }
  const { mode, mx } = sts.policy;
  const policy = { type: "sts", text: sts.text, mxHosts: mx } as const;
  const failure: TlsFailure | undefined = isAllowedMx(sts.policy, host)
    ? undefined
    : { type: "validation-failure", detail: `${host || "the host"} is not in the policy` };
  const check: PeerCheck = { kind: "name", names: [host], commonName: "never" };
  if (mode === "testing" && requirement.sts !== "required") {
    const watched = failure === undefined ? [check] : [];
    return { ...base, label: labelOf("MTA-STS testing", requirement), policy, watched, failure };
  }
  if (failure !== undefined) return refuse(requirement, policy, failure);
  return {
    ...base,
    label: labelOf("MTA-STS", requirement),
    policy,
    startTls: "required",
    mode: "MtaSts",
    checks: [check, ...usual.checks],
    failure: undefined,
  };
}
