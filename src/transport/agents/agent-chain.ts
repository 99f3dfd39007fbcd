import type { Diagnostics } from "../../base/diagnostics.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Reply } from "../../smtp/reply.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import type { IncomingMessage, MessageAnswer, ReceiveAgent } from "./receive-agent.ts";

/** What all agents together make of a message. */
export type ChainAnswer =
  | { readonly kind: "accept"; readonly edits: readonly HeaderEdit[] }
  | {
      readonly kind: "refuse";
      readonly agent: ReceiveAgent;
      readonly reply: Reply;
      readonly reason: string;
    }
  | { readonly kind: "discard"; readonly agent: ReceiveAgent; readonly reason: string }
  | { readonly kind: "quarantine"; readonly agent: ReceiveAgent; readonly reason: string };

/** RFC 3463: X.3.0, "other or undefined mail system status". */
const AGENT_FAILED: Reply = {
  code: 451,
  status: "4.3.0",
  lines: ["The message could not be checked; try again later"],
};

const NOTHING: ChainAnswer = { kind: "accept", edits: [] };

/**
 * Asks agents one after the other, by priority; the first that refuses or discards ends it. One
 * that breaks defers the message: unchecked mail does not get in, and none is lost.
 *
 * `undefined`: no agent had anything to say, and no turn of the event loop was taken.
 * @throws StoreFailure when content cannot be read back
 */
export function askAgents(
  agents: readonly ReceiveAgent[],
  message: IncomingMessage,
  diagnostics: Pick<Diagnostics, "error">,
): Promise<ChainAnswer> | undefined {
  for (const [index, agent] of agents.entries()) {
    const answer = startAgent(agent, message, diagnostics);
    if (answer !== undefined) return goOn(agents, { index, agent, answer }, message, diagnostics);
  }
  return undefined;
}

async function goOn(
  agents: readonly ReceiveAgent[],
  first: {
    readonly index: number;
    readonly agent: ReceiveAgent;
    readonly answer: Promise<MessageAnswer>;
  },
  message: IncomingMessage,
  diagnostics: Pick<Diagnostics, "error">,
): Promise<ChainAnswer> {
  const edits: HeaderEdit[] = [];
  let { index, agent } = first;
  let asked: Promise<MessageAnswer> | undefined = first.answer;
  for (;;) {
    if (asked !== undefined) {
      const answer = await guarded(agent, asked, diagnostics);
      if (answer.kind !== "accept") return { ...answer, agent };
      edits.push(...(answer.edits ?? []));
    }
    index += 1;
    const next = agents[index];
    if (next === undefined) return edits.length === 0 ? NOTHING : { kind: "accept", edits };
    agent = next;
    asked = startAgent(agent, message, diagnostics);
  }
}

function startAgent(
  agent: ReceiveAgent,
  message: IncomingMessage,
  diagnostics: Pick<Diagnostics, "error">,
): Promise<MessageAnswer> | undefined {
  try {
    const asked = agent.on.OnEndOfData?.(message);
    return asked === undefined ? undefined : Promise.resolve(asked);
  } catch (error) {
    return Promise.resolve(failed(agent, error, diagnostics));
  }
}

async function guarded(
  agent: ReceiveAgent,
  asked: Promise<MessageAnswer>,
  diagnostics: Pick<Diagnostics, "error">,
): Promise<MessageAnswer> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof StoreFailure) throw error;
    return failed(agent, error, diagnostics);
  }
}

function failed(
  { agent }: ReceiveAgent,
  error: unknown,
  diagnostics: Pick<Diagnostics, "error">,
): MessageAnswer {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  diagnostics.error("agent-failed", { agent: agent.name, error: text });
  return { kind: "refuse", reply: AGENT_FAILED, reason: "AgentFailed" };
}
