import { isIP } from "node:net";
import type { MxHost, MxPlan } from "../../dns/mx-plan.ts";
import type { TlsaAnswer } from "../../dns/tlsa-lookup.ts";
import type { ClientTlsContext } from "../../net/client-connection.ts";
import type { Organization, SendConnector } from "../../org/organization.ts";
import type { Fault } from "../queue/outcome.ts";
import type { HostResolution, SendDependencies } from "./send-dependencies.ts";
import type { StsState } from "./sts-source.ts";
import type { TellTlsAttempt } from "./tls-attempt.ts";
import { tlsFault } from "./tls-fault.ts";
import {
  decideTls,
  requirementOf,
  type TlsDecision,
  type TlsFailure,
  type TlsRequirement,
  withoutPublished,
} from "./tls-policy.ts";

/** What TLS with one host must come to, and what is needed to begin it. */
export interface HopTls {
  readonly decision: TlsDecision & { readonly kind: "try" };
  /** The domain whose policy it is: the recipients', or the smart host's name; may be "". */
  readonly domain: string;
  readonly host: string;
  /** Nobody but who may has named this host (RFC 8689 §4.2.1): DNSSEC, MTA-STS, or ourselves. */
  readonly isVouched: boolean;
  readonly serverName: string | undefined;
  readonly context: ClientTlsContext | undefined;
}

/** Either that, or why the host must not be used. */
export type HostTls =
  | { readonly kind: "use"; readonly tls: HopTls }
  | { readonly kind: "refuse"; readonly fault: Fault };

/** Decides about the hosts of one lane. */
export interface TlsGuard {
  /**
   * What holds for the hosts of a domain, or of a smart host's name ("" for an address). Each host
   * is asked about as it is about to be tried. Never rejects.
   */
  readonly of: (domain: string) => DomainGuard;
}

/** As `TlsGuard`, for one domain. */
export interface DomainGuard {
  readonly decide: (
    host: MxHost,
    plan: Pick<MxPlan & { readonly kind: "hosts" }, "authenticated">,
  ) => Promise<HostTls>;
}

interface GuardParts {
  readonly connector: SendConnector;
  readonly organization: Organization;
  readonly routing: "mx" | "fixed";
  /** Messages that ask for it have what domains publish passed over (RFC 8689 §3). */
  readonly published: "heeded" | "ignored";
  readonly names: HostResolution;
  readonly dependencies: Pick<SendDependencies, "tlsContext">;
  readonly tlsAttempt: TellTlsAttempt;
}

/** Makes the guard of a lane: connector and policies as its snapshot has them. */
export function createTlsGuard(parts: GuardParts): TlsGuard {
  const { connector, organization, published } = parts;
  return {
    of(domain) {
      const requirement = requirementOf({
        connector,
        policies: organization.tlsPolicies,
        secureDomains: organization.transportConfig.tlsSendDomainSecureList,
        domain,
      });
      const own = published === "heeded" ? requirement : withoutPublished(requirement);
      return new Guard(parts, own, domain);
    },
  };
}

class Guard implements DomainGuard {
  readonly #parts: GuardParts;
  readonly #requirement: TlsRequirement;
  readonly #domain: string;
  #sts: Promise<StsState> | undefined;

  constructor(parts: GuardParts, requirement: TlsRequirement, domain: string) {
    this.#parts = parts;
    this.#requirement = requirement;
    this.#domain = domain;
  }

  async decide(
    host: MxHost,
    plan: Pick<MxPlan & { readonly kind: "hosts" }, "authenticated">,
  ): Promise<HostTls> {
    // A literal's host has its address for a name: nothing that DNS or a certificate speaks of.
    const name = isIP(host.name) === 0 ? host.name : "";
    const [tlsa, sts] = await Promise.all([
      this.#lookupTlsa(host, { isNamed: name !== "", ...plan }),
      name === "" ? NO_STS : this.#findSts(),
    ]);
    const facts = { domain: this.#domain, host: name, tlsa, sts };
    const decision = decideTls(this.#requirement, facts);
    if (decision.kind === "refuse") return this.#refuse(host, decision, decision.failure);
    const { connector, dependencies, routing } = this.#parts;
    const context = dependencies.tlsContext({
      certificateName: connector.tlsCertificateName,
      // Domain Security is mutual: without a certificate of ours it would be half of it.
      fqdn: this.#requirement.isMutual ? connector.fqdn : undefined,
      profile: connector.tlsProfile,
    });
    if (!context.ok && decision.startTls !== "never") {
      const detail = `our own certificate cannot be used: ${context.fault}`;
      return this.#refuse(host, decision, { type: "validation-failure", detail });
    }
    const isAllowed = decision.policy.type === "sts" && decision.policy.mxHosts.length > 0;
    const isVouched = routing === "fixed" || plan.authenticated === true || isAllowed;
    const serverName = name === "" ? undefined : tlsa.kind === "records" ? tlsa.baseDomain : name;
    const tls = { decision, domain: this.#domain, host: name, isVouched, serverName };
    return { kind: "use", tls: { ...tls, context: context.ok ? context.value : undefined } };
  }

  #refuse(host: MxHost, decision: TlsDecision, failure: TlsFailure): HostTls {
    const { policy, label } = decision;
    this.#parts.tlsAttempt({
      domain: this.#domain,
      policy,
      host: host.name,
      address: host.addresses[0] ?? "",
      localAddress: "",
      tls: undefined,
      failure,
    });
    return { kind: "refuse", fault: tlsFault({ failure, host: host.name, label }) };
  }

  async #lookupTlsa(
    host: MxHost,
    known: { readonly isNamed: boolean; readonly authenticated?: boolean },
  ): Promise<TlsaAnswer> {
    const { connector, names } = this.#parts;
    // RFC 7672 §2.2.1: hosts that anybody may have named are not worth authenticating.
    const isWorth = known.isNamed && known.authenticated === true;
    if (this.#requirement.dane === "off" || !isWorth) return { kind: "none" };
    return names.lookupTlsa(host, connector.port);
  }

  #findSts(): Promise<StsState> {
    const isAsked = this.#requirement.sts !== "off" && !this.#domain.startsWith("[");
    this.#sts ??=
      isAsked && this.#domain !== ""
        ? this.#parts.names.findSts(this.#domain)
        : Promise.resolve(NO_STS);
    return this.#sts;
  }
}

const NO_STS = { kind: "none", failure: undefined } as const;
