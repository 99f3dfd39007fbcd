import {
  type Address,
  addressKey,
  domainOf,
  LOCAL_PART_OCTETS_MAX,
  localPartOf,
  parseAddress,
} from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type {
  RoutingAgent,
  RoutingAnswer,
  RoutingDecision,
  RoutingMessage,
} from "../agents/routing-agent.ts";

/**
 * Names the recipient in the envelope sender of mail that leaves for other domains (VERP), for
 * senders who have asked for it: each recipient gets a copy of his own, and a notice about it says
 * to whom it was, whatever else is in it. What stands behind the plus is a detail of the sender's
 * address, so the notice comes to him.
 */
export function variableEnvelopeAgent(): RoutingAgent {
  return {
    agent: TRANSPORT_AGENTS.variableEnvelope,
    on: { OnCategorizedMessage: judge },
    hears: ({ transportConfig }) => transportConfig.variableEnvelopeSenders.length > 0,
  };
}

function judge({ organization, message, recipients }: RoutingMessage): RoutingAnswer | undefined {
  const { sender } = message.envelope;
  const { variableEnvelopeSenders: wanted } = organization.transportConfig;
  if (sender === "") return undefined;
  const key = addressKey(sender);
  if (!wanted.some((one) => addressKey(one) === key)) return undefined;
  const decisions = recipients.flatMap(({ recipient }): RoutingDecision[] => {
    const { address, position } = recipient;
    if (findAcceptedDomain(organization, domainOf(address)) !== undefined) return [];
    const named = nameRecipient(sender, address);
    if (named === undefined) return [];
    return [{ positions: [position], fate: { kind: "deliver", changes: { sender: named } } }];
  });
  return decisions.length === 0 ? undefined : { decisions };
}

/** `news+bob=fabrikam.com@contoso.com`; `undefined` when that is no address. */
function nameRecipient(sender: Address, recipient: Address): Address | undefined {
  const [own, local] = [localPartOf(sender), localPartOf(recipient)];
  const text = `${own}+${local}=${domainOf(recipient)}`;
  const isPlain = !own.startsWith('"') && !local.startsWith('"') && !own.includes("+");
  if (!isPlain || Buffer.byteLength(text) > LOCAL_PART_OCTETS_MAX) return undefined;
  return parseAddress(`${text}@${domainOf(sender)}`, { smtpUtf8: true });
}
