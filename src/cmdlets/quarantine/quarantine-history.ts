import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { filterType } from "../../cmdlet/filter-type.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import { integer, line } from "../../org/settings/setting-types.ts";
import { IDENTITY_CHARACTERS_MAX } from "./identity.ts";
import type { QuarantineServices } from "./services.ts";

const ACTIONS = ["Released", "Deleted", "Expired"] as const;

const QUARANTINE_EVENT = {
  name: "QuarantineMessageEvent",
  table: ["Date", "Action", "ActionBy", "SenderAddress", "RecipientAddress", "Subject"],
  properties: {
    Date: { kind: "date", doc: "When it happened." },
    Action: { kind: "choice", doc: "What became of the message.", choices: ACTIONS },
    ActionBy: { kind: "text", doc: "Who did it; nobody, when its time was over." },
    RecipientAddress: { kind: "list", doc: "To whom it went, or who does not get it any more." },
    SenderAddress: { kind: "text", doc: "The sender of the envelope; <> is none." },
    Subject: { kind: "text", doc: "Its subject." },
    Identity: { kind: "text", doc: "`GUID\\\\number`, as it was in quarantine." },
    NetworkMessageId: { kind: "text", doc: "The GUID that all its copies keep." },
    MessageId: { kind: "text", doc: "The Message-ID field with its angle brackets." },
  },
} as const satisfies OutputType;

type QuarantineEvent = OutputOf<typeof QUARANTINE_EVENT>;

/** Get-QuarantineMessageHistory. */
export const getQuarantineMessageHistory = defineCmdlet({
  name: "Get-QuarantineMessageHistory",
  summary: "Shows what became of messages in quarantine: released to whom, deleted, expired.",
  notes: ["It is read from the message tracking log, and goes back as far as that. Newest first."],
  roles: ["Hygiene Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-QuarantineMessageHistory -StartDate -7d",
      doc: "What was let out in the last week, and by whom.",
    },
    { command: "Get-QuarantineMessageHistory 6d1f…\\42", doc: "One message." },
  ],
  parameters: {
    Identity: optionalParameter(
      line({ max: IDENTITY_CHARACTERS_MAX }),
      "The message, as Get-QuarantineMessage showed it.",
      { position: 0, pipeline: "property" },
    ),
    StartDate: optionalParameter(momentType(), "From this time on."),
    EndDate: optionalParameter(momentType(), "Before this time."),
    Filter: optionalParameter(
      filterType(QUARANTINE_EVENT),
      "Puts out only what it is true for; `postrider help filters` says how it is written.",
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
      String(RESULT_SIZE_DEFAULT),
      "The most objects to put out, or Unlimited.",
    ),
  },
  output: QUARANTINE_EVENT,
  async *run(run: Invocation<QuarantineServices>, input) {
    const { services, clock, signal, progress, warn } = run;
    const nowMs = clock.nowMs();
    const guid = input.identity === undefined ? undefined : guidOf(input.identity);
    const passes = input.filter === undefined ? () => true : compileFilter(input.filter, { nowMs });
    const query = {
      ...(input.startDate && { startMs: momentMs(input.startDate, nowMs) }),
      ...(input.endDate && { endMs: momentMs(input.endDate, nowMs) }),
      eventIds: ["RESUBMIT", "DROP"],
      ...(guid !== undefined && { networkMessageIds: [guid] }),
    };
    let count = 0;
    const batches = services.tracking.log.search(query, { order: "newestFirst", signal });
    for await (const { records, doneBytes, totalBytes } of batches) {
      progress({ activity: "Searching", done: doneBytes, total: totalBytes, unit: "bytes" });
      for (const record of records) {
        const event = eventOf(record);
        if (event === undefined || !passes(event)) continue;
        if (input.identity !== undefined && !isOf(event, input.identity)) continue;
        if (count === input.resultSize) {
          warn(moreResultsWarning(input.resultSize));
          return;
        }
        count += 1;
        yield event;
      }
    }
  },
});

/** @throws CmdletFault */
function guidOf(identity: string): string {
  const guid = /^([\da-f-]{36})(?:\\\d{1,15})?$/i.exec(identity.trim())?.[1];
  if (guid !== undefined) return guid.toLowerCase();
  const text = `${JSON.stringify(identity)} is no identity; write GUID\\number, as it was shown`;
  throw new CmdletFault("bad-parameter", text, { parameter: "Identity" });
}

function isOf({ Identity }: QuarantineEvent, identity: string): boolean {
  return !identity.includes("\\") || Identity === identity.trim().toLowerCase();
}

/** What a line of the tracking log says of the quarantine; most say nothing of it. */
function eventOf(record: TrackingRecord): QuarantineEvent | undefined {
  const { sourceContext, networkMessageId } = record;
  const [, verb, by] = /^(Release|Delete)-QuarantineMessage;by=(.*)$/s.exec(sourceContext) ?? [];
  if (verb === undefined && sourceContext !== "Quarantine;expired") return undefined;
  // What is released is a copy, which names the one that was kept.
  const number = verb === "Release" ? record.reference : record.internalMessageId;
  return {
    Date: new Date(record.atMs).toISOString(),
    Action: verb === undefined ? "Expired" : verb === "Release" ? "Released" : "Deleted",
    ActionBy: by ?? null,
    RecipientAddress: record.recipients,
    SenderAddress: record.sender === "" ? "<>" : record.sender,
    Subject: record.subject,
    Identity: `${networkMessageId}\\${number}`,
    NetworkMessageId: networkMessageId,
    MessageId: record.messageId,
  };
}
