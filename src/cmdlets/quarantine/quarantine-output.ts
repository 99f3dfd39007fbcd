import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
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

/** Shows a message. */
export function quarantineMessage(kept: KeptMessage): QuarantineMessage {
  const { message, recipients, recipientCount, expiresMs } = kept;
  const { quarantine, origin } = message;
  const { sender } = message.envelope;
  return {
    Identity: formatIdentity(message),
    ReceivedTime: isoDate(message.receivedMs),
    QuarantinedTime: isoDate(quarantine?.sinceMs ?? message.receivedMs),
    Expires: isoDate(expiresMs),
    MessageId: message.internetMessageId,
    NetworkMessageId: message.networkMessageId,
    SenderAddress: sender === "" ? "<>" : sender,
    FromAddress: message.headerFrom,
    RecipientAddress: recipients.map(({ address }) => address),
    RecipientCount: recipientCount,
    Subject: message.subject,
    Size: message.contentBytes,
    Type: quarantine?.type ?? "Policy",
    Agent: quarantine?.agent ?? null,
    PolicyName: quarantine?.policy ?? null,
    Reason: quarantine?.reason ?? null,
    SCL: message.scl ?? null,
    Direction: directionOf(origin),
    SourceIP: origin.clientAddress,
  };
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
