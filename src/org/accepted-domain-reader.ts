import { quote } from "./configuration-fault.ts";
import type { AcceptedDomain } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";
import { DOMAIN_TREE } from "./settings/accepted-domain.ts";

/** Exactly one is the default: the first when none says so (reference §4.1). */
export function buildAcceptedDomains(
  objects: readonly ReadObject<"acceptedDomain">[],
): readonly AcceptedDomain[] {
  const domains = objects.flatMap((object) => {
    const domain = buildAcceptedDomain(object);
    return domain === undefined ? [] : [{ object, domain }];
  });
  const byName = new Map<string, ReadObject<"acceptedDomain">>();
  let chosen: ReadObject<"acceptedDomain"> | undefined;
  for (const { object, domain } of domains) {
    const twin = byName.get(domain.domainName);
    byName.set(domain.domainName, object);
    if (twin !== undefined) {
      const property = object.given.has("domainName") ? "domainName" : "name";
      const owner = twin.declared.label;
      object.report(property, `${property}: ${domain.domainName} already belongs to ${owner}`);
    }
    if (!domain.default) continue;
    if (chosen === undefined) chosen = object;
    else object.report("default", `default: ${chosen.declared.label} is the default already`);
  }
  const first = chosen ?? domains[0]?.object;
  return domains.map(({ object, domain }) => ({ ...domain, default: object === first }));
}

function buildAcceptedDomain(object: ReadObject<"acceptedDomain">): AcceptedDomain | undefined {
  const { values } = object;
  const { name } = values;
  const problems: string[] = [];
  const text = { kind: "scalar", text: name, at: object.declared.properties.at } as const;
  const tree =
    values.domainName ?? DOMAIN_TREE.read(text, (_, problem) => void problems.push(problem));
  if (tree === undefined) {
    object.report("name", `name: ${quote(name)} ${problems.join()}, or give domainName`);
    return undefined;
  }
  const matchSubDomains = values.matchSubDomains || tree.isTree;
  if (tree.isTree && object.given.has("matchSubDomains") && !values.matchSubDomains) {
    object.report("matchSubDomains", `matchSubDomains: false contradicts *.${tree.domain}`);
  }
  return { ...values, domainName: tree.domain, matchSubDomains };
}
