import { type Address, addressKey } from "../../mail/address.ts";
import type { HeaderField } from "../../mail/header-fields.ts";
import { type ListedMailbox, parseMailboxList } from "../../mail/mailbox-list.ts";
import type { Fault } from "../queue/outcome.ts";
import type { AcceptedRecipient } from "./compose-submission.ts";

/** Who a pickup file is from and for, by its header (reference §1.6). */
export type PickupReading =
  | {
      readonly kind: "message";
      readonly sender: Address;
      readonly recipients: readonly AcceptedRecipient[];
      /** Set when the message cannot go as it is; its sender is told. */
      readonly fault: Fault | undefined;
      /** Recipients stand in Bcc only, so that the header must name others. */
      readonly bccOnly: boolean;
    }
  /** Nobody could be told about it. */
  | { readonly kind: "badmail"; readonly reason: string };

const RECIPIENT_FIELDS = [
  ["to", "To"],
  ["cc", "Cc"],
  ["bcc", "Bcc"],
] as const;

/** Mailboxes of all fields of that name. */
function mailboxesOf(
  fields: readonly HeaderField[],
  name: string,
  mailboxesMax: number,
): readonly ListedMailbox[] {
  const found: ListedMailbox[] = [];
  for (const field of fields) {
    if (field.name !== name || found.length >= mailboxesMax) continue;
    found.push(...parseMailboxList(field.value, mailboxesMax - found.length));
  }
  return found;
}

/** One in From or Sender; of one in each, From; with several in From the one in Sender. */
function senderOf(fields: readonly HeaderField[]): Address | undefined {
  const from = mailboxesOf(fields, "from", 2);
  const sender = mailboxesOf(fields, "sender", 2);
  if (from.length === 1) return from[0]?.address;
  return sender.length === 1 ? sender[0]?.address : undefined;
}

/** A fault of the file's content, in our words. */
export function contentFault(source: Fault["source"], status: string, text: string): Fault {
  return { status, diagnostic: `550 ${status} ${text}`, hop: undefined, source };
}

/** Printable and short, for a notice. */
function shown(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, 100);
}

/**
 * Reads sender and recipients from a header. At least one of each must be usable; an address that
 * is none, or too many of them, is a fault of which the sender is told. The null sender does not
 * occur here.
 */
export function readPickupHeader(
  fields: readonly HeaderField[],
  options: { readonly recipientsMax: number },
): PickupReading {
  const { recipientsMax } = options;
  const sender = senderOf(fields);
  if (sender === undefined) return { kind: "badmail", reason: "no usable sender" };
  const recipients: AcceptedRecipient[] = [];
  const keys = new Set<string>();
  let invalid: string | undefined;
  for (const [name, status] of RECIPIENT_FIELDS) {
    // Repeated addresses don't count, so that the bound here is a wide one.
    for (const { address, text } of mailboxesOf(fields, name, 2 * recipientsMax + 2)) {
      if (address === undefined) {
        invalid ??= text;
        continue;
      }
      const key = addressKey(address);
      if (keys.has(key)) continue;
      keys.add(key);
      recipients.push({ address, originalRecipient: undefined, notify: undefined, status });
    }
  }
  if (recipients.length === 0) return { kind: "badmail", reason: "no usable recipient" };
  const bccOnly = recipients.every(({ status }) => status === "Bcc");
  let fault: Fault | undefined;
  if (recipients.length > recipientsMax) {
    fault = contentFault("PICKUP", "5.5.3", "RESOLVER.ADR.RecipLimit; too many recipients");
  } else if (invalid !== undefined) {
    fault = contentFault("PICKUP", "5.1.3", `Invalid recipient address: ${shown(invalid)}`);
  }
  return {
    kind: "message",
    sender,
    recipients: recipients.slice(0, recipientsMax),
    fault,
    bccOnly,
  };
}
