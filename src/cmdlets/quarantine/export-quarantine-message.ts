import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { cutParts } from "../../cmdlet/file-parts.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { line } from "../../org/settings/setting-types.ts";
import { findMessage, formatIdentity, IDENTITY_CHARACTERS_MAX } from "./identity.ts";
import type { QuarantineServices } from "./services.ts";

const PATH_MAX = 4_096;

const EXPORTED_PART = {
  name: "ExportedQuarantineMessagePart",
  table: ["Identity", "Path", "Offset", "Bytes"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    Path: { kind: "text", doc: "The file that the command line has written." },
    Offset: { kind: "bytes", doc: "Where in the file this piece begins." },
    Bytes: { kind: "bytes", doc: "Its length." },
    Eml: { kind: "text", doc: "The bytes in base64; empty once they are in a file." },
    BodyEncoding: { kind: "text", doc: "Always Base64." },
  },
} as const satisfies OutputType;

/** Export-QuarantineMessage. */
export const exportQuarantineMessage = defineCmdlet({
  name: "Export-QuarantineMessage",
  summary: "Writes a copy of a message in quarantine to a file.",
  notes: [
    "The file is the message as it would be delivered, byte for byte, with all that is harmful " +
      "in it. The message stays where it is.",
    "The command line writes the file where it runs. Over REST the objects put together are the " +
      "file: decode Eml of each from base64, in order.",
  ],
  roles: ["Hygiene Management"],
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  examples: [
    { command: "Export-QuarantineMessage 6d1f…\\42 -Path /tmp/42.eml", doc: "One message." },
  ],
  file: { path: "Path", content: "Eml" },
  parameters: {
    Identity: requiredParameter(
      line({ max: IDENTITY_CHARACTERS_MAX }),
      "The message, as Get-QuarantineMessage shows it.",
      { position: 0, pipeline: "property" },
    ),
    Path: optionalParameter(
      line({ max: PATH_MAX }),
      "The file to write, on the machine where the command line runs; it must not be there yet.",
      { position: 1 },
    ),
    ReasonForExport: optionalParameter(line({ max: 1000 }), "Why; it goes into the audit log."),
  },
  output: EXPORTED_PART,
  async *run(run: Invocation<QuarantineServices>, { identity }) {
    const { message } = await findMessage(run, identity, "Identity");
    const content = openOutgoing(run.services.quarantine.content(message), message.edits);
    let offset = 0;
    for await (const part of cutParts(Buffer.alloc(0), content)) {
      yield {
        Identity: formatIdentity(message),
        Path: null,
        Offset: offset,
        Bytes: part.length,
        Eml: part.toString("base64"),
        BodyEncoding: "Base64",
      };
      offset += part.length;
      const total = Math.max(offset, message.contentBytes);
      run.progress({ activity: "Exporting", done: offset, total, unit: "bytes" });
    }
  },
});
