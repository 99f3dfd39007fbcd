import type { Address } from "../../mail/address.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Directory } from "../../org/directory.ts";
import type { Mailbox, Organization, TransportService } from "../../org/organization.ts";
import { plainOrganization, sampleMailbox } from "../../org/sample-objects.fake.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { Delivery, Lane, RecipientOutcome } from "../queue/courier.ts";

const RECEIVED_MS = 1_700_000_000_123;

/** A reader over pieces; with `stored` they come from the store and are not in memory. */
export function fakeContent(
  pieces: readonly Uint8Array[],
  options: { readonly stored?: boolean; readonly failAt?: { index: number; error: Error } } = {},
): ContentReader {
  return {
    bytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
    async read(index) {
      if (index === options.failAt?.index) throw options.failAt.error;
      return pieces[index];
    },
    peek: (index) => (options.stored || options.failAt ? undefined : pieces[index]),
  };
}

/** One message for some mailboxes. */
export function fakeDelivery(fields: {
  readonly to: readonly string[];
  readonly content: ContentReader;
  readonly id?: number;
  readonly sender?: string;
  readonly edits?: readonly HeaderEdit[];
  readonly possibleDuplicate?: boolean;
  readonly scl?: number;
}): Delivery {
  const message: QueuedMessage = {
    id: fields.id ?? 1,
    networkMessageId: "00000000-0000-4000-8000-000000000001",
    contentId: fields.id ?? 1,
    contentBytes: fields.content.bytes,
    envelope: {
      sender: (fields.sender ?? "sender@fabrikam.test") as Address | "",
      body: "8BITMIME",
      smtpUtf8: false,
      ret: undefined,
      envid: undefined,
    },
    edits: fields.edits ?? [],
    internetMessageId: "<1@fabrikam.test>",
    subject: "",
    headerFrom: "",
    receivedMs: RECEIVED_MS,
    priority: "Normal",
    ...(fields.scl !== undefined && { scl: fields.scl }),
    origin: {
      source: "SMTP",
      connector: "",
      clientAddress: "",
      clientName: "",
      serverAddress: "",
      directionality: "Originating",
      // Nothing is added to what a test looks at byte for byte.
      authAs: "Internal",
    },
  };
  const recipients = fields.to.map(
    (address, position): QueuedRecipient => ({
      position,
      address: address as Address,
      originalRecipient: undefined,
      notify: undefined,
      attemptCount: 0,
      expiresMs: RECEIVED_MS + 172_800_000,
      delayNoticeMs: undefined,
      lastError: undefined,
      suspended: false,
      resolved: true,
    }),
  );
  const possibleDuplicate = fields.possibleDuplicate ?? false;
  return { message, recipients, content: fields.content, possibleDuplicate };
}

/** A lane with these deliveries, and what was settled on it by internal message id. */
export interface FakeLane extends Lane {
  readonly settled: Map<number, readonly RecipientOutcome[]>;
}

/** A lane that hands out `deliveries` in turn. */
export function fakeLane(
  deliveries: readonly Delivery[],
  options: { readonly concurrency?: number; readonly signal?: AbortSignal } = {},
): FakeLane {
  const waiting = [...deliveries];
  const settled = new Map<number, readonly RecipientOutcome[]>();
  // The courier reads nothing else of the organization.
  const transportService = {
    maxConcurrentMailboxDeliveries: options.concurrency ?? 20,
  } as TransportService;
  const server = { fqdn: "mail.contoso.test" };
  const { hygiene } = plainOrganization();
  return {
    settled,
    key: { deliveryType: "SmtpDeliveryToMailbox", nextHopDomain: "mail", nextHopConnector: "" },
    organization: { transportService, server, hygiene } as Organization,
    take: () => waiting.shift(),
    takeWithin: async () => waiting.shift(),
    settle: (delivery, outcomes) => void settled.set(delivery.message.id, outcomes),
    giveBack: (delivery) => void waiting.unshift(delivery),
    connected() {},
    signal: options.signal ?? new AbortController().signal,
  };
}

/** A directory of mailboxes with their quotas in bytes, by address in lower case. */
export function fakeDirectory(quotas: Readonly<Record<string, number>>): Directory {
  return {
    async findRecipients(addresses) {
      return addresses.map((address): Mailbox | undefined => {
        const quota = quotas[address.toLowerCase()];
        if (quota === undefined) return undefined;
        return sampleMailbox(address, { prohibitSendReceiveQuota: quota });
      });
    },
    readMembers: async () => ({ members: [], places: [], next: undefined }),
  };
}
