import { type Address, addressKey } from "../../mail/address.ts";
import type { Envelope } from "../../mail/envelope.ts";
import type { HeaderField } from "../../mail/header-fields.ts";
import { parseMailParameters, parseRecipientParameters } from "../../smtp/command-parameters.ts";
import { parsePath, readMailbox } from "../../smtp/command-path.ts";
import type { Fault } from "../queue/outcome.ts";
import type { AcceptedRecipient } from "./compose-submission.ts";
import { contentFault } from "./pickup-header.ts";

/** Fields that a replay file begins with; they are no part of the message (reference §1.6). */
export const INJECTED_NAMES: ReadonlySet<string> = new Set([
  "x-sender",
  "x-receiver",
  "x-createdby",
  "x-endofinjectedxheaders",
  "x-extendedmessageprops",
  "x-helodomain",
  "x-source",
  "x-sourceipaddress",
]);

/** Who a replay file is from and for, and where it says it comes from. */
export type ReplayReading =
  | {
      readonly kind: "message";
      readonly envelope: Omit<Envelope, "smtpUtf8">;
      readonly recipients: readonly AcceptedRecipient[];
      readonly fault: Fault | undefined;
      /** Organization and forest headers are of our own making (`X-CreatedBy: MSExchange15`). */
      readonly trustsHeaders: boolean;
      readonly sourceName: string;
      readonly sourceAddress: string;
      readonly heloDomain: string;
    }
  | { readonly kind: "badmail"; readonly reason: string };

/** All that may be asked for: a file has no session to negotiate with. */
const EXTENSIONS = {
  size: "Enabled",
  pipelining: true,
  dsn: true,
  enhancedStatusCodes: true,
  eightBitMime: true,
  binaryMime: true,
  chunking: true,
  smtpUtf8: true,
  limits: true,
  requireTls: false,
  longAddresses: false,
  orar: false,
  xclient: false,
  auth: false,
} as const;

/** `<address> parameters`; brackets may be left out where there are no parameters. */
function parsePathValue(
  value: string,
): { readonly mailbox: string; readonly rest: string } | undefined {
  return parsePath(value.startsWith("<") ? value : `<${value}>`);
}

function parseSender(value: string): Omit<Envelope, "smtpUtf8"> | undefined {
  const path = parsePathValue(value);
  if (path === undefined) return undefined;
  // Who authenticated once is of no use here.
  const parameters = parseMailParameters(path.rest.replace(/(?:^| )auth=\S*/gi, ""), EXTENSIONS);
  if (!parameters.ok) return undefined;
  const { body, ret, envid } = parameters.value;
  if (path.mailbox === "") return { sender: "", body, ret, envid };
  const reading = readMailbox(path.mailbox, { smtpUtf8: true, longAddresses: false });
  return reading.kind === "address" ? { sender: reading.address, body, ret, envid } : undefined;
}

function parseReceiver(value: string): AcceptedRecipient | undefined {
  const path = parsePathValue(value);
  if (path === undefined) return undefined;
  const reading = readMailbox(path.mailbox, { smtpUtf8: true, longAddresses: false });
  const parameters = parseRecipientParameters(path.rest, EXTENSIONS);
  if (reading.kind !== "address" || !parameters.ok) return undefined;
  return { address: reading.address, ...parameters.value, status: "" };
}

/** The first value of that name, fit for a log and a header line. */
function textOf(fields: readonly HeaderField[], name: string, fallback: string): string {
  const value = fields.find((field) => field.name === name)?.value ?? "";
  const clean = value.replace(/[^ -~]/g, "?").slice(0, 255);
  return clean === "" ? fallback : clean;
}

/** Reads the injected fields of a replay file: X-Sender once, X-Receiver at least once. */
export function readReplayHeader(fields: readonly HeaderField[]): ReplayReading {
  const senders = fields.filter(({ name }) => name === "x-sender");
  const envelope = senders.length === 1 ? parseSender(senders[0]?.value ?? "") : undefined;
  if (envelope === undefined) return { kind: "badmail", reason: "no usable X-Sender" };
  const recipients: AcceptedRecipient[] = [];
  const keys = new Set<string>();
  let fault: Fault | undefined;
  for (const { name, value } of fields) {
    if (name !== "x-receiver") continue;
    const recipient = parseReceiver(value);
    if (recipient === undefined) {
      fault ??= contentFault("REPLAY", "5.1.3", "Invalid X-Receiver");
      continue;
    }
    const key = addressKey(recipient.address);
    if (!keys.has(key)) recipients.push(recipient);
    keys.add(key);
  }
  if (recipients.length === 0) return { kind: "badmail", reason: "no usable X-Receiver" };
  if (fault !== undefined && envelope.sender === "") {
    return { kind: "badmail", reason: "an X-Receiver is invalid, and there is no sender to tell" };
  }
  return {
    kind: "message",
    envelope,
    recipients,
    fault,
    trustsHeaders: textOf(fields, "x-createdby", "Unspecified").toLowerCase() === "msexchange15",
    sourceName: textOf(fields, "x-source", "Replay"),
    sourceAddress: textOf(fields, "x-sourceipaddress", "0.0.0.0"),
    heloDomain: textOf(fields, "x-helodomain", ""),
  };
}

/**
 * Octets of the injected fields at the start of `bytes`; `undefined` while their end does not show.
 * @param isWhole nothing follows `bytes`
 */
export function injectedBytes(bytes: Uint8Array, isWhole: boolean): number | undefined {
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at);
    const stop = end < 0 ? bytes.length : end;
    const line = Buffer.from(
      bytes.buffer,
      bytes.byteOffset + at,
      Math.min(stop - at, 100),
    ).toString("latin1");
    const name = /^([!-9;-~]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase() ?? "";
    const belongs = INJECTED_NAMES.has(name) || (at > 0 && /^[ \t]/.test(line));
    if (end < 0 && !isWhole && (belongs || line.length < 100)) return undefined;
    if (!belongs) return at;
    at = end < 0 ? bytes.length : end + 1;
  }
  return isWhole ? at : undefined;
}

/** Whether any address of the envelope needs SMTPUTF8 (RFC 6531 §3.4). */
export function needsSmtpUtf8(
  sender: Address | "",
  recipients: readonly { readonly address: Address }[],
): boolean {
  const ascii = /^[ -~]*$/;
  return !ascii.test(sender) || recipients.some(({ address }) => !ascii.test(address));
}
