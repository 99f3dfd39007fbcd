import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { formatTime } from "./queue-info.ts";
import type { QueueJob, QueueJobTask } from "./services.ts";

/** What an act on queues or messages has come to, or how far a job is. */
export const ACT_INFO = {
  name: "QueueActInfo",
  table: ["Identity", "Act", "State", "Done", "Expected", "Filter", "By"],
  properties: {
    Identity: { kind: "text", doc: "What was acted on; the job's name when it is one." },
    Act: { kind: "text", doc: "What was done: `Suspend-Message`, `Remove-Message -WithNDR`, …" },
    State: {
      kind: "choice",
      doc: "Pending: an attempt is under way, and it is done if that fails.",
      choices: ["Completed", "Pending", "Running", "Stopped", "Failed"],
    },
    Done: { kind: "number", doc: "Queues, or messages in a queue, that it has been done to." },
    Expected: { kind: "number", doc: "How many it was about when it began." },
    Filter: { kind: "text", doc: "What a job picks them by." },
    By: { kind: "text", doc: "Who has ordered it." },
    StartedTime: { kind: "date", doc: "When a job began." },
    EndedTime: { kind: "date", doc: "When it ended." },
    Error: { kind: "text", doc: "Why it failed." },
  },
} as const satisfies OutputType;

/** As it is put out. */
export type ActInfo = OutputOf<typeof ACT_INFO>;

/** An act on one thing, done at once. */
export function actInfo(what: {
  readonly identity: string;
  readonly act: string;
  readonly state: "Completed" | "Pending";
  readonly done: number;
  readonly by: string;
}): ActInfo {
  return {
    Identity: what.identity,
    Act: what.act,
    State: what.state,
    Done: what.done,
    Expected: 1,
    Filter: null,
    By: what.by,
    StartedTime: null,
    EndedTime: null,
    Error: null,
  };
}

/** A job. */
export function jobInfo(job: QueueJob): ActInfo {
  return {
    Identity: job.id,
    Act: describeTask(job.task),
    State: job.state,
    Done: job.done,
    Expected: job.expected,
    Filter: job.task.filter,
    By: job.by,
    StartedTime: formatTime(job.startedMs),
    EndedTime: formatTime(job.endedMs),
    Error: job.error ?? null,
  };
}

/** The cmdlet by which the task was ordered, with what makes a difference. */
export function describeTask(task: Pick<QueueJobTask, "target" | "act">): string {
  if (typeof task.act === "string") {
    if (task.act === "resubmit") return "Retry-Queue -Resubmit";
    return `${capital(task.act)}-Queue`;
  }
  if (task.act.kind === "remove") {
    return task.act.withNdr ? "Remove-Message -WithNDR" : "Remove-Message -WithNDR:$false";
  }
  if (task.act.kind === "redirect") return `Redirect-Message -NewRecipient ${task.act.address}`;
  return `${capital(task.act.kind)}-Message`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
