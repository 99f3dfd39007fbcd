import type { Domain } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { AcceptedDomain, AddressSpace, Organization } from "../../org/organization.ts";
import type { Route } from "../queue/categorization.ts";
import { FAULT } from "./fault-table.ts";
import { connectorQueueKey, selectSendConnector } from "./route.ts";

/** What the configuration says about a domain and a size of message. */
export interface DomainDecision {
  readonly acceptedDomain: AcceptedDomain | undefined;
  /** Its recipients are looked up in the directory. */
  readonly isLocal: boolean;
  /** The way out by send connector; `undefined` when every one for the domain is too small. */
  readonly external: Route | undefined;
}

/** Domains remembered per size class. A flood of domains costs a recomputation, not memory. */
const CACHED_DOMAINS_MAX = 10_000;

/**
 * Answers per domain from one snapshot of the organization, and remembers the answers: messages of
 * one size class, between two connectors' limits, all get the same.
 */
export class Router {
  readonly organization: Organization;
  /** Finite size limits of the connectors, ascending; size class n is past the first n of them. */
  readonly #limits: readonly number[];
  readonly #decisions: Map<string, DomainDecision>[];

  constructor(organization: Organization) {
    this.organization = organization;
    const sizes = organization.sendConnectors.map(({ maxMessageSize }) => maxMessageSize);
    this.#limits = [...new Set(sizes.filter(Number.isFinite))].sort((left, right) => left - right);
    this.#decisions = [...this.#limits, 0].map(() => new Map());
  }

  decide(domain: Domain, messageBytes: number): DomainDecision {
    const decisions = this.#decisions[this.#sizeClass(messageBytes)];
    const known = decisions?.get(domain);
    if (known !== undefined) return known;
    const decision = this.#compute(domain, messageBytes);
    if (decisions !== undefined) {
      if (decisions.size >= CACHED_DOMAINS_MAX) decisions.clear();
      decisions.set(domain, decision);
    }
    return decision;
  }

  #sizeClass(messageBytes: number): number {
    let sizeClass = 0;
    for (const limit of this.#limits) {
      if (messageBytes <= limit) break;
      sizeClass += 1;
    }
    return sizeClass;
  }

  #compute(domain: Domain, messageBytes: number): DomainDecision {
    const acceptedDomain = findAcceptedDomain(this.organization, domain);
    // ExternalRelay: none of its recipients is here (reference §4.1).
    const isLocal = acceptedDomain !== undefined && acceptedDomain.domainType !== "ExternalRelay";
    const { sendConnectors, server } = this.organization;
    const choice = selectSendConnector(sendConnectors, {
      domain,
      messageBytes,
      serverName: server.fqdn.toLowerCase(),
      home: isLocal ? spaceOf(acceptedDomain) : undefined,
    });
    const { connector, reasons } = choice;
    if (connector !== undefined) {
      const key = connectorQueueKey(connector, domain);
      return { acceptedDomain, isLocal, external: { kind: "queue", key, reasons } };
    }
    const external: Route | undefined = choice.allTooSmall
      ? undefined
      : { kind: "unreachable", fault: FAULT.noConnector, reasons };
    return { acceptedDomain, isLocal, external };
  }
}

function spaceOf({ domainName, matchSubDomains }: AcceptedDomain): AddressSpace["space"] {
  return matchSubDomains ? `*.${domainName}` : domainName;
}
