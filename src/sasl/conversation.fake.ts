import type { ClientExchange, SaslFault, ServerExchange } from "./mechanism.ts";

/** How both sides see the end of a conversation. */
export interface ConversationEnd {
  /** `succeeded`, or what the server found wrong; `cancelled`: the client did not go on. */
  readonly server: "succeeded" | "cancelled" | SaslFault["kind"];
  /** `believes`: takes a success for one; `doubts`: would not; or why it has cancelled. */
  readonly client: string;
  readonly account: string | undefined;
  readonly rounds: number;
}

const ROUNDS_MAX = 10;

/** Lets a client talk to a server as SMTP would, to the end. */
export async function converse(
  client: ClientExchange,
  server: ServerExchange<string>,
): Promise<ConversationEnd> {
  let response = await client.start();
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    const step = await server.next(response);
    const belief = client.isComplete ? "believes" : "doubts";
    if (step.kind === "succeeded") {
      return { server: "succeeded", client: belief, account: step.account, rounds };
    }
    if (step.kind === "failed") {
      return { server: step.fault.kind, client: belief, account: undefined, rounds };
    }
    const answer = await client.next(step.bytes);
    if (!answer.ok) {
      server.cancel();
      return { server: "cancelled", client: answer.fault, account: undefined, rounds };
    }
    response = answer.value;
  }
  throw new Error("a conversation without end");
}
