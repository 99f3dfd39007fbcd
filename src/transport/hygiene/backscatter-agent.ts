import { type Address, addressKey, localPartOf } from "../../mail/address.ts";
import { type BounceTags, canBeTagged, looksTagged } from "../../mail/batv.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import { looksRewritten } from "../../mail/srs.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { BackscatterProtectionConfig } from "../../org/hygiene-settings.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  AgentSession,
  HeaderSubject,
  MessageAnswer,
  ReceiveAgent,
} from "../agents/receive-agent.ts";
import { isBypassed, isOurs } from "./outgoing-tagging.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";

/** RFC 3463: X.7.1, "delivery not authorized, message refused". */
const NOT_OURS: Reply = {
  code: 550,
  status: "5.7.1",
  lines: ["The message that this notice is about was not sent by us"],
};

/** Strangers alone: our own servers and people know whom they send notices to. */
const SCOPE = { enabled: true, externalMailEnabled: true, internalMailEnabled: false };

/**
 * Takes tags off the addresses that notices come back to, and refuses notices about messages that
 * others have sent in our name (BATV). Refused once the header is seen, not at RCPT: receipts,
 * which nobody sends to a tagged address, get in, and so do those who only ask whether there is
 * such an address.
 */
export function backscatterAgent(tags: Pick<BounceTags, "open">): ReceiveAgent {
  /** Recipients of the message at hand that had no tag. */
  const untagged = new WeakMap<AgentSession, Set<string>>();
  return {
    agent: TRANSPORT_AGENTS.backscatter,
    hears(session) {
      const { signingEnabled, rejectionEnabled } = configOf(session);
      return signingEnabled || (rejectionEnabled && mayBeInScope(SCOPE, session));
    },
    rewriteRecipient: (recipient, organization) =>
      looksTagged(recipient) && isOurs(organization, recipient) ? tags.open(recipient) : undefined,
    on: {
      OnMailCommand({ session }) {
        untagged.delete(session);
        return undefined;
      },
      OnRcptCommand({ session, envelope, recipient, given }) {
        if (!configOf(session).rejectionEnabled || !isInScope(SCOPE, session)) return undefined;
        if (envelope.sender !== "" || isBelieved(session, given)) return undefined;
        const known = untagged.get(session) ?? new Set();
        untagged.set(session, known.add(addressKey(recipient.address)));
        return undefined;
      },
      OnEndOfHeaders(subject) {
        const known = untagged.get(subject.session);
        return known === undefined ? undefined : judge(subject, known);
      },
    },
  };
}

function configOf({
  organization,
}: Pick<AgentSession, "organization">): BackscatterProtectionConfig {
  return organization.hygiene.backscatterProtectionConfig;
}

/** Whether notices to the address need no tag, or have one: what is forged has found nobody. */
function isBelieved({ organization }: AgentSession, given: Address): boolean {
  if (looksTagged(given) || looksRewritten(given) || !canBeTagged(given)) return true;
  if (!isOurs(organization, given) || /^postmaster$/i.test(localPartOf(given))) return true;
  return isBypassed(organization.hygiene.backscatterProtectionConfig.bypassedRecipients, given);
}

function judge(
  { recipients, headerBytes }: HeaderSubject,
  known: ReadonlySet<string>,
): MessageAnswer | undefined {
  const forged = recipients.filter(({ address }) => known.has(addressKey(address)));
  if (forged.length === 0 || isReceipt(headerBytes)) return undefined;
  if (forged.length < recipients.length) {
    return { kind: "accept", removeRecipients: forged.map(({ address }) => address) };
  }
  const data = forged[0]?.address ?? "";
  return { kind: "refuse", reply: NOT_OURS, reason: "Backscatter", data };
}

/** A read receipt (RFC 8098 §3) goes to an address that the header has named. */
function isReceipt(headerBytes: Uint8Array): boolean {
  return parseHeaderFields(headerBytes).some(
    ({ name, value }) =>
      name === "content-type" && /report-type\s*=\s*"?disposition-notification/i.test(value),
  );
}
