import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { switchParameter } from "../../cmdlet/parameter.ts";
import type { TrackingIndexStatus } from "../../logs/tracking-index.ts";
import type { TrackingServices } from "./tracking-services.ts";

const MESSAGE_TRACKING_INDEX = {
  name: "MessageTrackingIndex",
  properties: {
    Enabled: { kind: "boolean", doc: "Whether the log is indexed in the background." },
    LogFiles: { kind: "number", doc: "Files of the message tracking log." },
    LogSize: { kind: "bytes", doc: "Size of all of them." },
    IndexedEvents: { kind: "number", doc: "Events that the index has." },
    IndexedSize: { kind: "bytes", doc: "The part of the log that is indexed." },
    WaitingSize: { kind: "bytes", doc: "The part that could be and is not yet." },
    Segments: { kind: "number", doc: "Pieces of the index." },
    IndexSize: { kind: "bytes", doc: "Size of the index itself." },
  },
  table: ["Enabled", "LogSize", "IndexedEvents", "WaitingSize", "IndexSize"],
} as const satisfies OutputType;

const NOTES = [
  "The files of the log are the truth; what is not indexed yet, above all the newest file, is " +
    "read when somebody searches. The index lies in tracking.db in the data directory.",
];

/** How the index stands. */
export const getMessageTrackingIndex = defineCmdlet({
  name: "Get-MessageTrackingIndex",
  summary: "Shows how far the message tracking log is indexed.",
  notes: NOTES,
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-MessageTrackingIndex", doc: "How far it is, and how large." }],
  parameters: {},
  output: MESSAGE_TRACKING_INDEX,
  async *run({ services }: Invocation<TrackingServices>) {
    yield indexOutput(await services.tracking.log.status());
  },
});

/** Brings the index up to date, or builds it anew. */
export const updateMessageTrackingIndex = defineCmdlet({
  name: "Update-MessageTrackingIndex",
  summary: "Indexes what there is of the message tracking log at once, or all of it anew.",
  notes: [
    ...NOTES,
    "This is never needed for results to be right: it spares the background the wait, and " +
      "-Rebuild makes another index in place of one that seems to be wrong. Mail goes on " +
      "meanwhile; cancelled, it goes on in the background.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command: "Update-MessageTrackingIndex -Rebuild",
      doc: "Throws the index away and builds it again.",
    },
  ],
  parameters: {
    Rebuild: switchParameter("Throws away first what there is."),
  },
  output: MESSAGE_TRACKING_INDEX,
  async *run({ services, signal, progress, changed }: Invocation<TrackingServices>, { rebuild }) {
    const { log } = services.tracking;
    const activity = rebuild ? "Rebuilding the index" : "Indexing";
    for await (const { doneBytes, totalBytes } of log.update({ rebuild, signal })) {
      progress({ activity, done: doneBytes, total: totalBytes, unit: "bytes" });
    }
    const after = indexOutput(await log.status());
    changed({ object: "MessageTrackingIndex", after });
    yield after;
  },
});

function indexOutput(status: TrackingIndexStatus): OutputOf<typeof MESSAGE_TRACKING_INDEX> {
  return {
    Enabled: status.enabled,
    LogFiles: status.files,
    LogSize: status.logBytes,
    IndexedEvents: status.indexedEvents,
    IndexedSize: status.indexedBytes,
    WaitingSize: status.waitingBytes,
    Segments: status.segments,
    IndexSize: status.indexBytes,
  };
}
