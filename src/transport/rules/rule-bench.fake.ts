import { assert } from "../../base/assert.ts";
import { fakeClock } from "../../base/clock.fake.ts";
import { fault, ok } from "../../base/result.ts";
import { CONTENT_LIMITS } from "../../content/content-limits.ts";
import { address } from "../../mail/address.fake.ts";
import type { Address } from "../../mail/address.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import {
  organizationOf,
  sampleContact,
  sampleGroup,
  sampleMailbox,
} from "../../org/sample-objects.fake.ts";
import type { ContentReader } from "../../store/content.ts";
import type { Origin, QueuedMessage } from "../../store/queue-store.ts";
import { answerInquiry } from "./content-facts.ts";
import { GroupMembers } from "./group-members.ts";
import { type FactSources, MessageFacts } from "./message-facts.ts";
import { ruleSetOf } from "./rule-set.ts";
import { settleRules } from "./settle-rules.ts";

/** When messages of the bench are judged. */
export const BENCH_NOW_MS = Date.parse("2026-06-01T12:00:00Z");

/** The organization of the bench with these rules: flow mappings, as a file has them. */
export function ruledOrganization(...rules: readonly string[]): Organization {
  const declared = rules.map((rule) => `  - ${rule}`).join("\n");
  return organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains:
  - { name: contoso.test, default: true }
  - { name: relay.test, domainType: InternalRelay }
  - { name: out.test, domainType: ExternalRelay }
transportConfig: { tlsSendDomainSecureList: [partner.example] }
${rules.length === 0 ? "" : `transportRules:\n${declared}`}
`);
}

const at = address;
const CAROL = { title: "CEO", department: "Board", city: "Berlin" };
const ALICE = {
  title: "Head of Sales",
  department: "Sales",
  city: "Berlin",
  manager: at("carol@contoso.test"),
};
const BOB = {
  title: "Clerk",
  department: "Finance",
  city: "Hamburg",
  manager: at("carol@contoso.test"),
};

/** Who is in the directory of the bench. */
export const BENCH_RECIPIENTS: readonly OrganizationRecipient[] = [
  sampleMailbox("alice@contoso.test", {
    emailAddresses: [at("a.smith@contoso.test")],
    attributes: ALICE,
  }),
  sampleMailbox("bob@contoso.test", { attributes: BOB }),
  sampleMailbox("carol@contoso.test", { attributes: CAROL }),
  sampleContact("dave@contoso.test", "dave@fabrikam.example"),
  sampleGroup("sales@contoso.test"),
  sampleGroup("inner@contoso.test"),
  sampleGroup("finance@contoso.test"),
];

/** alice and inner are in sales, dave's contact in inner, bob in finance. */
export const BENCH_MEMBERS: ReadonlyMap<Address, readonly Address[]> = new Map([
  [at("sales@contoso.test"), [at("alice@contoso.test"), at("inner@contoso.test")]],
  [at("inner@contoso.test"), [at("dave@contoso.test"), at("sales@contoso.test")]],
  [at("finance@contoso.test"), [at("bob@contoso.test")]],
]);

/** A message of the bench. */
export interface BenchMessage {
  /** MAIL FROM; "" is the null sender. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly content: Uint8Array;
  readonly origin?: Partial<Origin>;
  readonly changes?: Partial<QueuedMessage>;
}

/** Content in memory. */
export function contentReader(bytes: Uint8Array): ContentReader {
  const piece = (index: number) => (index === 0 ? bytes : undefined);
  return { bytes: bytes.byteLength, peek: piece, read: async (index) => piece(index) };
}

/** The message as the queue has it. */
export function queuedMessage(bench: BenchMessage): QueuedMessage {
  const { sender, content } = bench;
  return {
    id: 1,
    networkMessageId: "00000000-0000-4000-8000-000000000001",
    contentId: 1,
    contentBytes: content.byteLength,
    envelope: {
      sender: sender === "" ? "" : at(sender),
      body: "8BITMIME",
      smtpUtf8: false,
      ret: undefined,
      envid: undefined,
    },
    edits: [],
    internetMessageId: "<1@x.test>",
    subject: "",
    headerFrom: "",
    receivedMs: BENCH_NOW_MS,
    priority: "Normal",
    origin: {
      source: "SMTP",
      connector: "Default",
      clientAddress: "203.0.113.7",
      clientName: "client.example",
      serverAddress: "192.0.2.1",
      directionality: "Incoming",
      authAs: "Anonymous",
      ...bench.origin,
    },
    ...bench.changes,
  };
}

/** What facts are found out from; counts how often bodies are read. */
export function benchSources(): FactSources & { readonly reads: { count: number } } {
  const directory = fakeDirectory(BENCH_RECIPIENTS, BENCH_MEMBERS);
  const reads = { count: 0 };
  return {
    reads,
    directory,
    groups: new GroupMembers(directory),
    async ask(content, questions) {
      reads.count += 1;
      const bytes = content.peek(0);
      assert(bytes !== undefined, "the bench has it in memory");
      const inquiry = { questions, limits: CONTENT_LIMITS };
      const answered = await answerInquiry(Buffer.from(bytes), inquiry, fakeClock());
      return answered.ok ? ok(answered.value) : fault("unreadable");
    },
  };
}

/** The facts of a message of the bench. */
export function benchFacts(
  organization: Organization,
  bench: BenchMessage,
  sources: FactSources,
): MessageFacts {
  const recipients = bench.recipients.map((text, position) => ({
    position,
    address: at(text),
    asWritten: at(text),
  }));
  const ruled = {
    organization,
    nowMs: BENCH_NOW_MS,
    message: queuedMessage(bench),
    recipients,
    content: contentReader(bench.content),
  };
  return new MessageFacts(ruled, sources);
}

/** For each recipient, the rules that hold: `alice@contoso.test: one, two`. */
export async function judge(
  rules: readonly string[],
  bench: BenchMessage,
  sources: FactSources = benchSources(),
): Promise<readonly string[]> {
  const organization = ruledOrganization(...rules);
  const facts = benchFacts(organization, bench, sources);
  const settled = await settleRules(ruleSetOf(organization.transportRules), facts);
  if (settled.kind !== "judged") return [settled.kind];
  const lines = settled.copies.flatMap(({ recipients, matches }) =>
    recipients.map(({ address: to, position }) => ({
      position,
      text: `${to}: ${matches.map(({ name }) => name).join(", ")}`,
    })),
  );
  return lines.toSorted((left, right) => left.position - right.position).map(({ text }) => text);
}
