import assert from "node:assert/strict";
import { test } from "node:test";
import PostalMime from "postal-mime";
import { fakeClock } from "../../base/clock.fake.ts";
import type { Clock } from "../../base/clock.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { MemoryQueueStore } from "../../store/queue-memory.ts";
import { QUARANTINE_QUEUE_ID } from "../../store/queue-store.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import type { Submission } from "../queue/submission.ts";
import { DigestSender } from "./digest-sender.ts";
import { openQuarantineLink } from "./quarantine-link.ts";

const EIGHT_MS = Date.UTC(2026, 10, 20, 8);
const KEY = Buffer.alloc(32, 1);
const ADMIN = 'admin: { listen: "127.0.0.1:8443" }';

/** Puts messages into the quarantine. */
function keeper(store: MemoryQueueStore, clock: Clock) {
  return async (id: number, to: readonly string[]) => {
    const sinceMs = clock.nowMs();
    const quarantine = { type: "Spam", agent: "A", reason: "R", sinceMs } as const;
    const placement = { queueId: QUARANTINE_QUEUE_ID, dueMs: sinceMs + 30 * DAY };
    const recipients = to.map((address, position) => ({
      messageId: id,
      recipient: sampleRecipient(position, { address: address as Address }),
      placement,
    }));
    const message = sampleMessage(id, {
      quarantine,
      subject: `Subject ${id}`,
      receivedMs: sinceMs,
    });
    await store.commit({ messages: [{ message, recipients, content: [], firstChunk: 0 }] });
  };
}

function setUp(policy = "esnEnabled: true", admin: string = ADMIN) {
  const mailboxes = new Map([
    ["alice@contoso.test", "alice@contoso.test"],
    ["a.smith@contoso.test", "alice@contoso.test"],
    ["bob@contoso.test", "bob@contoso.test"],
  ]);
  const clock = fakeClock();
  clock.advance(EIGHT_MS - HOUR - clock.nowMs());
  const store = new MemoryQueueStore();
  const records = new MemoryRecordStore();
  const submitted: Submission[] = [];
  let failsAfter = Number.POSITIVE_INFINITY;
  const organization = organizationOf(`
server: { fqdn: mail.contoso.test, ${admin} }
acceptedDomains: [{ name: contoso.test }]
quarantinePolicy: { ${policy} }
`);
  const sender = () =>
    new DigestSender({
      clock,
      diagnostics: silentDiagnostics,
      organization: () => organization,
      directory: {
        // Of a mailbox, no more than its address is asked for.
        findRecipients: async (addresses) =>
          addresses.map((address) => {
            const primarySmtpAddress = mailboxes.get(address.toLowerCase()) as Address | undefined;
            if (primarySmtpAddress === undefined) return undefined;
            return { kind: "mailbox", primarySmtpAddress } as never;
          }),
      },
      store,
      records,
      queue: {
        nextMessageId: () => 1_000 + submitted.length,
        async submit(submission) {
          if (submitted.length >= failsAfter) throw new Error("the store refuses");
          submitted.push(submission);
        },
      },
      linkKey: KEY,
    });
  const keep = keeper(store, clock);
  const told = async (sender: DigestSender) => {
    const before = submitted.length;
    await sender.work();
    const mails = submitted.slice(before).map(async ({ recipients, content }) => {
      const mail = await PostalMime.parse(Buffer.concat(content));
      const subjects = mail.text?.match(/Subject \d+/g) ?? [];
      return `${recipients[0]?.address}: ${subjects.join()}`;
    });
    return Promise.all(mails);
  };
  const fail = (after: number) => {
    failsAfter = after;
  };
  return { clock, sender, keep, told, submitted, fail, mailboxes };
}

