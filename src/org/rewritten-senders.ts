import { type Address, type Domain, domainOf } from "../mail/address.ts";
import { looksRewritten, type SenderRewriting } from "../mail/srs.ts";
import { defaultAcceptedDomain, findAcceptedDomain } from "./accepted-domain.ts";
import type { CachedDirectory } from "./directory.ts";
import type { Organization, OrganizationRecipient } from "./organization.ts";
import { recipientFromRow } from "./recipient-reader.ts";

/** The domain of rewritten senders; `undefined`: no domain of ours could take their notices. */
export function rewritingDomain(
  organization: Pick<Organization, "acceptedDomains">,
): Domain | undefined {
  const { acceptedDomains } = organization;
  const own = (type: string) => type === "Authoritative";
  const main = defaultAcceptedDomain(organization);
  if (main !== undefined && own(main.domainType)) return main.domainName;
  return acceptedDomains.find(({ domainType }) => own(domainType))?.domainName;
}

/**
 * The directory with rewritten senders in it: each is a contact that stands for the sender whom
 * notices are to reach. What is forged or too old is nobody.
 */
export function withRewrittenSenders(
  directory: CachedDirectory,
  rewriting: SenderRewriting,
  organization: () => Pick<Organization, "acceptedDomains">,
): CachedDirectory {
  const find = (address: Address): OrganizationRecipient | undefined => {
    if (!looksRewritten(address)) return undefined;
    const domain = findAcceptedDomain(organization(), domainOf(address));
    if (domain?.domainType !== "Authoritative") return undefined;
    const found = rewriting.reverse(address);
    return found.kind === "rewritten" ? contactOf(address, found.original) : undefined;
  };
  return {
    peekRecipient: (address) => find(address) ?? directory.peekRecipient(address),
    invalidate: () => directory.invalidate(),
    readMembers: (group, page) => directory.readMembers(group, page),
    async findRecipients(addresses) {
      const found = await directory.findRecipients(addresses);
      return found.map((one, index) => {
        const address = addresses[index];
        return one ?? (address === undefined ? undefined : find(address));
      });
    },
  };
}

function contactOf(address: Address, original: Address): OrganizationRecipient {
  const properties = { name: address, primarySmtpAddress: address, externalEmailAddress: original };
  const json = JSON.stringify({ ...properties, name: "Rewritten sender" });
  return recipientFromRow({ kind: "mailContact", name: "Rewritten sender", json, memberCount: 0 });
}
