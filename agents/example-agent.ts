import type { AgentModule, MessageEvent, Reply } from "../src/agent-api/agent-api.ts";

// An agent that does a bit of everything; docs/agents.md walks through it. Node runs it as it is:
// the types, and the line that imports them, are for the editor.

/** Senders whose mail is refused. */
const REFUSED_DOMAINS = new Set(["spam.example"]);
/** Where mail for somebody who has left goes now. */
const SUCCESSORS: ReadonlyMap<string, string> = new Map([
  ["carol@contoso.test", "alice@contoso.test"],
]);
/** A message with these words is kept for an administrator to look at. */
const SUSPICIOUS = /wire transfer of \$[\d,]+/i;
const LOOKED_AT_OCTETS_MAX = 1024 * 1024;

const NOT_HERE: Reply = {
  code: 550,
  status: "5.7.1",
  lines: ["Mail from your domain is not wanted here"],
};

async function isSuspicious(message: MessageEvent): Promise<boolean> {
  if (message.bytes > LOOKED_AT_OCTETS_MAX) return false;
  const text = Buffer.from(await message.content()).toString("latin1");
  return SUSPICIOUS.test(text);
}

/** Refuses senders, holds suspicious messages back, marks the others, and redirects. */
export default {
  description: "Refuses, marks, holds back and redirects some mail, as an example.",
  events: {
    OnMailCommand({ envelope }) {
      const domain = envelope.sender.slice(envelope.sender.lastIndexOf("@") + 1);
      if (!REFUSED_DOMAINS.has(domain)) return undefined;
      return { kind: "refuse", reply: NOT_HERE, reason: "RefusedDomain", data: domain };
    },

    async OnEndOfData(message) {
      if (await isSuspicious(message)) {
        return { kind: "quarantine", type: "Phish", reason: "It speaks of a wire transfer" };
      }
      const text = `X-Example-Agent: ${message.session.remoteAddress}\r\n`;
      return { kind: "accept", edits: [{ kind: "prepend", text }] };
    },

    OnResolvedMessage({ recipients }) {
      const decisions = recipients.flatMap(({ position, asWritten }) => {
        const successor = SUCCESSORS.get(asWritten.toLowerCase());
        if (successor === undefined) return [];
        return [{ positions: [position], fate: { kind: "redirect", to: [successor] } as const }];
      });
      return decisions.length === 0 ? undefined : { decisions, info: "somebody has left" };
    },
  },
} satisfies AgentModule;
