import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import type { ResubmitStatus } from "./services.ts";

/** A request as cmdlets show it. */
export const RESUBMIT_REQUEST = {
  name: "ResubmitRequest",
  table: ["Identity", "StartTime", "EndTime", "State", "ResubmittedRecipients"],
  properties: {
    Identity: { kind: "text", doc: "The request's number." },
    StartTime: { kind: "date", doc: "Messages delivered from then on." },
    EndTime: { kind: "date", doc: "Messages delivered before then." },
    Recipient: { kind: "text", doc: "Only this recipient." },
    Sender: { kind: "text", doc: "Only messages of this sender." },
    MessageId: { kind: "text", doc: "Only the message with this Message-ID." },
    Destination: { kind: "text", doc: "Only what went to this next hop." },
    ResubmitTo: { kind: "text", doc: "Who gets the messages, in place of their recipients." },
    State: {
      kind: "choice",
      doc: "How it is.",
      choices: ["Running", "Paused", "Completed"],
    },
    ResubmittedRecipients: { kind: "number", doc: "Recipients found so far." },
    CreatedBy: { kind: "text", doc: "Who made it." },
    CreationTime: { kind: "date", doc: "When." },
    CompletionTime: { kind: "date", doc: "When all had been found." },
  },
} as const satisfies OutputType;

/** A request as an object of that type. */
export function resubmitInfo({
  request,
  progress,
}: ResubmitStatus): OutputOf<typeof RESUBMIT_REQUEST> {
  const { endedMs } = progress ?? {};
  return {
    Identity: String(request.id),
    StartTime: dateOf(request.startMs),
    EndTime: dateOf(request.endMs),
    Recipient: request.recipient ?? null,
    Sender: request.sender ?? null,
    MessageId: request.messageId ?? null,
    Destination: request.destination ?? null,
    ResubmitTo: request.resubmitTo ?? null,
    State: stateOf({ request, progress }),
    ResubmittedRecipients: progress?.done ?? 0,
    CreatedBy: request.by,
    CreationTime: dateOf(request.createdMs),
    CompletionTime: endedMs === undefined ? null : dateOf(endedMs),
  };
}

function stateOf({ request, progress }: ResubmitStatus): string {
  if (progress?.state === "Completed") return "Completed";
  return request.enabled ? "Running" : "Paused";
}

function dateOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
