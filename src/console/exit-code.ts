import { unreachable } from "../base/assert.ts";
import type { ClientRecord } from "./run-client.ts";

/** How the process of a command ends. */
export const EXIT = {
  done: 0,
  failed: 1,
  misuse: 2,
  forbidden: 3,
  unreachable: 4,
  cancelled: 130,
  /** As a shell shows SIGPIPE. */
  unread: 141,
} as const;

/** One out of EXIT. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the codes mean, for help and pages. */
export const EXIT_CODES: readonly { readonly code: ExitCode; readonly doc: string }[] = [
  { code: EXIT.done, doc: "It was done." },
  { code: EXIT.failed, doc: "It failed: there is no such object, or it cannot be done now." },
  { code: EXIT.misuse, doc: "The command line is wrong; nothing was done." },
  { code: EXIT.forbidden, doc: "You may not do that: no login, or a role is missing." },
  { code: EXIT.unreachable, doc: "The server cannot be reached." },
  { code: EXIT.cancelled, doc: "It was cancelled, or the answer to the question was no." },
  { code: EXIT.unread, doc: "It was not finished: whoever read its output, as `head`, has gone." },
];

/** The code for the last record of a run. */
export function exitCodeOf(
  record: Extract<ClientRecord, { kind: "done" | "failed" | "unreachable" }>,
): ExitCode {
  switch (record.kind) {
    case "done":
      return EXIT.done;
    case "unreachable":
      return EXIT.unreachable;
    case "failed":
      return exitCodeOfFault(record.code);
    default:
      return unreachable(record);
  }
}

function exitCodeOfFault(code: string): ExitCode {
  if (code === "unknown-cmdlet" || code === "bad-parameter") return EXIT.misuse;
  if (code === "forbidden") return EXIT.forbidden;
  return code === "cancelled" ? EXIT.cancelled : EXIT.failed;
}
