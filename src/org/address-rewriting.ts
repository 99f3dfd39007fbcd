import { type Address, type Domain, domainOf } from "../mail/address.ts";
import { findAcceptedDomain } from "./accepted-domain.ts";
import type { AddressRewriteEntry } from "./address-rewrite-entry.ts";
import type { AcceptedDomain } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";

const TREE = "*.";

/**
 * The entries. Faults: an address for a domain or the other way about, what `*.domain` demands, a
 * domain that is not authoritative, and an address that two entries claim.
 */
export function buildAddressRewriteEntries(
  objects: readonly ReadObject<"addressRewriteEntry">[],
  acceptedDomains: readonly AcceptedDomain[],
): readonly AddressRewriteEntry[] {
  const internal = new Map<string, string>();
  const external = new Map<string, string>();
  for (const { values, declared, report } of objects) {
    checkForm(values, report);
    const domain = internalDomain(values);
    if (findAcceptedDomain({ acceptedDomains }, domain)?.domainType !== "Authoritative") {
      const text = `${domain} is not an accepted domain that is Authoritative`;
      report("internalAddress", `internalAddress: ${text}`);
    }
    const claims = [
      { owners: internal, property: "internalAddress", value: values.internalAddress },
      // Nothing comes back by an entry that is only for the way out.
      ...(values.outboundOnly
        ? []
        : [{ owners: external, property: "externalAddress", value: values.externalAddress }]),
    ];
    for (const { owners, property, value } of claims) {
      const key = value.toLowerCase();
      const owner = owners.get(key);
      owners.set(key, owner ?? declared.label);
      if (owner !== undefined) report(property, `${property}: ${value} is already in ${owner}`);
    }
  }
  return objects.map(({ values }) => values);
}

function internalDomain({ internalAddress }: AddressRewriteEntry): Domain {
  if (internalAddress.includes("@")) return domainOf(internalAddress as Address);
  // The setting has read it as a domain.
  return internalAddress.replace(TREE, "") as Domain;
}

function checkForm(
  values: AddressRewriteEntry,
  report: (property: string, message: string) => void,
): void {
  const { internalAddress, externalAddress, exceptionList, outboundOnly } = values;
  const isTree = internalAddress.startsWith(TREE);
  if (internalAddress.includes("@") !== externalAddress.includes("@")) {
    const text = "must be an address when internalAddress is one, and a domain when it is none";
    report("externalAddress", `externalAddress: ${text}`);
  }
  if (isTree && !outboundOnly) {
    const text = `${internalAddress} needs outboundOnly: true; nobody could tell its subdomains`;
    report("outboundOnly", `outboundOnly: ${text} apart again`);
  }
  if (!isTree && exceptionList.length > 0) {
    report("exceptionList", `exceptionList: needs an internalAddress of the form ${TREE}domain`);
  }
  const root = internalAddress.replace(TREE, "");
  const stranger = exceptionList.find((one) => one !== root && !one.endsWith(`.${root}`));
  if (isTree && stranger !== undefined) {
    report("exceptionList", `exceptionList: ${stranger} is not in ${internalAddress}`);
  }
}
