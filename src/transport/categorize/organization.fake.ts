import { address as at, domain } from "../../mail/address.fake.ts";
import type { NotifyCondition } from "../../mail/envelope.ts";
import type {
  DistributionGroup,
  Mailbox,
  MailContact,
  Organization,
  SendConnector,
} from "../../org/organization.ts";
import {
  plainOrganization,
  sampleAcceptedDomain,
  sampleContact,
  sampleGroup,
  sampleMailbox,
  sampleSendConnector,
} from "../../org/sample-objects.fake.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { Uncategorized } from "../queue/submission.ts";

/** A send connector that looks up domains; cost 1 unless the space says `space;cost`. */
export function sendConnector(
  name: string,
  spaces: readonly string[],
  changes: Partial<SendConnector> = {},
): SendConnector {
  return sampleSendConnector({
    name,
    addressSpaces: spaces.map((text) => {
      const [space = "*", cost = "1"] = text.split(";");
      const parent = space.startsWith("*.") ? (`*.${domain(space.slice(2))}` as const) : undefined;
      const isFixed = space === "*" || space === "--";
      return { space: isFixed ? space : (parent ?? domain(space)), cost: Number(cost) };
    }),
    ...changes,
  });
}

/**
 * contoso.test (default) and fabrikam.test are Authoritative, relay.test is InternalRelay,
 * out.test ExternalRelay; one connector for everything.
 */
export function sampleOrganization(changes: Partial<Organization> = {}): Organization {
  return plainOrganization({
    acceptedDomains: [
      sampleAcceptedDomain("contoso.test", { default: true }),
      sampleAcceptedDomain("fabrikam.test"),
      sampleAcceptedDomain("relay.test", { domainType: "InternalRelay" }),
      sampleAcceptedDomain("out.test", { domainType: "ExternalRelay" }),
    ],
    sendConnectors: [sendConnector("Internet", ["*"])],
    ...changes,
  });
}

/** A mailbox with further addresses. */
export function mailbox(
  primary: string,
  others: readonly string[] = [],
  changes: Partial<Mailbox> = {},
): Mailbox {
  return sampleMailbox(primary, { emailAddresses: [primary, ...others].map(at), ...changes });
}

/** A mail contact. */
export function contact(primary: string, external: string): MailContact {
  return { ...sampleContact(primary, external), emailAddresses: [at(primary)] };
}

/** A group that reports to the originator unless said otherwise. */
export function group(
  primary: string,
  changes: Partial<DistributionGroup> = {},
): DistributionGroup {
  return sampleGroup(primary, { emailAddresses: [at(primary)], ...changes });
}

/** A recipient as the session stores it. */
export function recipient(
  position: number,
  address: string,
  changes: Partial<QueuedRecipient> = {},
): QueuedRecipient {
  return {
    position,
    address: at(address),
    originalRecipient: undefined,
    notify: undefined,
    attemptCount: 0,
    expiresMs: 1_000_000,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
    ...changes,
  };
}

/** `NEVER` or a comma-separated list. */
export function notify(text: string): readonly NotifyCondition[] {
  const known: readonly NotifyCondition[] = ["SUCCESS", "FAILURE", "DELAY"];
  return known.filter((condition) => text.includes(condition));
}

/** A message from sender@elsewhere.test with these recipients. */
export function uncategorized(
  recipients: readonly QueuedRecipient[],
  changes: Partial<QueuedMessage> = {},
): Uncategorized {
  const message: QueuedMessage = {
    id: 7,
    networkMessageId: "00000000-0000-4000-8000-000000000007",
    contentId: 7,
    contentBytes: 1000,
    envelope: {
      sender: at("sender@elsewhere.test"),
      body: "7BIT",
      smtpUtf8: false,
      ret: "HDRS",
      envid: "envelope-1",
    },
    edits: [],
    internetMessageId: "<1@elsewhere.test>",
    subject: "subject",
    headerFrom: "sender@elsewhere.test",
    receivedMs: 0,
    priority: "Normal",
    origin: {
      source: "SMTP",
      connector: "Default Frontend",
      clientAddress: "192.0.2.1",
      clientName: "client.elsewhere.test",
      serverAddress: "192.0.2.2",
      directionality: "Incoming",
    },
    ...changes,
  };
  const content = {
    bytes: message.contentBytes,
    read: async () => undefined,
    peek: () => undefined,
  };
  return { message, recipients, content };
}