test("each mailbox gets one mail with what came since the last one, the newest first", async () => {
  const { clock, sender, keep, told, submitted } = setUp();
  const digests = sender();
  await keep(1, ["alice@contoso.test", "Bob@contoso.test"]);
  clock.advance(MINUTE);
  await keep(2, ["a.smith@contoso.test", "group@contoso.test", "x@elsewhere.test"]);
  assert.deepEqual(await told(digests), [], "it is not eight yet");
  clock.advance(HOUR);
  await keep(3, ["bob@contoso.test"]);
  assert.deepEqual(await told(digests), [
    "alice@contoso.test: Subject 2,Subject 1",
    "bob@contoso.test: Subject 1",
  ]);
  const [first] = submitted;
  assert.equal(first?.message.origin.isReport, true);
  assert.equal(first.message.envelope.sender, "");
  assert.deepEqual(await told(digests), []);
  clock.advance(DAY);
  assert.deepEqual(await told(sender()), ["bob@contoso.test: Subject 3"], "after a restart too");
});

test("links are of one message and one recipient, and end when it does", async () => {
  const { clock, sender, keep, told, submitted } = setUp();
  await keep(7, ["alice@contoso.test", "bob@contoso.test"]);
  const expiresMs = clock.nowMs() + 30 * DAY;
  clock.advance(HOUR);
  await told(sender());
  const mail = await PostalMime.parse(Buffer.concat(submitted[1]?.content ?? []));
  const links = mail.text?.match(/https:\S+/g) ?? [];
  const [view = "", release, allow] = links;
  assert.match(view, /^https:\/\/mail\.contoso\.test:8443\/quarantine\/[\w-]{44}$/);
  assert.deepEqual([release, allow], [`${view}/release`, `${view}/allow`]);
  const token = view.slice(view.lastIndexOf("/") + 1);
  const opened = openQuarantineLink(token, { key: KEY, nowMs: clock.nowMs() });
  assert.deepEqual(opened, { messageId: 7, position: 1, expiresMs });
});

for (const [why, policy, admin, want] of [
  ["what users may not release", "esnEnabled: true, endUserQuarantineTypes: [Bulk]", ADMIN, []],
  ["switched off", "esnEnabled: false", ADMIN, []],
  ["nowhere for links to lead", "esnEnabled: true", "transportThreads: 1", []],
  [
    "an address of its own for links",
    "esnEnabled: true, endUserSpamNotificationUrl: https://q.contoso.test/",
    "transportThreads: 1",
    ["alice@contoso.test: Subject 1"],
  ],
] as const) {
  test(`digest: ${why}`, async () => {
    const { clock, sender, keep, told } = setUp(policy, admin);
    await keep(1, ["alice@contoso.test"]);
    clock.advance(HOUR);
    assert.deepEqual(await told(sender()), want);
  });
}

test("a digest that was broken off goes on where it was, but for the last mails", async () => {
  const { clock, sender, keep, told, submitted, fail, mailboxes } = setUp();
  for (let number = 0; number < 45; number += 1) {
    const address = `user${String(number).padStart(2, "0")}@contoso.test`;
    mailboxes.set(address, address);
    await keep(number + 1, [address]);
  }
  clock.advance(HOUR);
  fail(30);
  await told(sender());
  assert.equal(submitted.length, 30);
  fail(Number.POSITIVE_INFINITY);
  const rest = await told(sender());
  assert.equal(rest.length, 25, "those after the twentieth");
  assert.match(rest[0] ?? "", /^user20@/);
  assert.deepEqual(await told(sender()), []);
});

test("of very many messages the newest are shown, and the others counted", async () => {
  const { clock, sender, keep, submitted } = setUp();
  for (let id = 1; id <= 130; id += 1) {
    clock.advance(1);
    await keep(id, ["alice@contoso.test"]);
  }
  clock.advance(HOUR);
  await sender().work();
  const mail = await PostalMime.parse(Buffer.concat(submitted[0]?.content ?? []));
  const subjects = mail.text?.match(/Subject \d+/g) ?? [];
  assert.deepEqual([subjects.length, subjects[0]], [100, "Subject 130"]);
  assert.match(mail.text ?? "", /There are 30 more/);
});
