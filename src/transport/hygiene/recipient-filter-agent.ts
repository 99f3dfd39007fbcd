import { addressKey } from "../../mail/address.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { RecipientFilterConfig } from "../../org/hygiene-settings.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { AgentSession, ReceiveAgent } from "../agents/receive-agent.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";

/** Reference §9.4: nobody outside learns that the recipient is there. */
const UNKNOWN: Reply = { code: 550, status: "5.1.1", lines: ["User unknown"] };

const BLOCKED = new WeakMap<RecipientFilterConfig, ReadonlySet<string>>();

/** Recipients who get mail from inside only (reference §9.4). */
export const recipientFilterAgent: ReceiveAgent = {
  agent: TRANSPORT_AGENTS.recipientFilter,
  hears(session) {
    const config = configOf(session);
    const { blockListEnabled, blockedRecipients } = config;
    return blockListEnabled && blockedRecipients.length > 0 && mayBeInScope(config, session);
  },
  on: {
    OnRcptCommand({ session, recipient }) {
      const config = configOf(session);
      if (!isInScope(config, session)) return undefined;
      const key = addressKey(recipient.address);
      if (!blockedOf(config).has(key)) return undefined;
      return { kind: "refuse", reply: UNKNOWN, reason: "RecipientBlocked", data: key };
    },
  },
};

function configOf({ organization }: Pick<AgentSession, "organization">): RecipientFilterConfig {
  return organization.hygiene.recipientFilterConfig;
}

function blockedOf(config: RecipientFilterConfig): ReadonlySet<string> {
  let blocked = BLOCKED.get(config);
  if (blocked === undefined) {
    blocked = new Set(config.blockedRecipients.map(addressKey));
    BLOCKED.set(config, blocked);
  }
  return blocked;
}
