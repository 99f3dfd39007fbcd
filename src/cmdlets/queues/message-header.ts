import { KiB } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { requiredParameter } from "../../cmdlet/parameter.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { line } from "../../org/settings/setting-types.ts";
import { messagesNamed } from "./message-acts.ts";
import { IDENTITY_MAX } from "./page-parameters.ts";
import type { QueueServices } from "./services.ts";

/** More of a header is not shown: receive connectors take a quarter of it by default. */
const HEADER_BYTES_MAX = 256 * KiB;
const HEADER_END = "\r\n\r\n";

const MESSAGE_HEADER = {
  name: "MessageHeader",
  table: ["Identity", "Header"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    Header: { kind: "text", doc: "The header as it would be sent now, a field after the other." },
    IsTruncated: { kind: "boolean", doc: "Whether it has more than is shown." },
  },
} as const satisfies OutputType;

/** Get-MessageHeader. */
export const getMessageHeader = defineCmdlet({
  name: "Get-MessageHeader",
  summary: "Shows the header of a message that waits in a queue.",
  notes: ["Only the header is read, never the content; it may wait in whatever state."],
  roles: ["Server Management"],
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  examples: [{ command: "Get-MessageHeader 42 | Format-List", doc: "Which way has it come?" }],
  parameters: {
    Identity: requiredParameter(
      line({ max: IDENTITY_MAX }),
      "Server\\Queue\\Message, or the message's number alone.",
      { position: 0, pipeline: "property" },
    ),
  },
  output: MESSAGE_HEADER,
  async *run(run: Invocation<QueueServices>, { identity }) {
    const [first] = await messagesNamed(run, [identity]);
    if (first === undefined) return;
    const { message } = first.located;
    const pieces: Uint8Array[] = [];
    let length = 0;
    let end = -1;
    for await (const piece of openOutgoing(run.services.queues.content(message), message.edits)) {
      pieces.push(piece);
      length += piece.length;
      // The end may be cut in two by the pieces.
      end = Buffer.concat(pieces).indexOf(HEADER_END);
      if (end >= 0 || length > HEADER_BYTES_MAX) break;
    }
    const bytes = Buffer.concat(pieces).subarray(0, end < 0 ? length : end);
    yield {
      Identity: String(first.info.Identity),
      Header: printable(bytes.subarray(0, HEADER_BYTES_MAX).toString()),
      IsTruncated: bytes.length > HEADER_BYTES_MAX,
    };
  },
});

/** No control character reaches a terminal but the ends of lines; nor one that turns text round. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replace(/(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
