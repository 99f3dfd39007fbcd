import type { OutputObject, OutputOf, OutputType, OutputValue } from "../../cmdlet/output-type.ts";
import { QUARANTINE_TYPES } from "../../store/quarantine-mark.ts";
import { formatIdentity } from "./identity.ts";
import type { KeptMessage } from "./services.ts";

/** A message in quarantine. */
export const QUARANTINE_MESSAGE = {
  name: "QuarantineMessage",
  table: ["Identity", "ReceivedTime", "SenderAddress", "RecipientAddress", "Subject", "Type"],
  properties: {
    Identity: { kind: "text", doc: "`GUID\\\\number`: it names the message in all cmdlets." },
    ReceivedTime: { kind: "date", doc: "When this server took it in." },
    QuarantinedTime: { kind: "date", doc: "When it was put in quarantine." },
    Expires: { kind: "date", doc: "When it is removed." },
    MessageId: { kind: "text", doc: "The Message-ID field with its angle brackets." },
    NetworkMessageId: { kind: "text", doc: "The GUID that all its copies keep." },
    SenderAddress: { kind: "text", doc: "The sender of the envelope; <> is none." },
    FromAddress: { kind: "text", doc: "Address in Sender or From." },
    RecipientAddress: { kind: "list", doc: "From whom it is kept; at most 1000 of them." },
    RecipientCount: { kind: "number", doc: "From how many it is kept." },
    Subject: { kind: "text", doc: "The Subject field, decoded." },
    Size: { kind: "bytes", doc: "Bytes of its content." },
    Type: { kind: "choice", doc: "What has brought it there.", choices: QUARANTINE_TYPES },
    Agent: { kind: "text", doc: "The agent that has put it there." },
    PolicyName: { kind: "text", doc: "The rule or policy by which it has." },
    Reason: { kind: "text", doc: "What the agent has found." },
    SCL: { kind: "number", doc: "Spam confidence level, where something has set it." },
    Direction: {
      kind: "choice",
      doc: "Whether it came in, or its sender has logged on here.",
      choices: ["Inbound", "Outbound"],
    },
    SourceIP: { kind: "text", doc: "Address of the client that sent it." },
  },
} as const satisfies OutputType;

/** A message as it is put out. */
export type QuarantineMessage = OutputOf<typeof QUARANTINE_MESSAGE>;

type Reader<Value> = (kept: KeptMessage) => Value;

/** What is read of a message for each property. */
const READERS: { readonly [Name in keyof QuarantineMessage]: Reader<QuarantineMessage[Name]> } = {
  Identity: ({ message }) => formatIdentity(message),
  ReceivedTime: ({ message }) => isoDate(message.receivedMs),
  QuarantinedTime: ({ message }) => isoDate(message.quarantine?.sinceMs ?? message.receivedMs),
  Expires: ({ expiresMs }) => isoDate(expiresMs),
  MessageId: ({ message }) => message.internetMessageId,
  NetworkMessageId: ({ message }) => message.networkMessageId,
  SenderAddress: ({ message }) => message.envelope.sender || "<>",
  FromAddress: ({ message }) => message.headerFrom,
  RecipientAddress: ({ recipients }) => recipients.map(({ address }) => address),
  RecipientCount: ({ recipientCount }) => recipientCount,
  Subject: ({ message }) => message.subject,
  Size: ({ message }) => message.contentBytes,
  Type: ({ message }) => message.quarantine?.type ?? "Policy",
  Agent: ({ message }) => message.quarantine?.agent ?? null,
  PolicyName: ({ message }) => message.quarantine?.policy ?? null,
  Reason: ({ message }) => message.quarantine?.reason ?? null,
  SCL: ({ message }) => message.scl ?? null,
  Direction: ({ message }) => directionOf(message.origin),
  SourceIP: ({ message }) => message.origin.clientAddress,
};
const NAMES = Object.keys(READERS);

/** Shows a message. */
export function quarantineMessage(kept: KeptMessage): QuarantineMessage {
  // Each reader gives what its property is.
  return quarantineProperties(kept, NAMES) as QuarantineMessage;
}

/** Some properties of it, where a hundred thousand messages are looked at for them. */
export function quarantineProperties(kept: KeptMessage, names: Iterable<string>): OutputObject {
  const found: Record<string, OutputValue> = {};
  for (const name of names) {
    if (isProperty(name)) found[name] = READERS[name](kept);
  }
  return found;
}

function isProperty(name: string): name is keyof QuarantineMessage {
  return Object.hasOwn(READERS, name);
}

/** Inbound or Outbound, as the properties and parameters of that name have it. */
export function directionOf({
  directionality,
}: KeptMessage["message"]["origin"]): "Inbound" | "Outbound" {
  return directionality === "Incoming" ? "Inbound" : "Outbound";
}

function isoDate(atMs: number): string {
  return new Date(atMs).toISOString();
}
