import type { Domain } from "../mail/address.ts";
import type { NoticeKind } from "../mail/notice-decision.ts";
import type { Organization, RemoteDomain } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";

/** Remote domains; one domain in two of them is a fault. */
export function buildRemoteDomains(
  objects: readonly ReadObject<"remoteDomain">[],
): readonly RemoteDomain[] {
  const owners = new Map<string, string>();
  for (const { values, declared, report } of objects) {
    const owner = owners.get(values.domainName);
    owners.set(values.domainName, owner ?? declared.label);
    if (owner === undefined) continue;
    report("domainName", `domainName: ${values.domainName} already belongs to ${owner}`);
  }
  return objects.map(({ values }) => values);
}

/** Whether a sender in that domain is told; `undefined`: nothing is said of it. */
export function mayBeTold(kind: NoticeKind, remote: RemoteDomain | undefined): boolean {
  if (remote === undefined) return true;
  const isSetback = kind === "failed" || kind === "delayed";
  return isSetback ? remote.ndrEnabled : remote.deliveryReportEnabled;
}

/**
 * What holds for a domain that is not ours: the entry with its name, else the longest `*.domain`
 * that it lies in (the domain itself included), else that of `*`, else nothing.
 */
export function findRemoteDomain(
  { remoteDomains }: Pick<Organization, "remoteDomains">,
  domain: Domain,
): RemoteDomain | undefined {
  // Most have none, and each notice asks.
  if (remoteDomains.length === 0) return undefined;
  const byName = new Map(remoteDomains.map((one) => [one.domainName, one]));
  const exact = byName.get(domain);
  if (exact !== undefined) return exact;
  for (let parent: string = domain; parent !== ""; parent = parent.replace(/^[^.]*\.?/, "")) {
    const tree = byName.get(`*.${parent}`);
    if (tree !== undefined) return tree;
  }
  return byName.get("*");
}
