import type { Address } from "../../mail/address.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import type { Verdict } from "../../smtp/session-handler.ts";
import { POLICY_REPLY } from "./policy-reply.ts";
import type { RecipientDecision } from "./recipient-policy.ts";

/**
 * Whether a client may name that alternate recipient (ORAR of XORAR): only whom he may send to as
 * well, or it would be a way around the relay's rules. `undefined`: he may.
 * @param find `undefined` where the directory could not be asked
 */
export async function judgeAlternate(
  decision: RecipientDecision,
  find: (
    addresses: readonly Address[],
  ) => Promise<readonly (OrganizationRecipient | undefined)[] | undefined>,
): Promise<Verdict> {
  if (decision.kind === "accept") return undefined;
  if (decision.kind === "refuse") return POLICY_REPLY.unableToRelay;
  const found = await find(decision.addresses);
  if (found === undefined) return POLICY_REPLY.temporaryError;
  if (decision.ifUnknown === "accept" || found.some((one) => one !== undefined)) return undefined;
  return POLICY_REPLY.unableToRelay;
}
