import type { Address } from "../../mail/address.ts";
import { parseAddress } from "../../mail/address.ts";
import type { Directory } from "../../org/directory.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import { attributeOf } from "../../org/recipient-attributes.ts";
import { fieldAddresses } from "./directory-sight.ts";
import { type Sight, UNTOUCHED } from "./message-copy.ts";
import { FAULT, type RuleFacts } from "./rule-facts.ts";

/** Who of ours has sent a message: by From, else by MAIL FROM. Rejects with StoreFailure. */
export async function findSender(
  facts: RuleFacts,
  directory: Directory,
): Promise<OrganizationRecipient | undefined> {
  const sight: Sight = { facts, copy: UNTOUCHED };
  const authors = fieldAddresses(sight, ["from"]);
  const listed = authors === undefined || authors === FAULT ? [] : authors.slice(0, 1);
  const addresses = [...listed, ...(facts.sender === "" ? [] : [facts.sender])];
  if (addresses.length === 0) return undefined;
  const entries = await directory.findRecipients(addresses);
  return entries.find((entry) => entry !== undefined);
}

/** Address of the manager that the directory has of somebody. */
export function managerOf(entry: OrganizationRecipient | undefined): Address | undefined {
  const text = entry && attributeOf(entry, "manager");
  return text === undefined ? undefined : parseAddress(text, { smtpUtf8: true });
}
