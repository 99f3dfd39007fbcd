import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { cutParts } from "../../cmdlet/file-parts.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { line } from "../../org/settings/setting-types.ts";
import { formatReplayFields } from "../../transport/queue/replay-form.ts";
import { messagesNamed } from "./message-acts.ts";
import { IDENTITY_MAX } from "./page-parameters.ts";
import type { QueueServices } from "./services.ts";

const PATH_MAX = 4_096;

/** A piece of an exported message. */
export const EXPORTED_PART = {
  name: "ExportedMessagePart",
  table: ["Identity", "Path", "Offset", "Bytes"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    Path: { kind: "text", doc: "The file that the command line has written." },
    Offset: { kind: "bytes", doc: "Where in the file this piece begins." },
    Bytes: { kind: "bytes", doc: "Its length." },
    Content: { kind: "text", doc: "The bytes in base64; empty once they are in a file." },
  },
} as const satisfies OutputType;

/** Export-Message. */
export const exportMessage = defineCmdlet({
  name: "Export-Message",
  summary: "Writes a copy of a suspended message, envelope and all, that can be sent again.",
  notes: [
    "The message has to be suspended; one in Poison is. It stays where it is.",
    "The file begins with X-Sender and X-Receiver fields: in the Replay directory of any server " +
      "it goes to these recipients, with the same content byte for byte.",
    "The command line writes the file where it runs. Over REST the objects put together are the " +
      "file: decode Content of each from base64, in order.",
  ],
  roles: ["Server Management"],
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  examples: [
    {
      command: "Export-Message mail\\7\\42 -Path /tmp/42.eml",
      doc: "After Suspend-Message mail\\7\\42.",
    },
  ],
  file: { path: "Path", content: "Content" },
  parameters: {
    Identity: requiredParameter(line({ max: IDENTITY_MAX }), "Server\\Queue\\Message.", {
      position: 0,
      pipeline: "property",
    }),
    Path: optionalParameter(
      line({ max: PATH_MAX }),
      "The file to write, on the machine where the command line runs; it must not be there yet.",
      { position: 1 },
    ),
  },
  output: EXPORTED_PART,
  async *run(run: Invocation<QueueServices>, { identity }) {
    const desk = run.services.queues;
    const found = await messagesNamed(run, [identity]);
    const [first] = found;
    const status = found.find(({ info }) => info.Status !== "Suspended")?.info.Status;
    if (first === undefined) return;
    if (status !== undefined) {
      const text = `message ${identity} is ${status}; suspend it first (Suspend-Message)`;
      throw new CmdletFault("not-allowed-now", text, { parameter: "Identity" });
    }
    const { message } = first.located;
    const recipients = found.flatMap(({ located }) =>
      located.recipients.map(({ recipient }) => recipient),
    );
    if (recipients.length < first.located.recipientCount) {
      run.warn(`it has ${first.located.recipientCount} recipients in all; ${recipients.length} go`);
    }
    if (message.envelope.requireTls) run.warn("REQUIRETLS cannot be written into the file");
    const head = Buffer.from(formatReplayFields(message, recipients));
    const parts = cutParts(head, openOutgoing(desk.content(message), message.edits));
    let offset = 0;
    for await (const part of parts) {
      yield {
        Identity: String(first.info.Identity),
        Path: null,
        Offset: offset,
        Bytes: part.length,
        Content: part.toString("base64"),
      };
      offset += part.length;
      const total = Math.max(offset, head.length + message.contentBytes);
      run.progress({ activity: "Exporting", done: offset, total, unit: "bytes" });
    }
  },
});
