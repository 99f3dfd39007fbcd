import { type ZipFile, zipStream } from "../../base/zip-stream.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { cutParts } from "../../cmdlet/file-parts.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { line } from "../../org/settings/setting-types.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import { formatReplayFields } from "../../transport/queue/replay-form.ts";
import { messagesNamed } from "./message-acts.ts";
import { identities } from "./page-parameters.ts";
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
  summary: "Writes copies of suspended messages, envelopes and all, that can be sent again.",
  notes: [
    "The message has to be suspended; one in Poison is. It stays where it is.",
    "The file begins with X-Sender and X-Receiver fields: in the Replay directory of any server " +
      "it goes to these recipients, with the same content byte for byte. Several messages are " +
      "one ZIP archive of such files.",
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
    {
      command: "Export-Message mail\\7\\42, mail\\7\\43 -Path /tmp/messages.zip",
      doc: "Two of them in an archive.",
    },
  ],
  file: { path: "Path", content: "Content" },
  parameters: {
    Identity: requiredParameter(identities(), "Server\\Queue\\Message, or several of them.", {
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
    const messages = await suspendedMessages(run, identity);
    const [first] = messages;
    if (first === undefined) return;
    const total = messages.reduce((bytes, one) => bytes + one.message.contentBytes, 0);
    const name = messages.length === 1 ? first.identity : identity.join(", ").slice(0, PATH_MAX);
    const content = messages.length === 1 ? contentOf(run, first) : zipStream(files(run, messages));
    let offset = 0;
    for await (const part of cutParts(Buffer.alloc(0), content)) {
      run.signal.throwIfAborted();
      yield {
        Identity: name,
        Path: null,
        Offset: offset,
        Bytes: part.length,
        Content: part.toString("base64"),
      };
      offset += part.length;
      const all = Math.max(offset, total);
      run.progress({ activity: "Exporting", done: offset, total: all, unit: "bytes" });
    }
  },
});

/** A message with all of its recipients that an identity names. */
interface Exported {
  readonly identity: string;
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
}

async function suspendedMessages(
  run: Invocation<QueueServices>,
  identities: readonly string[],
): Promise<readonly Exported[]> {
  const found = await messagesNamed(run, identities);
  const moving = found.find(({ info }) => info.Status !== "Suspended");
  if (moving !== undefined) {
    const named = identities.length === 1 ? identities[0] : moving.info.Identity;
    const text = `message ${named} is ${moving.info.Status}; suspend it first (Suspend-Message)`;
    throw new CmdletFault("not-allowed-now", text, { parameter: "Identity" });
  }
  const byMessage = Map.groupBy(found, ({ located }) => located.message.id);
  return [...byMessage.values()].flatMap(([first, ...others]): Exported[] => {
    if (first === undefined) return [];
    const { message, recipientCount } = first.located;
    const recipients = [first, ...others].flatMap(({ located }) =>
      located.recipients.map(({ recipient }) => recipient),
    );
    const identity = String(first.info.Identity);
    if (recipients.length < recipientCount) {
      run.warn(`${identity} has ${recipientCount} recipients in all; ${recipients.length} go`);
    }
    if (message.envelope.requireTls) {
      run.warn(`${identity}: REQUIRETLS cannot be written into the file`);
    }
    return [{ identity, message, recipients }];
  });
}

async function* contentOf(
  { services }: Invocation<QueueServices>,
  { message, recipients }: Exported,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(formatReplayFields(message, recipients));
  yield* openOutgoing(services.queues.content(message), message.edits);
}

/** The messages as the files of an archive. */
async function* files(
  run: Invocation<QueueServices>,
  messages: readonly Exported[],
): AsyncGenerator<ZipFile> {
  for (const one of messages) {
    const { id, receivedMs: atMs } = one.message;
    yield { name: `${id}.eml`, atMs, content: contentOf(run, one) };
  }
}
